#include "merchants.hpp"

#include <algorithm>

#include "rsa_public_key.hpp"
#include "wechat_callback.hpp"

namespace payments {
namespace {

struct KeyAnswer {
  std::string serial;
  std::string added_at;
};
FORECOURT_FIELDS(KeyAnswer, serial, added_at)

/// A merchant as the API shows it: no secret leaves.
struct MerchantAnswer {
  std::string id;
  std::string channel;
  std::string mchid;
  std::string appid;
  std::string org;
  std::vector<KeyAnswer> platform_keys;
  std::string created_at;
};
FORECOURT_FIELDS(MerchantAnswer, id, channel, mchid, appid, org, platform_keys, created_at)

struct ReadKey {
  std::string serial;
  RsaPublicKey key;
};

std::vector<ReadKey> read_keys(const std::vector<PlatformKey>& keys) {
  std::vector<ReadKey> out;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string place = "platform_keys[" + std::to_string(i) + "]";
    auto key = read_pem(keys[i].public_key_pem);
    if (const auto* why = std::get_if<std::string>(&key)) {
      fc::refuse(400, "invalid-platform-key", place + ".public_key_pem " + *why);
    }
    std::string serial = wechat::normal_serial(keys[i].serial);
    for (const ReadKey& other : out) {
      if (other.serial == serial) {
        fc::refuse(400, "invalid-platform-key", place + ".serial is there twice");
      }
    }
    out.push_back({std::move(serial), std::get<RsaPublicKey>(std::move(key))});
  }
  return out;
}

void insert_keys(const fc::Call& call, std::string_view merchant_id, std::string_view org,
                 const std::vector<ReadKey>& keys) {
  for (const ReadKey& key : keys) {
    call.execute(
        "INSERT INTO platform_keys (merchant_id, serial, org, modulus, exponent, added_at) "
        "SELECT $1, $2, s.id, $4, $5, $6 FROM fc_org s WHERE s.id = $3 AND s.ancestor = $fc_org",
        merchant_id, key.serial, org, fc::Blob{key.key.modulus}, fc::Blob{key.key.exponent},
        call.now_ms());
  }
}

std::vector<KeyAnswer> keys_of(const fc::Call& call, std::string_view merchant_id) {
  std::vector<KeyAnswer> out;
  for (const fc::Row row : call.query(
           "SELECT serial, added_at FROM platform_keys WHERE merchant_id = $1 AND EXISTS "
           "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org) ORDER BY serial",
           merchant_id)) {
    out.push_back({row.string(0), fc::rfc3339(row.integer(1))});
  }
  return out;
}

// A macro, so that whole statements are literals: `forecourt check` reads them in the library.
#define SELECT_MERCHANT "SELECT id, channel, mchid, appid, org, created_at FROM merchants "

MerchantAnswer read_answer(const fc::Call& call, const fc::Row& row) {
  MerchantAnswer out;
  out.id = row.string(0);
  out.channel = row.string(1);
  out.mchid = row.string(2);
  out.appid = row.string(3);
  out.org = row.string(4);
  out.platform_keys = keys_of(call, out.id);
  out.created_at = fc::rfc3339(row.integer(5));
  return out;
}

MerchantAnswer answer_of(const fc::Call& call, std::string_view id) {
  const auto row = call.first(SELECT_MERCHANT
                              "WHERE id = $1 AND EXISTS "
                              "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
                              id);
  if (!row) fc::refuse(404, "merchant-not-found", "there is no such merchant");
  return read_answer(call, *row);
}

/// Whether the merchant that is there already is exactly the one asked for.
bool same_merchant(const fc::Call& call, std::string_view id, const NewMerchant& body,
                   const std::vector<ReadKey>& keys) {
  const auto row = call.first(
      "SELECT org, api_v3_key FROM merchants WHERE id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      id);
  if (!row || row->text(0) != body.org) return false;
  if (call.unseal(api_v3_key_context(id), row->text(1)) != body.api_v3_key) return false;
  size_t count = 0;
  for (const fc::Row kept : call.query(
           "SELECT serial, modulus, exponent FROM platform_keys WHERE merchant_id = $1 AND EXISTS "
           "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
           id)) {
    ++count;
    const bool found = std::any_of(keys.begin(), keys.end(), [&kept](const ReadKey& key) {
      return key.serial == kept.text(0) && key.key.modulus == kept.text(1) &&
             key.key.exponent == kept.text(2);
    });
    if (!found) return false;
  }
  return count == keys.size();
}

}  // namespace

std::string api_v3_key_context(std::string_view merchant_id) {
  return "merchant/" + std::string(merchant_id) + "/api_v3_key";
}

std::optional<Merchant> find_merchant(const fc::Call& call, std::string_view id) {
  const auto row = call.first(
      "SELECT org, channel, mchid, appid FROM merchants WHERE id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      id);
  if (!row) return std::nullopt;
  return Merchant{std::string(id), row->string(0), row->string(1), row->string(2), row->string(3)};
}

Merchant require_merchant(const fc::Call& call, std::string_view id) {
  auto merchant = find_merchant(call, id);
  if (!merchant) fc::refuse(404, "merchant-not-found", "there is no such merchant");
  return *std::move(merchant);
}

fc::Reply create_merchant(fc::Call& call, const NewMerchant& body) {
  if (!call.within(body.org, call.org())) {
    return fc::problem(403, "forbidden", "org is neither the caller's nor below it");
  }
  const std::vector<ReadKey> keys = read_keys(body.platform_keys);
  const std::string id = call.id("mch");
  const std::string sealed = call.seal(api_v3_key_context(id), body.api_v3_key);
  const int64_t inserted = call.execute(
      "INSERT INTO merchants (id, org, channel, mchid, appid, api_v3_key, created_at) "
      "SELECT $1, s.id, $3, $4, $5, $6, $7 FROM fc_org s WHERE s.id = $2 AND s.ancestor = $fc_org "
      "ON CONFLICT (channel, mchid, appid) DO NOTHING",
      id, body.org, body.channel, body.mchid, body.appid, fc::Blob{sealed}, call.now_ms());
  if (inserted == 1) {
    insert_keys(call, id, body.org, keys);
    call.audit("merchant.create", id,
               fc::Json::object({{"mchid", body.mchid}, {"appid", body.appid}, {"org", body.org}}));
    return fc::created(answer_of(call, id));
  }

  std::string existing;
  if (const auto row = call.first(
          "SELECT id FROM merchants WHERE channel = $1 AND mchid = $2 AND appid = $3 AND EXISTS "
          "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
          body.channel, body.mchid, body.appid)) {
    existing = row->string(0);
  }
  if (existing.empty() || !same_merchant(call, existing, body, keys)) {
    return fc::problem(409, "merchant-exists",
                       "this channel, mchid and appid are registered already, with other values");
  }
  return fc::created(answer_of(call, existing));
}

fc::Reply list_merchants(fc::Call& call) {
  auto page = fc::Page<MerchantAnswer>::of(call);
  for (const fc::Row row : call.query(
           SELECT_MERCHANT "WHERE id > $1 AND org IN "
                           "(SELECT id FROM fc_org WHERE ancestor = $fc_org) ORDER BY id LIMIT $2",
           page.after(), page.fetch())) {
    if (!page.add(read_answer(call, row), row.text(0))) break;
  }
  return fc::ok(page);
}

fc::Reply get_merchant(fc::Call& call) { return fc::ok(answer_of(call, call.path("id"))); }

fc::Reply replace_platform_keys(fc::Call& call, const NewPlatformKeys& body) {
  const Merchant merchant = require_merchant(call, call.path("id"));
  const std::vector<ReadKey> keys = read_keys(body.platform_keys);
  call.execute(
      "DELETE FROM platform_keys WHERE merchant_id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      merchant.id);
  insert_keys(call, merchant.id, merchant.org, keys);
  fc::Json serials = fc::Json::array();
  for (const ReadKey& key : keys) serials.push(key.serial);
  call.audit("merchant.replace_platform_keys", merchant.id,
             fc::Json::object({{"serials", serials}}));
  return fc::ok(answer_of(call, merchant.id));
}

fc::Reply replace_api_v3_key(fc::Call& call, const NewApiV3Key& body) {
  const Merchant merchant = require_merchant(call, call.path("id"));
  const std::string sealed = call.seal(api_v3_key_context(merchant.id), body.api_v3_key);
  call.execute(
      "UPDATE merchants SET api_v3_key = $2 WHERE id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      merchant.id, fc::Blob{sealed});
  call.audit("merchant.replace_api_v3_key", merchant.id);
  return fc::ok(answer_of(call, merchant.id));
}

}  // namespace payments
