#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forecourt::gateway {

/// Path templates: '/'-separated segments, each either literal or one whole "{parameter}".

/// What is wrong with `path`; empty when it is a good template.
std::string check_path_template(std::string_view path);
/// The parameters' names in order.
std::vector<std::string_view> template_parameters(std::string_view path);
/// Whether two templates match exactly the same paths.
bool same_shape(std::string_view a, std::string_view b);

/// Cuts the first segment off a path that starts with '/': "/a/b" → "a", leaving "/b".
inline std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const size_t end = path.find('/');
  const std::string_view segment = path.substr(0, end);
  path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  return segment;
}
inline bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace forecourt::gateway
