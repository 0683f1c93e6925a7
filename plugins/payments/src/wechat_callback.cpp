#include "wechat_callback.hpp"

#include <openssl/evp.h>
#include <forecourt/cpp/base64.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <new>

namespace payments::wechat {
namespace {

constexpr std::string_view k_signature_type = "WECHATPAY2-SHA256-RSA2048";
constexpr std::string_view k_probe_prefix = "WECHATPAY/SIGNTEST/";
constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
constexpr int64_t k_window_s = 300;
constexpr size_t k_key_bytes = 32;
constexpr size_t k_nonce_bytes = 12;
constexpr size_t k_tag_bytes = 16;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Seconds since 1970, digits only; at most twelve, so that nothing overflows.
std::optional<int64_t> read_timestamp(std::string_view text) {
  if (text.empty() || text.size() > 12) return std::nullopt;
  int64_t seconds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || seconds < 0) {
    return std::nullopt;
  }
  return seconds;
}

/// What a serial number or a public key id is written with; others have no key to be looked up.
bool is_serial(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), allowed);
}

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

std::optional<std::string> text_member(const fc::Json& object, std::string_view name) {
  const fc::Json& member = object[name];
  if (!member.is_text() || member.text().find('\0') != std::string::npos) return std::nullopt;
  return member.text();
}

}  // namespace

std::optional<Refusal> check_headers(const Headers& headers, int64_t now_ms) {
  const auto timestamp = read_timestamp(headers.timestamp);
  if (!timestamp || headers.nonce.empty() || headers.signature.empty() ||
      !is_serial(headers.serial)) {
    return Refusal{400, "headers",
                   "Wechatpay-Timestamp, -Nonce, -Signature and -Serial are needed"};
  }
  if (!headers.signature_type.empty() && headers.signature_type != k_signature_type) {
    return Refusal{400, "signature_type", "Wechatpay-Signature-Type is unknown"};
  }
  const int64_t age_s = now_ms / 1000 - *timestamp;
  if (age_s >= k_window_s || age_s <= -k_window_s) {
    return Refusal{403, "stale", "Wechatpay-Timestamp is 300 seconds away or more"};
  }
  if (headers.signature.starts_with(k_probe_prefix)) {
    return Refusal{403, "probe", "the signature does not hold"};
  }
  return std::nullopt;
}

bool signature_holds(const Headers& headers, std::string_view body, const RsaPublicKey& key) {
  const auto signature = fc::from_base64(headers.signature);
  if (!signature) return false;
  std::string message;
  message.reserve(headers.timestamp.size() + headers.nonce.size() + body.size() + 3);
  message.append(headers.timestamp).append("\n");
  message.append(headers.nonce).append("\n");
  message.append(body).append("\n");
  return verify_sha256(key, message, *signature);
}

std::string normal_serial(std::string_view serial) {
  std::string out(serial);
  if (!is_hexadecimal(serial)) return out;
  for (char& c : out) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::optional<std::string> decrypt(std::string_view key, std::string_view nonce,
                                   std::string_view associated_data, std::string_view sealed) {
  if (key.size() != k_key_bytes || nonce.size() != k_nonce_bytes || sealed.size() < k_tag_bytes) {
    return std::nullopt;
  }
  const std::string_view cipher = sealed.substr(0, sealed.size() - k_tag_bytes);
  std::string tag(sealed.substr(cipher.size()));
  std::string plain(cipher.size(), '\0');
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  const bool ready =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) ==
          1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, bytes(associated_data),
                        static_cast<int>(associated_data.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &length,
                        bytes(cipher), static_cast<int>(cipher.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, k_tag_bytes, tag.data()) == 1;
  // Up to the tag any bytes will do: only memory can be missing.
  if (!ready) throw std::bad_alloc();
  unsigned char last[16];
  if (EVP_DecryptFinal_ex(context.get(), last, &length) != 1) return std::nullopt;
  return plain;
}

std::optional<Notification> open(std::string_view body, std::string_view api_v3_key) try {
  const fc::Json envelope = fc::Json::parse(body);
  const auto id = text_member(envelope, "id");
  const auto event_type = text_member(envelope, "event_type");
  const fc::Json& resource = envelope["resource"];
  const auto sealed = fc::from_base64(text_member(resource, "ciphertext").value_or(""));
  if (!id || id->empty() || id->size() > 128) return std::nullopt;
  if (!event_type || event_type->empty() || event_type->size() > 64) return std::nullopt;
  if (!sealed || text_member(resource, "algorithm") != "AEAD_AES_256_GCM") return std::nullopt;

  auto plain = decrypt(api_v3_key, text_member(resource, "nonce").value_or(""),
                       text_member(resource, "associated_data").value_or(""), *sealed);
  if (!plain) return std::nullopt;
  if (plain->starts_with(k_byte_order_mark)) plain->erase(0, k_byte_order_mark.size());
  fc::Json document = fc::Json::parse(*plain);
  if (!document.is_object()) return std::nullopt;
  return Notification{*id, *event_type, std::move(*plain), std::move(document)};
} catch (const fc::Error&) {
  return std::nullopt;  // not JSON
}

}  // namespace payments::wechat
