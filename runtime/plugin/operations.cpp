#include "plugin/operations.hpp"

#include <algorithm>
#include <functional>

#include "base/json.hpp"

namespace forecourt::plugin {
namespace {

constexpr json::Limits k_document_limits{64};

bool is_method(std::string_view name) {
  static constexpr std::string_view k_methods[] = {"get",     "put",  "post",  "delete",
                                                   "options", "head", "patch", "trace"};
  return std::ranges::find(k_methods, name) != std::end(k_methods);
}

bool flag(const json::Value& object, std::string_view name) {
  const json::Value* value = json::find(object, name);
  return value && value->IsBool() && value->GetBool();
}

Result<Access> read_access(std::string_view text, const std::string& place) {
  if (text == "none") return Access::none;
  if (text == "read") return Access::read;
  if (text == "write") return Access::write;
  return invalid(place + ": x-forecourt.access must be \"none\", \"read\" or \"write\"");
}

using Visit = std::function<Result<void>(json::Value& operation, const std::string& place)>;

Result<void> each_operation(json::Document& document, const std::string& place,
                            const Visit& visit) {
  const auto paths =
      document.IsObject() ? document.FindMember("paths") : json::Value::MemberIterator();
  if (!document.IsObject() || paths == document.MemberEnd() || !paths->value.IsObject()) {
    return invalid(place + ": paths: must be an object");
  }
  for (auto& path : paths->value.GetObject()) {
    if (!path.value.IsObject())
      return invalid(place + ": paths." + path.name.GetString() + ": must be an object");
    for (auto& member : path.value.GetObject()) {
      if (!is_method(json::view(member.name))) continue;
      const std::string at =
          place + ": " + std::string(member.name.GetString()) + " " + path.name.GetString();
      if (!member.value.IsObject()) return invalid(at + ": must be an object");
      if (auto visited = visit(member.value, at); !visited) return visited;
    }
  }
  return {};
}

}  // namespace

Result<std::vector<Operation>> read_operations(std::string_view openapi, const std::string& place) {
  auto document = json::parse(openapi, k_document_limits);
  if (!document) return invalid(place + ": " + document.error().message);
  std::vector<Operation> operations;
  auto visited = each_operation(
      *document, place, [&](json::Value& one, const std::string& at) -> Result<void> {
        Operation operation;
        operation.id = json::text(one, "operationId");
        if (operation.id.empty()) return invalid(at + ": operationId is missing");
        for (const Operation& other : operations) {
          if (other.id == operation.id)
            return invalid(at + ": operationId \"" + operation.id + "\" is used twice");
        }
        const json::Value* ours = json::find(one, "x-forecourt");
        if (!ours || !ours->IsObject()) return invalid(at + ": x-forecourt is missing");
        auto access = read_access(json::text(*ours, "access"), at);
        if (!access) return access.error();
        operation.access = *access;
        operation.is_inline = flag(*ours, "inline");
        operation.secret_answer = flag(*ours, "secret_answer");
        if (operation.is_inline && operation.access != Access::none) {
          return invalid(at + ": x-forecourt.inline goes with access \"none\" only");
        }
        operation.audited = flag(*ours, "audit");
        if (operation.audited && operation.access != Access::write) {
          return invalid(at + ": x-forecourt.audit goes with access \"write\" only: an entry is " +
                         "part of a commit");
        }
        operations.push_back(std::move(operation));
        return {};
      });
  if (!visited) return visited.error();
  return operations;
}

Result<std::string> with_default_limits(std::string_view openapi, const config::Limits& limits) {
  auto document = json::parse(openapi, k_document_limits);
  if (!document) return document.error();
  auto& allocator = document->GetAllocator();
  auto visited = each_operation(
      *document, "openapi.json", [&](json::Value& one, const std::string&) -> Result<void> {
        const auto ours = one.FindMember("x-forecourt");
        if (ours == one.MemberEnd() || !ours->value.IsObject()) return {};
        if (!ours->value.HasMember("timeout_ms"))
          ours->value.AddMember("timeout_ms", limits.timeout_ms, allocator);
        if (!ours->value.HasMember("body_max_bytes")) {
          ours->value.AddMember("body_max_bytes", limits.body_max_bytes, allocator);
        }
        return {};
      });
  if (!visited) return visited.error();
  return json::to_text(*document);
}

}  // namespace forecourt::plugin
