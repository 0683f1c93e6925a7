#include "gateway/forwarded.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace forecourt::gateway {
namespace {

constexpr size_t k_networks_max = 64;
constexpr size_t k_hops_max = 32;
constexpr size_t k_v4_at = 12;
constexpr int k_mapped_bits = 96;

using Hops = std::vector<std::string_view>;  // a null view: a hop that says nothing

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the next piece of `text`, up to a separator outside quotes; whether another one follows.
bool next_piece(std::string_view& text, char separator, std::string_view& piece) {
  bool quoted = false;
  size_t at = 0;
  for (; at < text.size() && (quoted || text[at] != separator); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (quoted && text[at] == '\\') ++at;
  }
  at = std::min(at, text.size());
  piece = trimmed(text.substr(0, at));
  const bool more = at < text.size();
  text.remove_prefix(more ? at + 1 : at);
  return more;
}

/// The node of `for=`: an address, in quotes and brackets when it is IPv6, with or without a port.
std::string_view node_address(std::string_view node) {
  if (node.size() >= 2 && node.front() == '"' && node.back() == '"')
    node = node.substr(1, node.size() - 2);
  std::string_view port;
  std::string_view address = node;
  if (node.starts_with('[')) {
    const size_t end = node.find(']');
    if (end == std::string_view::npos) return {};
    address = node.substr(1, end - 1);
    port = node.substr(end + 1);
    if (address.find(':') == std::string_view::npos) return {};
  } else if (const size_t colon = node.find(':'); colon != std::string_view::npos) {
    address = node.substr(0, colon);
    port = node.substr(colon);
  }
  const bool good_port = port.empty() || (port.size() >= 2 && port.size() <= 6 && port[0] == ':' &&
                                          port.find_first_not_of("0123456789", 1) == port.npos);
  return good_port ? address : std::string_view();
}

/// One element of Forwarded (RFC 7239): its node, once.
std::string_view node_of(std::string_view element) {
  std::string_view node;
  std::string_view pair;
  for (bool more = true; more;) {
    more = next_piece(element, ';', pair);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || !equal_names(pair.substr(0, equals), "for")) continue;
    if (node.data()) return {};
    node = node_address(pair.substr(equals + 1));
    if (!node.data()) return {};
  }
  return node;
}

/// The hops of all headers of the name, in their order.
template <class Read>
Hops hops_of(const RequestHead& head, std::string_view name, Read&& read) {
  Hops hops;
  for (const Header& header : head.headers) {
    if (!equal_names(header.name, name)) continue;
    std::string_view rest = header.value;
    std::string_view hop;
    for (bool more = true; more;) {
      more = next_piece(rest, ',', hop);
      hops.push_back(read(hop));
    }
  }
  return hops;
}

IpAddress walk(const Hops& hops, const IpAddress& peer, const Networks& proxies) {
  IpAddress client = peer;
  size_t walked = 0;
  for (auto hop = hops.rbegin(); hop != hops.rend() && walked < k_hops_max; ++hop, ++walked) {
    const auto address = parse_ip(*hop);
    if (!address) break;
    client = *address;
    if (!contains(proxies, client)) break;
  }
  return client;
}

Result<Network> parse_network(std::string_view text) {
  const Error wrong = invalid("\"" + std::string(text) +
                              "\" is no address or prefix such as 10.0.0.0/8 or fd00::/8");
  const size_t slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return wrong;
  Network network{*address, 128};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  const int from = text.substr(0, slash).find(':') == std::string_view::npos ? k_mapped_bits : 0;
  int bits = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (failure != std::errc() || end != digits.data() + digits.size()) return wrong;
  if (bits < 0 || bits + from > 128) return wrong;
  network.bits = bits + from;
  // A prefix with more set than it covers is a slip: which of the two was meant?
  for (int bit = network.bits; bit < 128; ++bit) {
    if (network.address[static_cast<size_t>(bit / 8)] >> (7 - bit % 8) & 1) {
      return invalid("\"" + std::string(text) + "\" has bits set beyond its prefix");
    }
  }
  return network;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  IpAddress address{};
  if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  address = {};
  address[10] = address[11] = 0xFF;
  if (::inet_pton(AF_INET, terminated.c_str(), address.data() + k_v4_at) == 1) return address;
  return std::nullopt;
}

std::string ip_text(const IpAddress& address) {
  const Network mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, k_mapped_bits};
  char text[INET6_ADDRSTRLEN] = "";
  if (mapped.contains(address)) {
    ::inet_ntop(AF_INET, address.data() + k_v4_at, text, sizeof text);
  } else {
    ::inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return text;
}

bool Network::contains(const IpAddress& one) const {
  const auto whole = static_cast<size_t>(bits / 8);
  if (!std::equal(address.begin(), address.begin() + static_cast<ptrdiff_t>(whole), one.begin()))
    return false;
  const int left = bits % 8;
  return left == 0 || (address[whole] ^ one[whole]) >> (8 - left) == 0;
}

Result<Networks> parse_networks(std::string_view text) {
  Networks networks;
  while (!trimmed(text).empty()) {
    const size_t comma = text.find(',');
    auto network = parse_network(trimmed(text.substr(0, comma)));
    if (!network) return network.error();
    networks.push_back(*network);
    if (networks.size() > k_networks_max)
      return invalid("must be at most 64 addresses or prefixes");
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return networks;
}

bool contains(const Networks& networks, const IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return network.contains(address); });
}

IpAddress forwarded_client(const RequestHead& head, const IpAddress& peer,
                           const Networks& proxies) {
  const Hops listed = hops_of(head, "x-forwarded-for", [](std::string_view hop) { return hop; });
  const Hops described = hops_of(head, "forwarded", node_of);
  const IpAddress by_list = walk(listed, peer, proxies);
  const IpAddress by_description = walk(described, peer, proxies);
  if (described.empty()) return by_list;
  if (listed.empty()) return by_description;
  // One of them may come from the client, by a proxy that writes the other only.
  return by_list == by_description ? by_list : peer;
}

}  // namespace forecourt::gateway
