#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::webhooks {

/// Where deliveries may go. A URL is an admin's word, a name may point anywhere: what counts is the
/// address each connection is made to.
enum class Reach {
  internet,  ///< https to public addresses
  loopback,  ///< and this machine, https or http: a receiver beside the host
  anywhere,  ///< any address, https or http: a network where the host may reach what it wants
};
Result<Reach> parse_reach(std::string_view text);

/// Whether a webhook may have this URL: absolute, http or https, a host, no user or fragment. An
/// address in it is checked as `check_address` would.
Result<void> check_url(Reach reach, const std::string& url);

/// Whether a connection may be made to this address.
Result<void> check_address(Reach reach, const sockaddr& address, bool https);

}  // namespace forecourt::webhooks
