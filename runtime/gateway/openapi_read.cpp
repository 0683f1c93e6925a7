#include <algorithm>
#include <set>

#include "gateway/openapi.hpp"
#include "gateway/path_template.hpp"
#include "gateway/request_head.hpp"

namespace forecourt::gateway {
namespace {

using json::Value;

constexpr int64_t k_timeout_max_ms = 600'000;
constexpr int64_t k_body_max_bytes = int64_t{4} << 30;

const std::string_view k_methods[] = {"get", "put", "post", "delete", "patch"};

bool is_identifier(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  return out;
}

/// Reads one document; the first error stays and ends the work.
class Reader {
 public:
  Reader(const std::string& id, const std::string& prefix, const json::Document& document)
      : id_(id), prefix_(prefix), document_(document), result_{{}, json::SchemaSet(named())} {}

  Result<Operations> read() {
    head();
    components();
    const Value* paths = json::find(document_, "paths");
    if (why_.empty() && (!paths || !paths->IsObject())) fail("paths", "is missing");
    if (why_.empty()) {
      for (const auto& path : paths->GetObject())
        path_item(std::string(json::view(path.name)), path.value);
    }
    if (!why_.empty()) return invalid("openapi.json: " + why_);
    return std::move(result_);
  }

 private:
  const Value* named() const {
    const Value* components = json::find(document_, "components");
    return components ? json::find(*components, "schemas") : nullptr;
  }
  void fail(const std::string& place, const std::string& why) {
    if (why_.empty()) why_ = place + ": " + why;
  }

  void head() {
    if (!document_.IsObject()) return fail("document", "must be an object");
    if (!json::text(document_, "openapi").starts_with("3.1.")) fail("openapi", "must be \"3.1.0\"");
    const Value* info = json::find(document_, "info");
    if (!info || json::text(*info, "title").empty()) fail("info.title", "is missing");
  }

  /// Checked even where nothing refers to them yet: they are part of the merged document.
  void components() {
    const Value* schemas = named();
    if (!schemas) return;
    if (!schemas->IsObject()) return fail("components.schemas", "must be an object");
    for (const auto& schema : schemas->GetObject()) {
      compile(schema.value, "components.schemas." + std::string(json::view(schema.name)));
    }
  }

  const json::Schema* compile(const Value& schema, const std::string& place) {
    if (!why_.empty()) return nullptr;
    auto compiled = result_.schemas.compile(schema, place);
    if (compiled) return *compiled;
    if (why_.empty()) why_ = compiled.error().message;
    return nullptr;
  }

  void path_item(const std::string& path, const Value& item) {
    const std::string place = "paths." + path;
    if (path != prefix_ && !path.starts_with(prefix_ + "/")) {
      return fail(place, "must be " + prefix_ + " or below it");
    }
    if (const std::string why = check_path_template(path); !why.empty()) return fail(place, why);
    if (!item.IsObject()) return fail(place, "must be an object");
    for (const auto& other : shapes_) {
      if (other != path && same_shape(other, path)) return fail(place, "is the same as " + other);
    }
    shapes_.push_back(path);
    for (const auto& member : item.GetObject()) {
      const std::string_view name = json::view(member.name);
      if (std::find(std::begin(k_methods), std::end(k_methods), name) != std::end(k_methods)) {
        operation(path, name, item, member.value, place + "." + std::string(name));
      } else if (name != "parameters" && name != "summary" && name != "description" &&
                 !name.starts_with("x-")) {
        fail(place, "\"" + std::string(name) + "\" is not supported");
      }
    }
  }

  void operation(const std::string& path, std::string_view method, const Value& item,
                 const Value& value, const std::string& place) {
    if (!value.IsObject()) return fail(place, "must be an object");
    Operation op;
    op.index = static_cast<uint32_t>(result_.list.size());
    op.method = upper(method);
    op.path = path;
    op.id = json::text(value, "operationId");
    if (!is_identifier(op.id)) fail(place, "operationId must be 1 to 64 of A-Z a-z 0-9 _ -");
    if (!ids_.insert(op.id).second) fail(place, "operationId \"" + op.id + "\" is used twice");
    const Value* responses = json::find(value, "responses");
    if (!responses || !responses->IsObject() || responses->ObjectEmpty()) {
      fail(place + ".responses", "at least one answer must be described");
    } else {
      check_answers(*responses, place + ".responses");
    }
    forecourt_members(op, json::find(value, "x-forecourt"), place + ".x-forecourt");
    if (const Value* shared = json::find(item, "parameters"))
      parameters(op, *shared, "paths." + path + ".parameters");
    if (const Value* own = json::find(value, "parameters"))
      parameters(op, *own, place + ".parameters");
    check_path_parameters(op, place);
    if (const Value* body = json::find(value, "requestBody"))
      request_body(op, *body, place + ".requestBody");
    result_.list.push_back(std::move(op));
  }

