#include <algorithm>
#include <set>

#include "base/json_schema.hpp"

namespace forecourt::json {
namespace {

constexpr std::string_view k_reference_prefix = "#/components/schemas/";

bool is_annotation(std::string_view name) {
  constexpr std::string_view k_annotations[] = {"title",    "description", "default",
                                                "example",  "examples",    "deprecated",
                                                "readOnly", "writeOnly",   "$comment"};
  if (name.starts_with("x-")) return true;
  return std::find(std::begin(k_annotations), std::end(k_annotations), name) !=
         std::end(k_annotations);
}

}  // namespace

/// Compiles one schema, keyword by keyword; the first error stays.
class SchemaCompiler {
 public:
  explicit SchemaCompiler(SchemaSet& set) : set_(set) {}

  const Schema* compile(const Value& value, const std::string& place) {
    Schema* schema = set_.schemas_.emplace_back(std::make_unique<Schema>()).get();
    fill(*schema, value, place);
    return schema;
  }
  const std::string& why() const { return why_; }

  /// A schema that applies itself to the same value would never end.
  bool endless(const Schema* schema) {
    if (finished_.contains(schema)) return false;
    if (!open_.insert(schema).second) return true;
    std::vector<const Schema*> same_value = schema->all_of_;
    same_value.insert(same_value.end(), schema->any_of_.begin(), schema->any_of_.end());
    same_value.insert(same_value.end(), schema->one_of_.begin(), schema->one_of_.end());
    same_value.push_back(schema->reference_);
    same_value.push_back(schema->not_);
    for (const Schema* next : same_value) {
      if (next && endless(next)) return true;
    }
    open_.erase(schema);
    finished_.insert(schema);
    return false;
  }

 private:
  void fail(const std::string& place, const std::string& why) {
    if (why_.empty()) why_ = place + ": " + why;
  }

  void fill(Schema& schema, const Value& value, const std::string& place) {
    if (++depth_ > 64) fail(place, "schemas nested too deeply");
    if (value.IsBool()) {
      if (!value.GetBool()) schema.types_ = 0;
    } else if (!value.IsObject()) {
      fail(place, "a schema must be an object");
    } else {
      for (const auto& member : value.GetObject()) {
        if (!why_.empty()) break;
        const std::string_view name = view(member.name);
        const std::string at = place + "." + std::string(name);
        if (!keyword(schema, name, member.value, at) && !is_annotation(name)) {
          fail(place, "keyword \"" + std::string(name) + "\" is not supported");
        }
      }
    }
    --depth_;
  }

  /// False when the keyword is unknown.
  bool keyword(Schema& s, std::string_view name, const Value& v, const std::string& at) {
    if (name == "type") return types(s, v, at), true;
    if (name == "enum") {
      if (!v.IsArray() || v.Empty()) return fail(at, "must be a list of values"), true;
      s.enumeration_ = std::make_unique<const Schema::Literal>(v);
      return true;
    }
    if (name == "properties") return properties(s, v, at), true;
    if (name == "required") return required(s, v, at), true;
    if (name == "additionalProperties") {
      if (v.IsBool()) {
        s.additional_allowed_ = v.GetBool();
      } else {
        s.additional_ = compile(v, at);
      }
      return true;
    }
    if (name == "items") return s.items_ = compile(v, at), true;
    if (name == "minItems") return count(s.items_min_, v, at), true;
    if (name == "maxItems") return count(s.items_max_, v, at), true;
    if (name == "minLength") return count(s.length_min_, v, at), true;
    if (name == "maxLength") return count(s.length_max_, v, at), true;
    if (name == "uniqueItems") {
      if (!v.IsBool()) return fail(at, "must be true or false"), true;
      s.unique_items_ = v.GetBool();
      return true;
    }
    if (name == "pattern") return pattern(s, v, at), true;
    if (name == "minimum" || name == "maximum") {
      if (!v.IsNumber()) return fail(at, "must be a number"), true;
      (name == "minimum" ? s.minimum_ : s.maximum_) = std::make_unique<const Schema::Literal>(v);
      return true;
    }
    if (name == "format") return format(s, v, at), true;
    if (name == "$ref") return reference(s, v, at), true;
    if (name == "allOf") return list(s.all_of_, v, at), true;
    if (name == "anyOf") return list(s.any_of_, v, at), true;
    if (name == "oneOf") return list(s.one_of_, v, at), true;
    if (name == "not") return s.not_ = compile(v, at), true;
    return false;
  }

