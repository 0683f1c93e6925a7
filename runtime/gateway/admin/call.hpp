#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "org/host_directory.hpp"
#include "storage/session.hpp"

namespace forecourt::admin {

/// What the audit log says of a write.
struct Act {
  std::string action;   ///< "<thing>.<verb>"
  std::string subject;  ///< an id
  std::string detail;   ///< a JSON object, or empty; never secrets
};

/// One request to the admin API while it is served on a worker.
class Call {
 public:
  Call(const http::Request& request, org::HostDirectory& directory);

  const http::Request& request() const { return request_; }
  std::optional<std::string_view> parameter(std::string_view name) const;
  int64_t limit() const;            ///< of a page
  std::string_view cursor() const;  ///< empty: from the start
  const json::Value& body() const { return body_; }

  /// The state the request was admitted under.
  const org::Snapshot& orgs() const { return *snapshot_; }
  /// The key that asks; an error when it was deleted meanwhile.
  Result<const org::Key*> caller() const;
  /// The org the request acts for: everything it touches is there or below.
  std::string_view own_org() const { return request_.org; }
  bool sees(std::string_view org) const { return snapshot_->within(org, own_org()); }
  /// What concerns the whole host takes a key of the root org.
  Result<void> need_root() const;
  /// not_found for an unknown org where one may know all of them, denied elsewhere: who asks for an
  /// org outside its own learns nothing.
  Result<void> need_org(std::string_view org, std::string_view place) const;

  using Work =
      std::function<Result<http::Response>(storage::Session& session, const org::Snapshot& now)>;
  /// One transaction of the host store: the work, its audit entry and the stored answer; all or
  /// nothing.
  Result<http::Response> commit(const Act& act, const Work& work);
  /// The last two of these, for a transaction of somebody else.
  Result<void> record(storage::Session& session, const Act& act, const http::Response& answer);

  /// The stored answer of the same request made before; a problem when the key was used for another
  /// one.
  Result<std::optional<http::Response>> find_answer();
  /// Keeps an answer given without `commit`, a refusal for example.
  Result<void> keep_answer(const http::Response& answer);
  bool answer_kept() const { return answer_kept_; }
  /// The answer holds a secret: instead of it, a refusal to repeat it is stored.
  void answer_is_secret() { secret_ = true; }

 private:
  Result<void> store(storage::Session& session, const http::Response& answer);

  const http::Request& request_;
  org::HostDirectory& directory_;
  std::shared_ptr<const org::Snapshot> snapshot_;
  json::Document body_;
  bool secret_ = false;
  bool answer_kept_ = false;
};

}  // namespace forecourt::admin
