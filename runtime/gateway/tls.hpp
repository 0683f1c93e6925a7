#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace forecourt::gateway {

/// The certificate new connections get: TLS 1.2 and 1.3, AEAD ciphers with forward secrecy, no
/// renegotiation, ALPN http/1.1. Thread-safe. The process ignores SIGPIPE.
class TlsContext {
 public:
  /// PEM files: the certificate with its chain, and its key without a passphrase.
  static Result<std::unique_ptr<TlsContext>> open(std::string certificate_file,
                                                  std::string key_file);
  /// Reads the files again, for connections to come. On an error the present certificate stays.
  Result<void> reload();
  std::shared_ptr<ssl_ctx_st> context() const;

 private:
  TlsContext(std::string certificate_file, std::string key_file)
      : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {}

  const std::string certificate_file_;
  const std::string key_file_;
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_;  // guarded by mutex_
};

}  // namespace forecourt::gateway