  /// What plugins answer is not validated, but its schemas are published: the same keywords.
  void check_answers(const Value& responses, const std::string& place) {
    for (const auto& response : responses.GetObject()) {
      const std::string at = place + "." + std::string(json::view(response.name));
      const Value* content = json::find(response.value, "content");
      if (!content || !content->IsObject()) continue;
      for (const auto& media : content->GetObject()) {
        const Value* schema = json::find(media.value, "schema");
        if (schema) compile(*schema, at + ".content." + std::string(json::view(media.name)));
      }
    }
  }

  void forecourt_members(Operation& op, const Value* members, const std::string& place) {
    if (!members || !members->IsObject()) return fail(place, "is missing");
    bool has_access = false;
    for (const auto& member : members->GetObject()) {
      const std::string_view name = json::view(member.name);
      const std::string at = place + "." + std::string(name);
      const Value& v = member.value;
      if (name == "access") {
        has_access = true;
        const std::string_view access = v.IsString() ? json::view(v) : "";
        if (access != "none" && access != "read" && access != "write") {
          fail(at, "must be \"none\", \"read\" or \"write\"");
        }
        op.access = access == "write"  ? Access::write
                    : access == "read" ? Access::read
                                       : Access::none;
      } else if (name == "scope") {
        if (!v.IsString() || !is_identifier(json::view(v)))
          return fail(at, "must be a verb, like \"redeem\"");
        op.scope = json::view(v);
      } else if (name == "public" || name == "inline" || name == "secret_answer" ||
                 name == "audit") {
        if (!v.IsBool()) return fail(at, "must be true or false");
        (name == "public"   ? op.is_public
         : name == "inline" ? op.runs_inline
         : name == "audit"  ? op.audited
                            : op.secret_answer) = v.GetBool();
      } else if (name == "timeout_ms") {
        op.timeout_ms = whole(v, k_timeout_max_ms, at);
      } else if (name == "body_max_bytes") {
        op.body_max_bytes = whole(v, k_body_max_bytes, at);
      } else {
        fail(at, "is not a known member");
      }
    }
    if (!has_access) fail(place + ".access", "is missing");
    if (op.scope.empty() && !op.is_public)
      fail(place + ".scope", "is missing (or say \"public\": true)");
    if (op.runs_inline && op.access != Access::none)
      fail(place + ".inline", "only goes with access \"none\"");
    if (op.audited && op.access != Access::write)
      fail(place + ".audit", "only goes with access \"write\": an entry is part of a commit");
  }

  int64_t whole(const Value& v, int64_t most, const std::string& at) {
    if (v.IsInt64() && v.GetInt64() > 0 && v.GetInt64() <= most) return v.GetInt64();
    fail(at, "must be a whole number from 1 to " + std::to_string(most));
    return 0;
  }

  void parameters(Operation& op, const Value& list, const std::string& place) {
    if (!list.IsArray()) return fail(place, "must be a list");
    for (rapidjson::SizeType i = 0; i < list.Size(); ++i) {
      parameter(op, list[i], place + "[" + std::to_string(i) + "]");
    }
  }

