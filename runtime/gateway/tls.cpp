#include "gateway/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

namespace forecourt::gateway {
namespace {

constexpr unsigned char k_protocols[] = "\x08http/1.1";

/// What OpenSSL says went wrong, and forgets.
std::string reason() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* why = ERR_reason_error_string(code);
    if (text.empty()) text = why ? why : "unknown reason";
  }
  return text.empty() ? "unknown reason" : text;
}

int no_passphrase(char*, int, int, void*) { return -1; }

/// A client that knows only other protocols is told so rather than misunderstood.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned int in_size, void*) {
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_size, k_protocols, sizeof k_protocols - 1, in, in_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool harden(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets only
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const std::string& certificate,
                                              const std::string& key) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || !harden(context.get())) return internal("TLS: " + reason());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1)
    return invalid(certificate + ": is no certificate that can be used: " + reason());
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    return invalid(key + ": is no key that can be used with " + certificate + ": " + reason());
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return invalid(key + ": is not the key of " + certificate + ": " + reason());
  return context;
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::open(std::string certificate_file,
                                                     std::string key_file) {
  std::unique_ptr<TlsContext> tls(new TlsContext(std::move(certificate_file), std::move(key_file)));
  if (auto loaded = tls->reload(); !loaded) return loaded.error();
  return tls;
}

Result<void> TlsContext::reload() {
  auto made = make_context(certificate_file_, key_file_);
  if (!made) return made.error();
  std::lock_guard lock(mutex_);
  context_ = std::move(*made);
  return {};
}

std::shared_ptr<SSL_CTX> TlsContext::context() const {
  std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace forecourt::gateway
