#include "gateway/path_template.hpp"

#include <algorithm>

namespace forecourt::gateway {
namespace {

constexpr size_t k_parameters_max = 8;

bool is_literal(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         std::all_of(segment.begin(), segment.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.' || c == '~' || c == ':' || c == '@';
         });
}

}  // namespace

std::string check_path_template(std::string_view path) {
  if (path.empty() || path[0] != '/') return "must start with '/'";
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    if (!is_parameter(segment)) {
      if (!is_literal(segment)) {
        return "segment \"" + std::string(segment) +
               "\" must be plain characters or one whole {parameter}";
      }
      continue;
    }
    const std::string_view name = segment.substr(1, segment.size() - 2);
    if (!is_literal(name)) return "parameter \"" + std::string(name) + "\" is badly named";
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return "parameter \"" + std::string(name) + "\" occurs twice";
    }
    names.push_back(name);
  }
  if (names.size() > k_parameters_max) {
    return "has more than " + std::to_string(k_parameters_max) + " parameters";
  }
  return {};
}

std::vector<std::string_view> template_parameters(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    if (is_parameter(segment)) names.push_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

bool same_shape(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::string_view x = take_segment(a);
    const std::string_view y = take_segment(b);
    if (is_parameter(x) && is_parameter(y)) continue;
    if (x != y) return false;
  }
  return a.empty() && b.empty();
}

}  // namespace forecourt::gateway
