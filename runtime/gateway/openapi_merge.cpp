#include <algorithm>
#include <set>

#include "gateway/openapi.hpp"

namespace forecourt::gateway {
namespace {

using json::Document;
using json::Value;
using Allocator = Document::AllocatorType;

constexpr std::string_view k_reference_prefix = "#/components/";

// What the host adds: the problem every refusal is, the credential, the standard headers.
constexpr std::string_view k_frame = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Forecourt",
    "version": "1.0.0",
    "description": "Everything this host serves: the admin API and the plugins that are running. Errors are RFC 9457 problems with a stable code.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
  },
  "servers": [{"url": "/"}],
  "tags": [],
  "paths": {},
  "components": {
    "securitySchemes": {
      "bearer": {"type": "http", "scheme": "bearer", "description": "An API key: Authorization: Bearer <key>."}
    },
    "parameters": {
      "Forecourt-Org": {
        "name": "Forecourt-Org", "in": "header", "required": false,
        "description": "Act for an org below that of the key.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 63}
      },
      "Idempotency-Key": {
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "The same key again gets the same answer and changes nothing.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 257}
      }
    },
    "responses": {
      "400": {"description": "The request is wrong: a parameter, the body or the framing."},
      "401": {"description": "No API key, or one that is unknown or expired."},
      "403": {"description": "The key lacks the scope, or the org is not at or below the key's."},
      "404": {"description": "There is no such thing, or not for this org."},
      "413": {"description": "The body is larger than the operation takes."},
      "415": {"description": "The body's media type is not one the operation takes."},
      "422": {"description": "The Idempotency-Key was used with another request."},
      "429": {"description": "Too many requests."},
      "503": {"description": "Overloaded, shutting down, or the plugin is not available; try again."}
    },
    "schemas": {
      "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
          "type": {"type": "string"},
          "title": {"type": "string"},
          "status": {"type": "integer"},
          "code": {"type": "string", "description": "Stable; for programs."},
          "detail": {"type": "string", "description": "For people."},
          "errors": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "in": {"type": "string", "enum": ["path", "query", "header", "body"]},
                "at": {"type": "string", "description": "A parameter's name, or a JSON pointer into the body."},
                "detail": {"type": "string"}
              }
            }
          }
        }
      }
    }
  }
})json";
constexpr std::string_view k_problem_content =
    R"({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}})";

class Merger {
 public:
  Merger() : allocator_(merged_.GetAllocator()) {
    merged_.CopyFrom(*json::parse(k_frame), allocator_);
    for (auto& response : merged_["components"]["responses"].GetObject()) {
      Value content(*json::parse(k_problem_content), allocator_);
      response.value.AddMember("content", content, allocator_);
    }
  }

  void add(const OpenApiPart& part) {
    id_ = part.id;
    tags(*part.document);
    const Value* components = json::find(*part.document, "components");
    if (components && components->IsObject()) {
      for (const auto& kind : components->GetObject()) component(json::view(kind.name), kind.value);
    }
    for (const auto& path : (*part.document)["paths"].GetObject()) {
      Value item = copy(path.value);
      for (auto& member : item.GetObject()) {
        if (member.value.IsObject()) operation(member.value, json::view(path.name));
      }
      merged_["paths"].AddMember(text(json::view(path.name)), item, allocator_);
    }
  }

  std::string finish() {
    drop_unused_schemas();
    return json::to_text(merged_);
  }

 private:
  Value text(std::string_view view) {
    return Value(view.data(), static_cast<rapidjson::SizeType>(view.size()), allocator_);
  }
  void set(Value& object, std::string_view name, Value value) {
    object.RemoveMember(text(name));
    object.AddMember(text(name), value, allocator_);
  }

  /// A copy whose references lead to this plugin's components.
  Value copy(const Value& value) {
    Value out(value, allocator_);
    rename_references(out);
    return out;
  }
  void rename_references(Value& value) {
    if (value.IsArray()) {
      for (Value& item : value.GetArray()) rename_references(item);
    }
    if (!value.IsObject()) return;
    for (auto& member : value.GetObject()) {
      if (json::view(member.name) != "$ref" || !member.value.IsString()) {
        rename_references(member.value);
        continue;
      }
      const std::string reference(json::view(member.value));
      const size_t slash = reference.find('/', k_reference_prefix.size());
      if (!reference.starts_with(k_reference_prefix) || slash == std::string::npos) continue;
      member.value = text(reference.substr(0, slash + 1) + id_ + "." + reference.substr(slash + 1));
    }
  }

  void component(std::string_view kind, const Value& members) {
    if (kind == "securitySchemes" || !members.IsObject()) return;
    Value& all = merged_["components"];
    if (!json::find(all, kind))
      all.AddMember(text(kind), Value(rapidjson::kObjectType), allocator_);
    Value& into = all.FindMember(text(kind))->value;
    for (const auto& member : members.GetObject()) {
      into.AddMember(text(id_ + "." + std::string(json::view(member.name))), copy(member.value),
                     allocator_);
    }
  }

