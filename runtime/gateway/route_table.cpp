#include "gateway/route_table.hpp"

#include <algorithm>

#include "gateway/digest.hpp"
#include "gateway/openapi.hpp"
#include "gateway/path_template.hpp"

namespace forecourt::gateway {
namespace {

constexpr std::string_view k_method_names[] = {"GET", "PUT", "POST", "DELETE", "PATCH"};

bool below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

Result<std::shared_ptr<const RouteTable>> RouteTable::build(std::vector<http::Service> services,
                                                            std::shared_ptr<Stats> stats) {
  auto table = std::make_shared<RouteTable>();
  table->stats_ = std::move(stats);
  table->nodes_.emplace_back();
  std::vector<json::Document> documents;
  documents.reserve(services.size());
  std::vector<OpenApiPart> parts;
  for (http::Service& given : services) {
    for (const auto& other : table->services_) {
      if (below(given.prefix, other->prefix) || below(other->prefix, given.prefix)) {
        return invalid(given.id + ": prefix " + given.prefix + " overlaps that of " + other->id);
      }
    }
    auto& service = *table->services_.emplace_back(std::make_unique<ServedService>());
    service.id = std::move(given.id);
    service.prefix = std::move(given.prefix);
    service.handler = std::move(given.handler);
    service.unavailable = std::move(given.unavailable);
    if (!service.handler && service.unavailable.empty()) service.unavailable = "not started";
    if (given.openapi.empty()) continue;

    auto document = json::parse(given.openapi, {.depth = 64});
    if (!document) return invalid(service.id + ": openapi.json: " + document.error().message);
    auto operations = read_openapi(service.id, service.prefix, *document);
    if (!operations) return invalid(service.id + ": " + operations.error().message);
    documents.push_back(std::move(*document));
    parts.push_back({service.id, &documents.back()});
    service.operations = std::move(*operations);
    for (const Operation& operation : service.operations.list) {
      table->routes_.push_back(std::make_unique<Route>(
          Route{&operation, &service, table->stats_->operation(service.id, operation.id)}));
      table->insert(*table->routes_.back());
    }
  }
  table->openapi_ = merge_openapi(parts);
  table->openapi_etag_ = "\"" + to_hex(sha256(table->openapi_)).substr(0, 32) + "\"";
  return std::shared_ptr<const RouteTable>(std::move(table));
}

size_t RouteTable::method_index(std::string_view method) {
  if (method == "HEAD") return k_get;
  return static_cast<size_t>(
      std::find(std::begin(k_method_names), std::end(k_method_names), method) -
      std::begin(k_method_names));
}

void RouteTable::insert(const Route& route) {
  uint32_t at = 0;
  std::string_view path = route.operation->path;
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    uint32_t next = 0;
    if (is_parameter(segment)) {
      next = nodes_[at].parameter;
    } else if (const auto found = nodes_[at].literals.find(segment);
               found != nodes_[at].literals.end()) {
      next = found->second;
    }
    if (next == 0) {
      next = static_cast<uint32_t>(nodes_.size());
      nodes_.emplace_back();
      if (is_parameter(segment)) {
        nodes_[at].parameter = next;
      } else {
        nodes_[at].literals.emplace(segment, next);
      }
    }
    at = next;
  }
  Node& node = nodes_[at];
  node.ends_here = true;
  node.routes[method_index(route.operation->method)] = &route;
  node.allow.clear();
  for (size_t i = 0; i < k_methods; ++i) {
    if (!node.routes[i]) continue;
    node.allow += k_method_names[i];
    node.allow += i == k_get ? ", HEAD, " : ", ";
  }
  node.allow += "OPTIONS";
}

const RouteTable::Node* RouteTable::walk(
    uint32_t at, std::string_view path, size_t depth,
    std::array<std::string_view, k_path_parameters_max>& parameters) const {
  const Node& node = nodes_[at];
  if (path.empty()) return node.ends_here ? &node : nullptr;
  const std::string_view segment = take_segment(path);
  if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
    if (const Node* end = walk(literal->second, path, depth, parameters)) return end;
  }
  if (node.parameter == 0 || segment.empty() || depth >= k_path_parameters_max) return nullptr;
  parameters[depth] = segment;
  return walk(node.parameter, path, depth + 1, parameters);
}

RouteMatch RouteTable::match(std::string_view method, std::string_view path) const {
  RouteMatch match;
  const size_t index = method_index(method);
  if (index == k_methods && method != "OPTIONS") {
    match.kind = RouteMatch::Kind::unknown_method;
    return match;
  }
  const Node* node = walk(0, path, 0, match.parameters);
  if (node) {
    match.allow = node->allow;
    if (index == k_methods) {
      match.kind = RouteMatch::Kind::options;
    } else if (node->routes[index]) {
      match.kind = RouteMatch::Kind::found;
      match.route = node->routes[index];
    } else {
      match.kind = RouteMatch::Kind::wrong_method;
    }
    return match;
  }
  for (const auto& service : services_) {
    if (service->operations.list.empty() && !service->unavailable.empty() &&
        below(path, service->prefix)) {
      match.kind = RouteMatch::Kind::unavailable;
      match.service = service.get();
    }
  }
  return match;
}

}  // namespace forecourt::gateway
