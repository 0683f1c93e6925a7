#include "plugin/denials.hpp"

#include "base/utf8.hpp"
#include "plugin/cut.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_denials_max = 100;
constexpr size_t k_denial_bytes_max = 512;

}  // namespace

void Denials::add(std::string_view what) {
  if (!note_) return;
  what = cut_utf8(what, k_denial_bytes_max);
  const std::string text = is_utf8(what) ? std::string(what) : "(not UTF-8)";
  {
    std::lock_guard lock(mutex_);
    if (noted_.size() >= k_denials_max || !noted_.insert(text).second) return;
  }
  const auto noting = [self = shared_from_this(), text] { self->note_(self->plugin_, text); };
  if (workers_.submit(noting)) return;
  // The next time, then.
  std::lock_guard lock(mutex_);
  noted_.erase(text);
}

}  // namespace forecourt::plugin
