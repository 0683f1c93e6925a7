#pragma once

#include <forecourt/cpp/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

/// Maps a struct to JSON and back, one member each, by name:
///   struct Greeting { std::string name; std::optional<std::string> title; };
///   FORECOURT_FIELDS(Greeting, name, title)
/// Members: bool, int64_t, double, std::string, Json, std::optional, std::vector and other mapped
/// structs. An absent member leaves the C++ value as it was initialised; the schema in openapi.json
/// has already said which are required. An empty optional is written as null.
#define FORECOURT_FIELDS(Type, ...)                        \
  template <class Visitor, class Self>                     \
  requires std::is_same_v<std::remove_const_t<Self>, Type> \
  void fc_visit_fields(Visitor& visitor, Self& self) { FORECOURT_EACH_(__VA_ARGS__) }

#define FORECOURT_FIELD_(name) visitor(#name, self.name);
#define FORECOURT_EACH_(...) FORECOURT_EXPAND_(FORECOURT_STEP_(__VA_ARGS__))
#define FORECOURT_EXPAND_(...) \
  FORECOURT_EXPAND3_(FORECOURT_EXPAND3_(FORECOURT_EXPAND3_(FORECOURT_EXPAND3_(__VA_ARGS__))))
#define FORECOURT_EXPAND3_(...) \
  FORECOURT_EXPAND2_(FORECOURT_EXPAND2_(FORECOURT_EXPAND2_(FORECOURT_EXPAND2_(__VA_ARGS__))))
#define FORECOURT_EXPAND2_(...) \
  FORECOURT_EXPAND1_(FORECOURT_EXPAND1_(FORECOURT_EXPAND1_(FORECOURT_EXPAND1_(__VA_ARGS__))))
#define FORECOURT_EXPAND1_(...) __VA_ARGS__
#define FORECOURT_PARENS_ ()
#define FORECOURT_STEP_(first, ...) \
  FORECOURT_FIELD_(first) __VA_OPT__(FORECOURT_AGAIN_ FORECOURT_PARENS_(__VA_ARGS__))
#define FORECOURT_AGAIN_() FORECOURT_STEP_

namespace fc {
namespace detail {

struct AnyVisitor {
  template <class T>
  void operator()(const char*, T&) {}
};
template <class T>
concept Mapped = requires(AnyVisitor& visitor, T& value) {
  fc_visit_fields(visitor, value);
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

/// Runs `read` and puts the place before whatever it complains about: "items[2].points: expected an
/// integer".
template <class Read>
void at_place(const std::string& place, Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    const std::string_view what = error.what();
    const char* between = what.starts_with("expected ") ? ": " : what.starts_with('[') ? "" : ".";
    throw Error(error.status(), place + between + std::string(what));
  }
}

}  // namespace detail

template <class T>
void from_json(const Json& json, T& out) {
  if constexpr (std::is_same_v<T, Json>) {
    out = json;
  } else if constexpr (std::is_same_v<T, bool>) {
    out = json.boolean();
  } else if constexpr (std::is_integral_v<T>) {
    static_assert(sizeof(T) == 8, "use int64_t for JSON integers");
    out = static_cast<T>(json.integer());
  } else if constexpr (std::is_floating_point_v<T>) {
    out = json.number();
  } else if constexpr (std::is_same_v<T, std::string>) {
    out = json.text();
  } else if constexpr (detail::IsOptional<T>::value) {
    if (json.is_null()) {
      out.reset();
    } else {
      from_json(json, out.emplace());
    }
  } else if constexpr (detail::IsVector<T>::value) {
    out.clear();
    for (const Json& item : json.items()) {
      detail::at_place("[" + std::to_string(out.size()) + "]",
                       [&] { from_json(item, out.emplace_back()); });
    }
  } else {
    static_assert(detail::Mapped<T>, "give this struct a FORECOURT_FIELDS line");
    json.members();  // throws unless it is an object
    auto visitor = [&json](const char* name, auto& member) {
      if (const Json* found = json.find(name)) {
        detail::at_place(name, [&] { from_json(*found, member); });
      }
    };
    fc_visit_fields(visitor, out);
  }
}

template <class T>
T from_json(const Json& json) {
  T out{};
  from_json(json, out);
  return out;
}

/// Writes straight to text: what a handler returns needs no tree.
template <class T>
void write_json(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, Json>) {
    value.write(out);
  } else if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    out += std::to_string(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    Json(static_cast<double>(value)).write(out);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    Json::write_text(out, value);
  } else if constexpr (detail::IsOptional<T>::value) {
    if (value) {
      write_json(out, *value);
    } else {
      out += "null";
    }
  } else if constexpr (detail::IsVector<T>::value) {
    out += '[';
    bool first = true;
    for (const auto& item : value) {
      if (!first) out += ',';
      first = false;
      write_json(out, item);
    }
    out += ']';
  } else {
    static_assert(detail::Mapped<const T>, "give this struct a FORECOURT_FIELDS line");
    out += '{';
    bool first = true;
    auto visitor = [&out, &first](const char* name, const auto& member) {
      if (!first) out += ',';
      first = false;
      out += '"';
      out += name;
      out += "\":";
      write_json(out, member);
    };
    fc_visit_fields(visitor, value);
    out += '}';
  }
}

template <class T>
std::string to_json_text(const T& value) {
  std::string out;
  write_json(out, value);
  return out;
}

}  // namespace fc
