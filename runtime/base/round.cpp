#include "base/round.hpp"

#include <utility>

namespace forecourt {
namespace {

thread_local Round* t_round = nullptr;

}  // namespace

Round::Round() : Round(nullptr) {}

Round::Round(std::function<void(Round& round)> plan_end) : plan_end_(std::move(plan_end)) {
  if (!t_round) t_round = this;
}

Round::~Round() {
  if (t_round != this) return;
  end();
  t_round = nullptr;
}

bool Round::leave(RoundEnd& what) { return t_round && t_round->add(what); }

bool Round::add(RoundEnd& what) {
  if (ending_) return false;
  for (size_t i = 0; i < count_; ++i) {
    if (left_[i].get() == &what) return true;
  }
  if (count_ == left_.size()) return false;
  std::shared_ptr<RoundEnd> held = what.weak_from_this().lock();
  if (!held) return false;
  if (count_ == 0 && plan_end_) plan_end_(*this);
  left_[count_++] = std::move(held);
  return true;
}

void Round::end() noexcept {
  ending_ = true;
  for (size_t i = 0; i < count_; ++i) std::exchange(left_[i], nullptr)->round_ended();
  count_ = 0;
  ending_ = false;
}

}  // namespace forecourt
