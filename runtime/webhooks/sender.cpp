#include "webhooks/sender.hpp"

#include <curl/curl.h>

#include <algorithm>

#include "base/log.hpp"
#include "webhooks/schedule.hpp"

namespace forecourt::webhooks {

using std::chrono::steady_clock;

namespace {

constexpr int k_idle_ms = 60'000;
constexpr int k_pending_ms = 1'000;  // a wall clock that jumped is noticed after this
constexpr int k_stopping_poll_ms = 50;
constexpr std::chrono::seconds k_stop_patience{1};
constexpr std::chrono::seconds k_record_pause{1};
constexpr int k_failures_until_one_by_one = 3;

}  // namespace

Sender::Sender(Parts parts) : parts_(std::move(parts)), multi_(curl_multi_init()) {}

Sender::~Sender() {
  stop();
  curl_multi_cleanup(static_cast<CURLM*>(multi_));
}

void Sender::start() {
  thread_ = std::thread([this] { run(); });
}

void Sender::wake() {
  if (!woken_.exchange(true)) curl_multi_wakeup(static_cast<CURLM*>(multi_));
}

void Sender::stop() {
  stopping_ = true;
  curl_multi_wakeup(static_cast<CURLM*>(multi_));
  if (thread_.joinable()) thread_.join();
}

void Sender::run() {
  auto* const multi = static_cast<CURLM*>(multi_);
  steady_clock::time_point last{};
  for (;;) {
    if (stopping_) {
      if (last == steady_clock::time_point()) last = steady_clock::now() + k_stop_patience;
      if (transfers_.empty() || steady_clock::now() >= last) break;
    } else {
      look_all();
    }
    int running = 0;
    curl_multi_perform(multi, &running);
    collect();
    record();
    const int wait = stopping_ ? k_stopping_poll_ms : woken_ ? 0 : wait_ms();
    curl_multi_poll(multi, nullptr, 0, wait, nullptr);
  }
  for (auto& [number, transfer] : transfers_)
    curl_multi_remove_handle(multi, static_cast<CURL*>(transfer->handle()));
  transfers_.clear();
  record_again_ = {};
  record();
}

void Sender::look_all() {
  const bool woken = woken_.exchange(false) || postponed_;
  // What came of an attempt could not be recorded: none is made.
  postponed_ = !parts_.store->lane().read_only_reason().empty();
  if (postponed_) return;
  const std::vector<Endpoint> endpoints = parts_.endpoints();
  std::erase_if(lines_, [&](const auto& entry) {
    return entry.second.under_way == 0 &&
           std::ranges::find(endpoints, entry.first, &Endpoint::webhook) == endpoints.end();
  });
  const int64_t now_ms = parts_.clock->now_ms();
  for (const Endpoint& endpoint : endpoints) {
    Line& line = lines_[endpoint.webhook];
    const bool due = line.next_due_ms != 0 &&
                     (line.next_due_ms <= now_ms || line.next_due_ms > now_ms + k_wait_max_ms);
    if (woken || due || !line.looked) look(endpoint, line);
  }
}

/// Begins what is due at an endpoint, as far as it has room.
void Sender::look(const Endpoint& endpoint, Line& line) {
  line.looked = false;
  if (parts_.clock->monotonic_ns() < line.not_before_ns) return;
  // An endpoint that fails is asked one thing at a time until it answers again.
  const size_t most = line.failures >= k_failures_until_one_by_one ? 1 : k_transfers_an_endpoint;
  if (line.under_way >= most || transfers_.size() >= k_transfers_max) return;
  const size_t room = std::min(most - line.under_way, k_transfers_max - transfers_.size());
  const size_t busy = line.under_way + held_.size();
  std::vector<Parcel> parcels;
  auto read = parts_.store->read(0, [&](storage::Session& session) -> Result<void> {
    const int64_t now_ms = parts_.clock->now_ms();
    auto due = due_parcels(session, endpoint.webhook, now_ms, room + busy);
    if (!due) return std::move(due).error();
    auto next = next_due(session, endpoint.webhook, now_ms);
    if (!next) return std::move(next).error();
    line.looked = due->size() < room + busy;
    line.next_due_ms = next->value_or(0);
    parcels = *std::move(due);
    return {};
  });
  if (!read) {
    log::warn("webhooks", read.error().message, {{"webhook", endpoint.webhook}});
    return;
  }
  size_t begun = 0;
  for (Parcel& parcel : parcels) {
    if (begun == room) break;
    if (transfers_.contains(parcel.number) || held_.contains(parcel.number)) continue;
    begin(endpoint, line, std::move(parcel));
    ++begun;
  }
}

void Sender::begin(const Endpoint& endpoint, Line& line, Parcel parcel) {
  const int64_t number = parcel.number;
  auto transfer =
      std::make_unique<Transfer>(endpoint, std::move(parcel), parts_.terms, parts_.clock->now_ms());
  if (!transfer->handle()) return;
  ++line.under_way;
  curl_multi_add_handle(static_cast<CURLM*>(multi_), static_cast<CURL*>(transfer->handle()));
  transfers_.emplace(number, std::move(transfer));
}

void Sender::collect() {
  auto* const multi = static_cast<CURLM*>(multi_);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode result = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    curl_multi_remove_handle(multi, easy);
    end(*transfer, result);
    transfers_.erase(transfer->parcel().number);
  }
}

