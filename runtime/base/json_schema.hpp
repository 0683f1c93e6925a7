#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/pattern.hpp"
#include "base/text_format.hpp"

namespace forecourt::json {

struct SchemaError {
  std::string at;      ///< JSON pointer of the value that is wrong; empty: the whole document
  std::string detail;  ///< "must be an integer, not a string"
};

/// One compiled JSON schema of the keywords listed at SchemaSet. Immutable once compiled,
/// thread-safe. Integers are 64-bit and written without fraction or exponent: 2^63 and 1.0 are no
/// integers here.
class Schema {
 public:
  /// Appends up to `errors_max` errors; true when there are none.
  bool validate(const Value& value, std::vector<SchemaError>& errors, size_t errors_max = 20) const;
  /// "integer", "number", "boolean" or "string" when values must have this one type (or null); else
  /// "". A parameter given as text is converted by it.
  std::string_view scalar_type() const;

 private:
  friend class SchemaSet;
  friend class SchemaCompiler;
  struct Frame;
  struct Report;
  enum Type : uint8_t {
    null = 1,
    boolean = 2,
    object = 4,
    array = 8,
    number = 16,
    integer = 32,
    string = 64
  };
  static constexpr uint8_t k_any = 0xFF;
  static std::string names_of(uint8_t types);
  static const char* name_of(const Value& value);

  /// A value of the schema's own, in as little memory as it needs.
  struct Literal {
    static constexpr size_t k_chunk = 256;
    explicit Literal(const Value& of) : value(of, allocator) {}
    rapidjson::MemoryPoolAllocator<> allocator{k_chunk};
    const Value value;
  };

  struct Property {
    std::string name;
    const Schema* schema;
  };
  const Schema* property(std::string_view name) const;

  bool check(const Value& value, const Frame* frame, Report& report) const;
  bool check_type(const Value& value, const Frame* frame, Report& report) const;
  bool check_string(const Value& value, const Frame* frame, Report& report) const;
  bool check_number(const Value& value, const Frame* frame, Report& report) const;
  bool check_array(const Value& value, const Frame* frame, Report& report) const;
  bool check_object(const Value& value, const Frame* frame, Report& report) const;
  bool check_combined(const Value& value, const Frame* frame, Report& report) const;
  bool check_enumeration(const Value& value, const Frame* frame, Report& report) const;

  uint8_t types_ = k_any;
  std::unique_ptr<const Literal> enumeration_;  // an array
  std::vector<Property> properties_;            // sorted by name
  std::vector<std::string> required_;
  bool additional_allowed_ = true;
  const Schema* additional_ = nullptr;
  const Schema* items_ = nullptr;
  uint64_t items_min_ = 0;
  uint64_t items_max_ = UINT64_MAX;
  bool unique_items_ = false;
  uint64_t length_min_ = 0;
  uint64_t length_max_ = UINT64_MAX;
  std::unique_ptr<const Pattern> pattern_;
  std::string pattern_text_;
  std::unique_ptr<const Literal> minimum_;
  std::unique_ptr<const Literal> maximum_;
  TextFormat format_ = TextFormat::none;
  std::string format_name_;
  const Schema* reference_ = nullptr;
  std::vector<const Schema*> all_of_;
  std::vector<const Schema*> any_of_;
  std::vector<const Schema*> one_of_;
  const Schema* not_ = nullptr;
};

/// The schemas of one document and what they refer to. Keywords: type, enum, properties, required,
/// additionalProperties, items, minItems, maxItems, uniqueItems, minLength, maxLength, pattern,
/// minimum, maximum, allOf, anyOf, oneOf, not, $ref (to "#/components/schemas/…"), format
/// (date-time, date, uuid, uri, int64, int32) and the annotations title, description, default,
/// example, examples, deprecated, readOnly, writeOnly, $comment and x-…. Any other keyword is an
/// error: it would be ignored later.
class SchemaSet {
 public:
  /// `named`: the object that "#/components/schemas" stands for, or nullptr; it must outlive the
  /// compile calls.
  explicit SchemaSet(const Value* named = nullptr) : named_(named) {}
  SchemaSet(SchemaSet&&) = default;
  SchemaSet& operator=(SchemaSet&&) = default;

  /// `place` starts the error texts. The schema lives as long as the set.
  Result<const Schema*> compile(const Value& schema, const std::string& place);

 private:
  friend class SchemaCompiler;
  const Value* named_;
  std::deque<std::unique_ptr<Schema>> schemas_;
  std::map<std::string, const Schema*, std::less<>> compiled_;  // by name
};

/// Deep equality as JSON schema has it: numbers by value, objects without order.
bool equal(const Value& a, const Value& b);

}  // namespace forecourt::json
