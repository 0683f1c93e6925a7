#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gateway/request_head.hpp"

namespace forecourt::gateway {

/// An IPv6 address, or an IPv4 one in its mapped form.
using IpAddress = std::array<uint8_t, 16>;

/// Of "192.0.2.7" or "2001:db8::1"; nothing else is one.
std::optional<IpAddress> parse_ip(std::string_view text);
std::string ip_text(const IpAddress& address);

struct Network {
  IpAddress address{};
  int bits = 128;  ///< of the prefix, in the mapped form

  bool contains(const IpAddress& one) const;
};
using Networks = std::vector<Network>;

/// "127.0.0.1, 10.0.0.0/8, fd00::/8": addresses and prefixes, commas between; empty: none.
Result<Networks> parse_networks(std::string_view text);
bool contains(const Networks& networks, const IpAddress& address);

/// Whose request it is when `peer`, a trusted proxy, passes it on: the right-most hop of
/// X-Forwarded-For or Forwarded that is no trusted proxy. What is malformed or says nothing ends
/// the walk at the last hop that can be trusted, and so do two headers that contradict each other.
IpAddress forwarded_client(const RequestHead& head, const IpAddress& peer, const Networks& proxies);

}  // namespace forecourt::gateway