void Sender::end(Transfer& transfer, int result) {
  const Parcel& parcel = transfer.parcel();
  Line& line = lines_[transfer.webhook()];
  --line.under_way;
  line.looked = false;
  const Reply reply = transfer.reply(result);
  Settlement settlement;
  settlement.number = parcel.number;
  settlement.status = reply.status;
  settlement.reason = reply.reason;
  if (reply.status / 100 == 2) {
    line.failures = 0;
  } else {
    ++line.failures;
    const bool asks = reply.status == 429 || reply.status == 503;
    const int64_t now_ms = parts_.clock->now_ms();
    const int64_t asked_ms = asks ? retry_after_ms(reply.retry_after, now_ms) : 0;
    const auto wait = wait_after(parcel.attempts + 1, parcel.event, asked_ms);
    settlement.end = wait ? Settlement::End::again : Settlement::End::dead;
    settlement.due_ms = now_ms + wait.value_or(0);
    if (asked_ms > 0) line.not_before_ns = parts_.clock->monotonic_ns() + asked_ms * 1'000'000;
    if (!wait)
      log::warn(
          "webhooks", "a delivery is given up",
          {{"webhook", transfer.webhook()}, {"event", parcel.event}, {"reason", reply.reason}});
  }
  held_.insert(parcel.number);
  unrecorded_.push_back(std::move(settlement));
  if (reply.status == 410) parts_.gone(transfer.webhook());
}

/// One commit for all that ended. While the store takes none, they are kept and nothing of theirs
/// is sent.
void Sender::record() {
  if (unrecorded_.empty() || steady_clock::now() < record_again_) return;
  auto recorded = parts_.store->lane().run_now([this](storage::Session& session) -> Result<void> {
    for (const Settlement& settlement : unrecorded_) {
      auto settled = settle(session, settlement, parts_.clock->now_ms());
      if (!settled) return settled;
    }
    return {};
  });
  if (!recorded) {
    log::warn("webhooks", "attempts cannot be recorded", {{"reason", recorded.error().message}});
    record_again_ = steady_clock::now() + k_record_pause;
    return;
  }
  unrecorded_.clear();
  held_.clear();
  woken_ = true;
}

int Sender::wait_ms() const {
  if (!unrecorded_.empty() || postponed_) return k_pending_ms;
  int wait = k_idle_ms;
  const int64_t now_ms = parts_.clock->now_ms();
  for (const auto& [webhook, line] : lines_) {
    if (!line.looked) wait = std::min(wait, k_pending_ms);
    if (line.next_due_ms == 0) continue;
    const int64_t left = std::clamp<int64_t>(line.next_due_ms - now_ms, 1, k_pending_ms);
    wait = std::min(wait, static_cast<int>(left));
  }
  return wait;
}

}  // namespace forecourt::webhooks
