#pragma once

#include <charconv>
#include <string>
#include <vector>

#include "gateway/admin/answers.hpp"
#include "gateway/admin/call.hpp"

namespace forecourt::admin {

/// One page of a list that is read as a whole; the cursor is a position.
template <class Item, class ToJson>
http::Response slice_answer(const Call& call, const std::vector<Item>& all, ToJson&& to_json) {
  size_t at = 0;
  std::from_chars(call.cursor().data(), call.cursor().data() + call.cursor().size(), at);
  std::vector<std::string> items;
  for (; at < all.size() && static_cast<int64_t>(items.size()) < call.limit(); ++at) {
    items.push_back(to_json(all[at]));
  }
  return page_answer(items, at < all.size() ? std::to_string(at) : std::string());
}

}  // namespace forecourt::admin
