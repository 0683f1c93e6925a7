#pragma once

#include <forecourt/cpp/error.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace fc {

/// A JSON value. Members keep the order they were written in. Integers are int64, all other numbers
/// double.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(std::nullopt_t) {}
  /// Only a bool: pointers do not turn into `true`.
  template <class T>
  requires std::is_same_v<T, bool> Json(T value) : value_(value) {}
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>)
      Json(T value)
      : value_(static_cast<int64_t>(value)) {
    if (!std::in_range<int64_t>(value)) throw Error(FC_E_INVALID, "JSON: integer above 2^63 - 1");
  }
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}
  template <class T>
  Json(const std::optional<T>& value) {
    if (value) *this = Json(*value);
  }

  /// `Json::object({{"name", "Ada"}, {"points", 3}})`
  static Json object(std::initializer_list<Member> members = {}) { return Json(Object(members)); }
  static Json array(std::initializer_list<Json> items = {}) { return Json(Array(items)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const { return std::holds_alternative<int64_t>(value_); }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_text() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  bool boolean() const { return get<bool>("a boolean"); }
  int64_t integer() const { return get<int64_t>("an integer"); }
  double number() const {
    return is_integer() ? static_cast<double>(integer()) : get<double>("a number");
  }
  const std::string& text() const { return get<std::string>("a string"); }
  const Array& items() const { return get<Array>("an array"); }
  const Object& members() const { return get<Object>("an object"); }

  /// The member `name`, or nullptr.
  const Json* find(std::string_view name) const {
    if (!is_object()) return nullptr;
    for (const Member& member : members()) {
      if (member.first == name) return &member.second;
    }
    return nullptr;
  }
  /// The member `name`; null when it is absent.
  const Json& operator[](std::string_view name) const {
    static const Json null;
    const Json* found = find(name);
    return found ? *found : null;
  }
  /// Adds or replaces a member of an object; null becomes one.
  Json& set(std::string_view name, Json value) {
    if (is_null()) value_ = Object{};
    Object& object = get<Object>("an object");
    for (Member& member : object) {
      if (member.first == name) {
        member.second = std::move(value);
        return *this;
      }
    }
    object.emplace_back(std::string(name), std::move(value));
    return *this;
  }
  /// Adds an item to an array; null becomes one.
  Json& push(Json value) {
    if (is_null()) value_ = Array{};
    get<Array>("an array").push_back(std::move(value));
    return *this;
  }

  /// Throws Error(FC_E_INVALID) with the place of the fault. At most 64 levels deep.
  static Json parse(std::string_view text);
  std::string dump() const {
    std::string out;
    write(out);
    return out;
  }
  void write(std::string& out) const;
  static void write_text(std::string& out, std::string_view text);

 private:
  template <class T>
  const T& get(const char* expected) const {
    const T* value = std::get_if<T>(&value_);
    if (!value) throw Error(FC_E_INVALID, std::string("expected ") + expected);
    return *value;
  }
  template <class T>
  T& get(const char* expected) {
    return const_cast<T&>(std::as_const(*this).template get<T>(expected));
  }

  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> value_;
};

inline void Json::write_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escaped[8];
          std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
          out += escaped;
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

inline void Json::write(std::string& out) const {
  struct Writer {
    std::string& out;
    void operator()(std::monostate) const { out += "null"; }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(int64_t value) const { out += std::to_string(value); }
    void operator()(double value) const {
      if (!std::isfinite(value)) {
        out += "null";
        return;
      }
      char digits[32];
      const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
      out.append(digits, end);
    }
    void operator()(const std::string& value) const { write_text(out, value); }
    void operator()(const Array& value) const {
      out += '[';
      for (size_t i = 0; i < value.size(); ++i) {
        if (i) out += ',';
        value[i].write(out);
      }
      out += ']';
    }
    void operator()(const Object& value) const {
      out += '{';
      for (size_t i = 0; i < value.size(); ++i) {
        if (i) out += ',';
        write_text(out, value[i].first);
        out += ':';
        value[i].second.write(out);
      }
      out += '}';
    }
  };
  std::visit(Writer{out}, value_);
}

}  // namespace fc

#include <forecourt/cpp/json_reader.hpp>  // defines Json::parse
