#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace payments {

/// Who gets money: an account with a channel, owned by an org. Its callbacks arrive under its id.
struct Merchant {
  std::string id;
  std::string org;
  std::string channel;
  std::string mchid;
  std::string appid;
};

/// The merchant, when the call's org may see it.
std::optional<Merchant> find_merchant(const fc::Call& call, std::string_view id);
/// The same; refuses with a 404.
Merchant require_merchant(const fc::Call& call, std::string_view id);

/// What a secret of a merchant is sealed under.
std::string api_v3_key_context(std::string_view merchant_id);

struct PlatformKey {
  std::string serial;
  std::string public_key_pem;
};
FORECOURT_FIELDS(PlatformKey, serial, public_key_pem)

struct NewMerchant {
  std::string channel;
  std::string mchid;
  std::string appid;
  std::string api_v3_key;
  std::vector<PlatformKey> platform_keys;
  std::string org;
};
FORECOURT_FIELDS(NewMerchant, channel, mchid, appid, api_v3_key, platform_keys, org)

struct NewPlatformKeys {
  std::vector<PlatformKey> platform_keys;
};
FORECOURT_FIELDS(NewPlatformKeys, platform_keys)

struct NewApiV3Key {
  std::string api_v3_key;
};
FORECOURT_FIELDS(NewApiV3Key, api_v3_key)

fc::Reply create_merchant(fc::Call& call, const NewMerchant& body);
fc::Reply list_merchants(fc::Call& call);
fc::Reply get_merchant(fc::Call& call);
fc::Reply replace_platform_keys(fc::Call& call, const NewPlatformKeys& body);
fc::Reply replace_api_v3_key(fc::Call& call, const NewApiV3Key& body);

}  // namespace payments