  void parameter(Operation& op, const Value& value, const std::string& place) {
    ParameterRule rule;
    rule.name = json::text(value, "name");
    if (rule.name.empty())
      return fail(place + ".name", "is missing (a $ref is not supported here)");
    const std::string_view in = json::text(value, "in");
    if (in != "path" && in != "query" && in != "header")
      return fail(place + ".in", "must be path, query or header");
    rule.in = in == "path" ? http::In::path : in == "query" ? http::In::query : http::In::header;
    if (rule.in == http::In::header && is_host_header(rule.name)) {
      return fail(place, "header " + rule.name + " belongs to the host and never reaches a plugin");
    }
    const Value* required = json::find(value, "required");
    rule.required = required && required->IsBool() && required->GetBool();
    if (rule.in == http::In::path && !rule.required)
      fail(place, "a path parameter must be required");
    for (const std::string_view name : {"style", "explode", "content", "allowReserved"}) {
      if (json::find(value, name)) fail(place, "\"" + std::string(name) + "\" is not supported");
    }
    const Value* schema = json::find(value, "schema");
    if (!schema) return fail(place + ".schema", "is missing");
    rule.schema = compile(*schema, place + ".schema");
    if (!rule.schema) return;
    rule.type = rule.schema->scalar_type();
    if (rule.type.empty())
      fail(place + ".schema.type", "must be one of string, integer, number, boolean");
    const auto twice =
        std::find_if(op.parameters.begin(), op.parameters.end(), [&](const ParameterRule& p) {
          return p.in == rule.in && (rule.in == http::In::header ? equal_names(p.name, rule.name)
                                                                 : p.name == rule.name);
        });
    // An operation may replace a parameter of its path.
    if (twice != op.parameters.end()) {
      *twice = std::move(rule);
    } else {
      op.parameters.push_back(std::move(rule));
    }
  }

  static bool is_host_header(std::string_view name) {
    for (const std::string_view host :
         {"authorization", "cookie", "host", "connection", "content-length", "content-type",
          "transfer-encoding", "te", "expect", "accept", "forecourt-org", "idempotency-key",
          "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
          "x-forwarded-proto", "x-real-ip"}) {
      if (equal_names(name, host)) return true;
    }
    return name.find('_') != std::string_view::npos;
  }

  void check_path_parameters(Operation& op, const std::string& place) {
    const std::vector<std::string_view> names = template_parameters(op.path);
    for (ParameterRule& rule : op.parameters) {
      if (rule.in != http::In::path) continue;
      const auto at = std::find(names.begin(), names.end(), rule.name);
      if (at == names.end()) fail(place, "path parameter \"" + rule.name + "\" is not in the path");
      rule.path_segment = static_cast<uint32_t>(at - names.begin());
    }
    for (const std::string_view name : names) {
      const bool declared = std::any_of(
          op.parameters.begin(), op.parameters.end(),
          [&](const ParameterRule& p) { return p.in == http::In::path && p.name == name; });
      if (!declared) fail(place, "path parameter \"" + std::string(name) + "\" is not declared");
    }
  }

  void request_body(Operation& op, const Value& body, const std::string& place) {
    if (op.method == "GET") return fail(place, "GET takes no body");
    const Value* required = json::find(body, "required");
    op.body_required = required && required->IsBool() && required->GetBool();
    const Value* content = json::find(body, "content");
    if (!content || !content->IsObject() || content->ObjectEmpty()) {
      return fail(place + ".content", "must name at least one media type");
    }
    for (const auto& media : content->GetObject()) {
      BodyRule rule;
      rule.media_type = json::view(media.name);
      for (char& c : rule.media_type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
      const std::string at = place + ".content." + rule.media_type;
      if (rule.media_type.find('/') == std::string::npos ||
          rule.media_type.find(';') != std::string::npos) {
        fail(at, "must be a media type without parameters");
      }
      const Value* schema = json::find(media.value, "schema");
      if (schema && schema->IsObject() && !schema->ObjectEmpty()) {
        const bool is_json =
            rule.media_type == "application/json" || rule.media_type.ends_with("+json");
        if (!is_json) fail(at, "only JSON can have a schema; leave it out to take raw bytes");
        rule.schema = compile(*schema, at + ".schema");
      }
      op.bodies.push_back(std::move(rule));
    }
  }

  const std::string& id_;
  const std::string& prefix_;
  const json::Document& document_;
  Operations result_;
  std::set<std::string> ids_;
  std::vector<std::string> shapes_;
  std::string why_;
};

}  // namespace

Result<Operations> read_openapi(const std::string& id, const std::string& prefix,
                                const json::Document& document) {
  return Reader(id, prefix, document).read();
}

Result<void> check_openapi(const std::string& id, const std::string& prefix,
                           const std::string& text) {
  auto document = json::parse(text, {.depth = 64});
  if (!document) return invalid("openapi.json: " + document.error().message);
  auto operations = read_openapi(id, prefix, *document);
  if (!operations) return operations.error();
  return {};
}

}  // namespace forecourt::gateway
