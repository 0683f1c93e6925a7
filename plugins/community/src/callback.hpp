#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <string>

#include "wecom_message.hpp"

namespace community {

/// A callback that is the corp's.
struct VerifiedCallback {
  std::string org;
  std::string corp_id;
  std::string text;    ///< the plain bytes
  std::string sha256;  ///< of `text`
  wecom::Message message;
};

/// Answers WeCom's check of a callback URL with the bare decrypted echostr.
fc::Reply verify_url(fc::Call& call);

/// On a worker: signature, decryption, whom it is for. What fails ends here: 403, or 400 when it
/// cannot be decrypted; nothing of it is stored.
fc::Prepared<VerifiedCallback> verify_callback(fc::Call& call);

/// On the lane: kept once, for ever, then acted upon. A repeat is answered like the first.
fc::Reply receive_callback(fc::Call& call, const VerifiedCallback& callback);

}  // namespace community
