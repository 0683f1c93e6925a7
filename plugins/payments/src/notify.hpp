#pragma once

#include <forecourt/cpp/plugin.hpp>

#include "merchants.hpp"
#include "wechat_callback.hpp"

namespace payments {

/// A callback whose signature held and whose resource opened.
struct VerifiedCallback {
  Merchant merchant;
  wechat::Notification notification;
};

/// On a worker: who is the merchant, do the raw bytes carry its platform's signature, what do they
/// say. Everything that is not genuine ends here, answered with 4xx and code FAIL; nothing of it is
/// stored.
fc::Prepared<VerifiedCallback> verify_callback(fc::Call& call);

/// On the lane: kept once per event id, for ever, then acted upon. A repeat is answered like the
/// first.
fc::Reply receive_callback(fc::Call& call, const VerifiedCallback& callback);

}  // namespace payments