  void types(Schema& s, const Value& v, const std::string& at) {
    s.types_ = 0;
    const auto add = [&](const Value& name) {
      constexpr std::pair<std::string_view, uint8_t> k_names[] = {
          {"null", Schema::null},    {"boolean", Schema::boolean}, {"object", Schema::object},
          {"array", Schema::array},  {"number", Schema::number},   {"integer", Schema::integer},
          {"string", Schema::string}};
      for (const auto& [known, bit] : k_names) {
        if (name.IsString() && view(name) == known) {
          s.types_ |= bit;
          return;
        }
      }
      fail(at, "must name JSON types: null, boolean, object, array, number, integer, string");
    };
    if (!v.IsArray()) return add(v);
    for (const Value& name : v.GetArray()) add(name);
  }

  void properties(Schema& s, const Value& v, const std::string& at) {
    if (!v.IsObject()) return fail(at, "must be an object");
    for (const auto& member : v.GetObject()) {
      const std::string name(view(member.name));
      s.properties_.push_back({name, compile(member.value, at + "." + name)});
    }
    std::sort(s.properties_.begin(), s.properties_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }

  void required(Schema& s, const Value& v, const std::string& at) {
    if (!v.IsArray()) return fail(at, "must be a list of names");
    for (const Value& name : v.GetArray()) {
      if (!name.IsString()) return fail(at, "must be a list of names");
      s.required_.emplace_back(view(name));
    }
  }

  void count(uint64_t& into, const Value& v, const std::string& at) {
    if (!v.IsUint64()) return fail(at, "must be a whole number, not negative");
    into = v.GetUint64();
  }

  void pattern(Schema& s, const Value& v, const std::string& at) {
    if (!v.IsString()) return fail(at, "must be a string");
    auto compiled = Pattern::compile(view(v));
    if (!compiled) return fail(at, compiled.error().message);
    s.pattern_ = std::make_unique<const Pattern>(std::move(*compiled));
    s.pattern_text_ = view(v);
  }

  void format(Schema& s, const Value& v, const std::string& at) {
    if (!v.IsString() || !parse_text_format(view(v), s.format_)) {
      return fail(at, "must be one the host checks: date-time, date, uuid, uri, int64, int32");
    }
    s.format_name_ = view(v);
  }

  void list(std::vector<const Schema*>& into, const Value& v, const std::string& at) {
    if (!v.IsArray() || v.Empty()) return fail(at, "must be a list of schemas");
    for (rapidjson::SizeType i = 0; i < v.Size(); ++i) {
      into.push_back(compile(v[i], at + "[" + std::to_string(i) + "]"));
    }
  }

  void reference(Schema& s, const Value& v, const std::string& at) {
    if (!v.IsString() || !view(v).starts_with(k_reference_prefix)) {
      return fail(at, "must start with \"" + std::string(k_reference_prefix) + "\"");
    }
    const std::string name(view(v).substr(k_reference_prefix.size()));
    if (const auto known = set_.compiled_.find(name); known != set_.compiled_.end()) {
      s.reference_ = known->second;
      return;
    }
    const Value* target = set_.named_ ? find(*set_.named_, name) : nullptr;
    if (!target) return fail(at, "there is no schema \"" + name + "\" under components.schemas");
    Schema* schema = set_.schemas_.emplace_back(std::make_unique<Schema>()).get();
    // Known before it is filled: a schema may refer to itself, as a tree does.
    set_.compiled_.emplace(name, schema);
    s.reference_ = schema;
    fill(*schema, *target, "components.schemas." + name);
  }

  SchemaSet& set_;
  std::string why_;
  int depth_ = 0;
  std::set<const Schema*> open_;
  std::set<const Schema*> finished_;
};

Result<const Schema*> SchemaSet::compile(const Value& schema, const std::string& place) {
  SchemaCompiler compiler(*this);
  const Schema* compiled = compiler.compile(schema, place);
  if (!compiler.why().empty()) return invalid(compiler.why());
  for (const auto& each : schemas_) {
    if (compiler.endless(each.get()))
      return invalid(place + ": a schema refers to itself without end");
  }
  return compiled;
}

std::string_view Schema::scalar_type() const {
  const Schema* schema = this;
  while (schema->types_ == k_any && schema->reference_) schema = schema->reference_;
  switch (schema->types_ & ~null) {
    case integer: return "integer";
    case number: return "number";
    case number | integer: return "number";
    case boolean: return "boolean";
    case string: return "string";
    default: return "";
  }
}

}  // namespace forecourt::json