  void tags(const Document& document) {
    const Value* info = json::find(document, "info");
    const std::string_view title = info ? json::text(*info, "title", id_) : std::string_view(id_);
    tag(id_, info ? json::text(*info, "description", title) : title);
    const Value* tags = json::find(document, "tags");
    if (!tags || !tags->IsArray()) return;
    for (const Value& each : tags->GetArray()) {
      const std::string_view name = json::text(each, "name");
      if (!name.empty()) tag(id_ + ": " + std::string(name), json::text(each, "description", name));
    }
  }
  void tag(std::string_view name, std::string_view description) {
    Value tag(rapidjson::kObjectType);
    tag.AddMember("name", text(name), allocator_);
    tag.AddMember("description", text(description), allocator_);
    merged_["tags"].PushBack(tag, allocator_);
  }

  void operation(Value& operation, std::string_view path) {
    const std::string operation_id(json::text(operation, "operationId"));
    if (operation_id.empty()) return;
    const Value* members = json::find(operation, "x-forecourt");
    if (!members) return;
    const auto flag = [&](const char* name) {
      const Value* value = json::find(*members, name);
      return value && value->IsBool() && value->GetBool();
    };
    const bool is_public = flag("public");
    const bool writes = json::text(*members, "access") == "write";
    set(operation, "operationId", text(id_ + "_" + operation_id));
    if (json::text(operation, "summary").empty()) set(operation, "summary", text(operation_id));
    operation_tags(operation);

    Value security(rapidjson::kArrayType);
    if (!is_public) {
      Value bearer(rapidjson::kObjectType);
      bearer.AddMember("bearer", Value(rapidjson::kArrayType), allocator_);
      security.PushBack(bearer, allocator_);
    }
    set(operation, "security", std::move(security));

    if (!is_public) header(operation, "Forecourt-Org");
    if (!is_public && writes) header(operation, "Idempotency-Key");
    std::vector<const char*> answers = {"400", "429", "503"};
    if (!is_public) answers.insert(answers.end(), {"401", "403"});
    if (path.find('{') != std::string_view::npos) answers.push_back("404");
    if (json::find(operation, "requestBody")) answers.insert(answers.end(), {"413", "415"});
    if (!is_public && writes) answers.push_back("422");
    for (const char* status : answers) answer(operation, status);
  }

  void operation_tags(Value& operation) {
    Value tags(rapidjson::kArrayType);
    const Value* given = json::find(operation, "tags");
    if (given && given->IsArray()) {
      for (const Value& each : given->GetArray()) {
        const std::string name =
            id_ + ": " + (each.IsString() ? std::string(json::view(each)) : "");
        tags.PushBack(text(name), allocator_);
      }
    }
    if (tags.Empty()) tags.PushBack(text(id_), allocator_);
    set(operation, "tags", std::move(tags));
  }

  void header(Value& operation, const char* name) {
    if (!json::find(operation, "parameters")) {
      operation.AddMember("parameters", Value(rapidjson::kArrayType), allocator_);
    }
    Value reference(rapidjson::kObjectType);
    reference.AddMember("$ref", text("#/components/parameters/" + std::string(name)), allocator_);
    operation["parameters"].PushBack(reference, allocator_);
  }

  void answer(Value& operation, const char* status) {
    Value& responses = operation["responses"];
    if (json::find(responses, status)) return;
    Value reference(rapidjson::kObjectType);
    reference.AddMember("$ref", text("#/components/responses/" + std::string(status)), allocator_);
    responses.AddMember(text(status), reference, allocator_);
  }

  /// Only what an operation leads to is published.
  void drop_unused_schemas() {
    std::set<std::string, std::less<>> used;
    collect(merged_["paths"], used);
    for (const auto& kind : merged_["components"].GetObject()) {
      if (json::view(kind.name) != "schemas") collect(kind.value, used);
    }
    Value& schemas = merged_["components"]["schemas"];
    for (auto at = schemas.MemberBegin(); at != schemas.MemberEnd();) {
      at = used.contains(json::view(at->name)) ? at + 1 : schemas.EraseMember(at);
    }
  }
  void collect(const Value& value, std::set<std::string, std::less<>>& used) {
    constexpr std::string_view k_schemas = "#/components/schemas/";
    if (value.IsArray()) {
      for (const Value& item : value.GetArray()) collect(item, used);
    }
    if (!value.IsObject()) return;
    for (const auto& member : value.GetObject()) {
      const bool reference = json::view(member.name) == "$ref" && member.value.IsString();
      if (!reference || !json::view(member.value).starts_with(k_schemas)) {
        collect(member.value, used);
        continue;
      }
      const std::string name(json::view(member.value).substr(k_schemas.size()));
      if (!used.insert(name).second) continue;
      if (const Value* target = json::find(merged_["components"]["schemas"], name))
        collect(*target, used);
    }
  }

  Document merged_;
  Allocator& allocator_;
  std::string id_;
};

}  // namespace

std::string merge_openapi(const std::vector<OpenApiPart>& parts) {
  Merger merger;
  for (const OpenApiPart& part : parts) merger.add(part);
  return merger.finish();
}

}  // namespace forecourt::gateway
