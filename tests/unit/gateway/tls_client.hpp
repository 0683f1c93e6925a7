#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "unit/gateway/raw_client.hpp"

struct ssl_st;

namespace forecourt::gateway::testing {

/// A self-signed certificate for 127.0.0.1 and its key, as PEM files. `passphrase`: of the key.
struct CertificateFiles {
  std::string certificate;
  std::string key;
};
CertificateFiles make_certificate(const std::filesystem::path& folder, const std::string& name,
                                  const char* passphrase = nullptr);

/// A RawClient that speaks TLS. It takes any certificate.
class TlsClient final : public RawClient {
 public:
  struct Options {
    int most = 0;                   ///< highest version; 0: any
    const char* ciphers = nullptr;  ///< of TLS 1.2 and older
    std::string protocols = {};     ///< ALPN, in the wire's form
    int receive_buffer = 0;
  };
  TlsClient(uint16_t port, const Options& options);
  explicit TlsClient(uint16_t port) : TlsClient(port, Options{}) {}

  bool connected() const { return connected_; }
  std::string version() const;
  std::string protocol() const;  ///< chosen by ALPN
  std::string subject() const;   ///< common name of the server's certificate
  bool send(std::string_view bytes) override;
  /// Says that nothing more comes.
  void close_notify();
  /// Whether the server said that nothing more comes, before the connection ended.
  bool ended_cleanly();

 private:
  bool fill() override;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bool connected_ = false;
};

}  // namespace forecourt::gateway::testing
