#include "webhooks/reach.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <memory>

namespace forecourt::webhooks {
namespace {

enum class Kind { open, loopback, closed };

struct Range4 {
  uint32_t network;
  int bits;
};

constexpr uint32_t ip(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// What is not the public internet (IANA special-purpose registries).
constexpr Range4 k_closed4[] = {
    {ip(0, 0, 0, 0), 8},      {ip(10, 0, 0, 0), 8},      {ip(100, 64, 0, 0), 10},
    {ip(169, 254, 0, 0), 16}, {ip(172, 16, 0, 0), 12},   {ip(192, 0, 0, 0), 24},
    {ip(192, 0, 2, 0), 24},   {ip(192, 88, 99, 0), 24},  {ip(192, 168, 0, 0), 16},
    {ip(198, 18, 0, 0), 15},  {ip(198, 51, 100, 0), 24}, {ip(203, 0, 113, 0), 24},
    {ip(224, 0, 0, 0), 3},
};

Kind kind_of(uint32_t address) {
  if (address >> 24 == 127) return Kind::loopback;
  for (const Range4& range : k_closed4) {
    if ((address ^ range.network) >> (32 - range.bits) == 0) return Kind::closed;
  }
  return Kind::open;
}

using Bytes6 = std::array<uint8_t, 16>;

uint32_t embedded4(const Bytes6& address, size_t at) {
  return ip(address[at], address[at + 1], address[at + 2], address[at + 3]);
}

bool starts_with(const Bytes6& address, std::initializer_list<uint8_t> prefix) {
  return std::memcmp(address.data(), std::data(prefix), prefix.size()) == 0;
}

Kind kind_of(const Bytes6& address) {
  if (starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}))
    return kind_of(embedded4(address, 12));
  constexpr Bytes6 k_loopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  if (address == k_loopback) return Kind::loopback;
  // NAT64 and 6to4 carry an IPv4 address the packets end at.
  if (starts_with(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}))
    return kind_of(embedded4(address, 12)) == Kind::open ? Kind::open : Kind::closed;
  if (starts_with(address, {0x20, 0x02}))
    return kind_of(embedded4(address, 2)) == Kind::open ? Kind::open : Kind::closed;
  // Of global unicast, 2000::/3, all but Teredo and documentation; nothing else is public.
  if ((address[0] & 0xe0) != 0x20) return Kind::closed;
  if (starts_with(address, {0x20, 0x01, 0, 0})) return Kind::closed;
  if (starts_with(address, {0x20, 0x01, 0x0d, 0xb8})) return Kind::closed;
  return Kind::open;
}

using Url = std::unique_ptr<CURLU, void (*)(CURLU*)>;

std::string part(const Url& url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

Result<void> check_kind(Reach reach, Kind kind, bool https, const std::string& shown) {
  if (reach == Reach::anywhere) return {};
  if (kind == Kind::closed || (kind == Kind::loopback && reach != Reach::loopback)) {
    return Error{Code::denied,
                 shown +
                     " is no public address; the setting webhooks-reach says what may be "
                     "reached"};
  }
  if (!https && kind != Kind::loopback) {
    return Error{Code::denied, shown +
                                   ": http is not encrypted; use https, or let the setting "
                                   "webhooks-reach allow it"};
  }
  return {};
}

}  // namespace

Result<Reach> parse_reach(std::string_view text) {
  if (text == "internet") return Reach::internet;
  if (text == "loopback") return Reach::loopback;
  if (text == "anywhere") return Reach::anywhere;
  return invalid("must be internet, loopback or anywhere");
}

Result<void> check_address(Reach reach, const sockaddr& address, bool https) {
  char shown[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, shown, sizeof shown);
    return check_kind(reach, kind_of(ntohl(v4.sin_addr.s_addr)), https, shown);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, shown, sizeof shown);
    Bytes6 bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return check_kind(reach, kind_of(bytes), https, shown);
  }
  return Error{Code::denied, "this kind of address is not reached"};
}

Result<void> check_url(Reach reach, const std::string& url) {
  const Url parsed(curl_url(), curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK)
    return invalid("url: must be an absolute http or https URL without user and password");
  const std::string scheme = part(parsed, CURLUPART_SCHEME);
  std::string host = part(parsed, CURLUPART_HOST);
  if ((scheme != "https" && scheme != "http") || host.empty())
    return invalid("url: must be an absolute http or https URL");
  if (!part(parsed, CURLUPART_FRAGMENT).empty()) return invalid("url: must have no fragment");
  const bool https = scheme == "https";
  if (!https && reach == Reach::internet) return invalid("url: must be https");

  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    storage.ss_family = AF_INET6;
  } else {
    return {};  // a name: checked at every connection
  }
  auto checked = check_address(reach, reinterpret_cast<const sockaddr&>(storage), https);
  if (!checked) return invalid("url: " + checked.error().message);
  return {};
}

}  // namespace forecourt::webhooks
