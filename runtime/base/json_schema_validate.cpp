#include <algorithm>
#include <unordered_map>

#include "base/json_schema.hpp"
#include "base/utf8.hpp"

namespace forecourt::json {
namespace {

/// Matching costs up to the pattern's size per character, on the thread that serves everyone.
constexpr size_t k_pattern_text_max = 16 * 1024;

uint64_t characters(std::string_view text) {
  uint64_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

/// -1, 0 or 1; integers are compared as integers.
int compare(const Value& a, const Value& b) {
  if (a.IsInt64() && b.IsInt64()) {
    return a.GetInt64() < b.GetInt64() ? -1 : a.GetInt64() > b.GetInt64();
  }
  if (a.IsUint64() && b.IsUint64()) {
    return a.GetUint64() < b.GetUint64() ? -1 : a.GetUint64() > b.GetUint64();
  }
  return a.GetDouble() < b.GetDouble() ? -1 : a.GetDouble() > b.GetDouble();
}

/// Equal values have equal hashes.
size_t hash_of(const Value& value) {
  if (value.IsString()) return std::hash<std::string_view>{}(view(value));
  if (value.IsNumber()) return std::hash<double>{}(value.GetDouble());
  size_t hash = static_cast<size_t>(value.GetType()) + 0x9E3779B97F4A7C15u;
  if (value.IsArray()) {
    for (const Value& item : value.GetArray()) hash = hash * 31 + hash_of(item);
  }
  if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      hash += hash_of(member.name) * 31 ^ hash_of(member.value);
    }
  }
  return hash;
}

bool all_unique(const Value& array) {
  std::unordered_multimap<size_t, const Value*> seen;
  for (const Value& item : array.GetArray()) {
    const size_t hash = hash_of(item);
    const auto [first, last] = seen.equal_range(hash);
    for (auto at = first; at != last; ++at) {
      if (equal(*at->second, item)) return false;
    }
    seen.emplace(hash, &item);
  }
  return true;
}

void append_escaped(std::string& out, std::string_view name) {
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
}

}  // namespace

bool equal(const Value& a, const Value& b) {
  if (a.IsNumber() && b.IsNumber()) return compare(a, b) == 0;
  if (a.GetType() != b.GetType()) return false;
  if (a.IsString()) return view(a) == view(b);
  if (a.IsArray()) {
    return a.Size() == b.Size() && std::equal(a.Begin(), a.End(), b.Begin(), equal);
  }
  if (!a.IsObject()) return true;
  if (a.MemberCount() != b.MemberCount()) return false;
  return std::all_of(a.MemberBegin(), a.MemberEnd(), [&](const auto& member) {
    const Value* other = find(b, view(member.name));
    return other && equal(member.value, *other);
  });
}

/// Where in the document a value stands: linked through the recursion, written out only for an
/// error.
struct Schema::Frame {
  const Frame* parent = nullptr;
  std::string_view name;
  int64_t index = -1;

  void append(std::string& out) const {
    if (parent) parent->append(out);
    out += '/';
    if (index >= 0) {
      out += std::to_string(index);
    } else {
      append_escaped(out, name);
    }
  }
};

/// Where errors go; without a list it only matters whether there are any.
struct Schema::Report {
  std::vector<SchemaError>* errors = nullptr;
  size_t errors_max = 0;

  bool full() const { return !errors || errors->size() >= errors_max; }
  /// Always false, so that checks can return it.
  bool add(const Frame* frame, std::string detail) {
    if (full()) return false;
    SchemaError& error = errors->emplace_back();
    if (frame) frame->append(error.at);
    error.detail = std::move(detail);
    return false;
  }
};

bool Schema::validate(const Value& value, std::vector<SchemaError>& errors,
                      size_t errors_max) const {
  Report report{&errors, errors_max};
  return check(value, nullptr, report);
}

const Schema* Schema::property(std::string_view name) const {
  const auto at =
      std::lower_bound(properties_.begin(), properties_.end(), name,
                       [](const Property& p, std::string_view n) { return p.name < n; });
  return at != properties_.end() && at->name == name ? at->schema : nullptr;
}

bool Schema::check(const Value& value, const Frame* frame, Report& report) const {
  if (types_ != k_any && !check_type(value, frame, report)) return false;
  bool good = true;
  const auto all = [&](bool result) {
    good = good && result;
    return good || !report.full();
  };
  if (enumeration_ && !all(check_enumeration(value, frame, report))) return false;
  if (value.IsString() && !all(check_string(value, frame, report))) return false;
  if (value.IsNumber() && !all(check_number(value, frame, report))) return false;
  if (value.IsArray() && !all(check_array(value, frame, report))) return false;
  if (value.IsObject() && !all(check_object(value, frame, report))) return false;
  if (reference_ && !all(reference_->check(value, frame, report))) return false;
  return all(check_combined(value, frame, report)) && good;
}

bool Schema::check_type(const Value& value, const Frame* frame, Report& report) const {
  uint8_t type = 0;
  switch (value.GetType()) {
    case rapidjson::kNullType: type = null; break;
    case rapidjson::kFalseType:
    case rapidjson::kTrueType: type = boolean; break;
    case rapidjson::kObjectType: type = object; break;
    case rapidjson::kArrayType: type = array; break;
    case rapidjson::kStringType: type = string; break;
    case rapidjson::kNumberType: type = value.IsInt64() ? number | integer : number; break;
  }
  if (types_ & type) return true;
  if (types_ == 0) return report.add(frame, "is not allowed");
  if ((types_ & integer) && type == number) {
    return report.add(
        frame, value.IsUint64() || (value.IsDouble() &&
                                    (value.GetDouble() >= 9.2e18 || value.GetDouble() <= -9.2e18))
                   ? "must be an integer of 64 bits; this one is too large"
                   : "must be an integer, written without fraction or exponent");
  }
  if (report.full()) return false;
  return report.add(frame, "must be " + names_of(types_) + ", not " + name_of(value));
}

