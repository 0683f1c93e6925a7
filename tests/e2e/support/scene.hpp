#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "e2e/support/host_process.hpp"
#include "e2e/support/http_client.hpp"
#include "e2e/support/wechat.hpp"

namespace e2e {

using forecourt::json::Document;

/// The answer's body as JSON; an empty object and a failed test when it is not.
Document json_of(const Answer& answer);
/// A text member of the answer's body; empty and a failed test when it is not there.
std::string text_of(const Answer& answer, std::string_view name);
int64_t integer_of(const forecourt::json::Value& object, std::string_view name);

/// Calls `done` until it is true, at most `seconds` long, waiting a little between; for what a
/// dispatcher does on its own after an acknowledged write.
bool eventually(const std::function<bool()>& done, int seconds = 60);

/// A host with a small dealer group in it: `brand-1` with the stores 12 and 13 below a region and a
/// dealer, a foreign `brand-2` with store 99, a WeChat merchant at store-12, a group-wide welcome
/// batch, and a key for each org.
class Scene {
 public:
  explicit Scene(HostProcess::Options options = {});

  HostProcess host;
  WeChat wechat;
  std::string merchant;  ///< id
  std::string batch;     ///< id of the welcome batch

  std::string key_of(std::string_view org);  ///< a "*" key at the org
  std::string notify_path() const { return "/v1/payments/wechat/" + merchant + "/notify"; }

  /// A batch at the group: 10 yuan off from 50 yuan on, `total` coupons, `per_member` each.
  std::string make_batch(HttpClient& client, int64_t total, int64_t per_member,
                         std::string_view stores = "[]");
  /// Issues a coupon; its code.
  std::string issue(HttpClient& client, std::string_view batch_id, std::string_view member,
                    std::string_view source);

 private:
  void make_org(HttpClient& client, std::string_view id, std::string_view parent,
                std::string_view kind);
};

}  // namespace e2e
