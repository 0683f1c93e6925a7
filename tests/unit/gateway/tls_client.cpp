#include "unit/gateway/tls_client.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace forecourt::gateway::testing {

CertificateFiles make_certificate(const std::filesystem::path& folder, const std::string& name,
                                  const char* passphrase) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_set_pubkey(certificate, key);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  if (X509_sign(certificate, key, EVP_sha256()) == 0) std::abort();

  CertificateFiles files{(folder / (name + ".pem")).string(), (folder / (name + ".key")).string()};
  FILE* file = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(file, key, passphrase ? EVP_aes_256_cbc() : nullptr, nullptr, 0, nullptr,
                       const_cast<char*>(passphrase));
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

TlsClient::TlsClient(uint16_t port, const Options& options)
    : RawClient(port, options.receive_buffer), ssl_(nullptr, SSL_free) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  // The server is what is tested: the client offers whatever it is told to.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  if (options.most != 0) SSL_CTX_set_max_proto_version(context, options.most);
  if (options.ciphers) SSL_CTX_set_cipher_list(context, options.ciphers);
  if (!options.protocols.empty())
    SSL_CTX_set_alpn_protos(context,
                            reinterpret_cast<const unsigned char*>(options.protocols.data()),
                            static_cast<unsigned>(options.protocols.size()));
  ssl_.reset(SSL_new(context));
  SSL_CTX_free(context);
  SSL_set_fd(ssl_.get(), socket_);
  ERR_clear_error();
  connected_ = SSL_connect(ssl_.get()) == 1;
}

std::string TlsClient::version() const { return SSL_get_version(ssl_.get()); }

std::string TlsClient::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

std::string TlsClient::subject() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_.get());
  if (!certificate) return {};
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  X509_free(certificate);
  return name;
}

bool TlsClient::send(std::string_view bytes) {
  ERR_clear_error();
  return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

void TlsClient::close_notify() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

bool TlsClient::ended_cleanly() {
  while (fill()) {
  }
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool TlsClient::fill() {
  char bytes[16 * 1024];
  ERR_clear_error();
  const int n = SSL_read(ssl_.get(), bytes, sizeof bytes);
  if (n <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(n));
  return true;
}

}  // namespace forecourt::gateway::testing