bool Schema::check_enumeration(const Value& value, const Frame* frame, Report& report) const {
  for (const Value& allowed : enumeration_->value.GetArray()) {
    if (equal(allowed, value)) return true;
  }
  if (report.full()) return false;
  std::string list;
  for (const Value& allowed : enumeration_->value.GetArray()) {
    if (!list.empty()) list += ", ";
    list += to_text(allowed);
  }
  return report.add(frame, "must be one of " + list);
}

bool Schema::check_string(const Value& value, const Frame* frame, Report& report) const {
  const std::string_view text = view(value);
  if (length_max_ != UINT64_MAX && text.size() > length_max_ && characters(text) > length_max_) {
    return report.add(frame, "must be at most " + std::to_string(length_max_) + " characters long");
  }
  if (length_min_ > 0 && characters(text) < length_min_) {
    return report.add(frame, length_min_ == 1 ? std::string("must not be empty")
                                              : "must be at least " + std::to_string(length_min_) +
                                                    " characters long");
  }
  if (format_ != TextFormat::none && !has_format(text, format_)) {
    return report.add(frame, "must be a " + format_name_);
  }
  if (!pattern_) return true;
  if (text.size() > k_pattern_text_max) {
    return report.add(frame, "is too long to be matched against a pattern");
  }
  if (pattern_->matches(text)) return true;
  return report.add(frame, "must match the pattern " + pattern_text_);
}

bool Schema::check_number(const Value& value, const Frame* frame, Report& report) const {
  if (minimum_ && compare(value, minimum_->value) < 0) {
    return report.add(frame, "must be at least " + to_text(minimum_->value));
  }
  if (maximum_ && compare(value, maximum_->value) > 0) {
    return report.add(frame, "must be at most " + to_text(maximum_->value));
  }
  if (format_ == TextFormat::int32 && !value.IsInt()) {
    return report.add(frame, "must be an integer of 32 bits");
  }
  return true;
}

bool Schema::check_array(const Value& value, const Frame* frame, Report& report) const {
  if (value.Size() < items_min_) {
    return report.add(frame, "must have at least " + std::to_string(items_min_) + " items");
  }
  if (value.Size() > items_max_) {
    return report.add(frame, "must have at most " + std::to_string(items_max_) + " items");
  }
  bool good = true;
  for (rapidjson::SizeType i = 0; items_ && i < value.Size(); ++i) {
    const Frame item{frame, {}, static_cast<int64_t>(i)};
    good = items_->check(value[i], &item, report) && good;
    if (!good && report.full()) return false;
  }
  if (unique_items_ && !all_unique(value)) return report.add(frame, "must not hold an item twice");
  return good;
}

bool Schema::check_object(const Value& value, const Frame* frame, Report& report) const {
  bool good = true;
  for (const std::string& name : required_) {
    if (find(value, name)) continue;
    const Frame member{frame, name};
    good = report.add(&member, "is required");
    if (report.full()) return false;
  }
  if (properties_.empty() && additional_allowed_ && !additional_) return good;
  for (const auto& entry : value.GetObject()) {
    const Frame member{frame, view(entry.name)};
    const Schema* schema = property(member.name);
    if (!schema) schema = additional_;
    if (schema) {
      good = schema->check(entry.value, &member, report) && good;
    } else if (!additional_allowed_) {
      good = report.add(&member, "is not a known member");
    }
    if (!good && report.full()) return false;
  }
  return good;
}

bool Schema::check_combined(const Value& value, const Frame* frame, Report& report) const {
  bool good = true;
  for (const Schema* part : all_of_) {
    good = part->check(value, frame, report) && good;
    if (!good && report.full()) return false;
  }
  const auto matching = [&](const std::vector<const Schema*>& schemas) {
    return std::count_if(schemas.begin(), schemas.end(), [&](const Schema* schema) {
      Report quiet;
      return schema->check(value, frame, quiet);
    });
  };
  if (!any_of_.empty() && matching(any_of_) == 0) {
    good = report.add(frame,
                      "matches none of the " + std::to_string(any_of_.size()) + " allowed forms");
  }
  if (!one_of_.empty()) {
    const auto count = matching(one_of_);
    if (count != 1) {
      good = report.add(frame,
                        (count == 0 ? "matches none of the " : "matches more than one of the ") +
                            std::to_string(one_of_.size()) + " allowed forms");
    }
  }
  Report quiet;
  if (not_ && not_->check(value, frame, quiet))
    good = report.add(frame, "has a form that is not allowed");
  return good;
}

std::string Schema::names_of(uint8_t types) {
  constexpr std::pair<uint8_t, const char*> k_names[] = {
      {object, "an object"}, {array, "an array"},    {string, "a string"}, {integer, "an integer"},
      {number, "a number"},  {boolean, "a boolean"}, {null, "null"}};
  std::string list;
  for (const auto& [bit, name] : k_names) {
    if (!(types & bit)) continue;
    if (!list.empty()) list += " or ";
    list += name;
  }
  return list;
}

const char* Schema::name_of(const Value& value) {
  switch (value.GetType()) {
    case rapidjson::kNullType: return "null";
    case rapidjson::kFalseType:
    case rapidjson::kTrueType: return "a boolean";
    case rapidjson::kObjectType: return "an object";
    case rapidjson::kArrayType: return "an array";
    case rapidjson::kStringType: return "a string";
    default: return "a number";
  }
}

}  // namespace forecourt::json
