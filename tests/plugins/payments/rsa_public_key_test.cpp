#include "rsa_public_key.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <forecourt/cpp/base64.hpp>

#include <gtest/gtest.h>

#include <memory>

#include "plugins/payments/channel.hpp"

namespace payments {
namespace {

using test::PlatformKey;

std::string why_refused(std::string_view pem) {
  const auto read = read_pem(pem);
  const auto* why = std::get_if<std::string>(&read);
  return why ? *why : "";
}

std::string elliptic_curve_pem() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PUBKEY(out.get(), key.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<size_t>(size)};
}

TEST(RsaPublicKey, RefusesWhatIsNoPem) {
  const std::string good = PlatformKey("01").public_key_pem();
  EXPECT_FALSE(why_refused("").empty());
  EXPECT_FALSE(why_refused("no PEM").empty());
  EXPECT_FALSE(why_refused(good.substr(0, good.size() / 2)).empty());
  EXPECT_FALSE(
      why_refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").empty());
}

TEST(RsaPublicKey, RefusesOtherAlgorithmsAndShortKeys) {
  EXPECT_EQ(why_refused(elliptic_curve_pem()), "is not an RSA key");
  EXPECT_EQ(why_refused(PlatformKey("01", 1024).public_key_pem()),
            "has 1024 bits; 2048 to 8192 are accepted");
}

TEST(RsaPublicKey, IsTheSameFromKeyAndCertificate) {
  const PlatformKey key("01");
  const auto from_key = std::get<RsaPublicKey>(read_pem(key.public_key_pem()));
  const auto from_certificate = std::get<RsaPublicKey>(read_pem(key.certificate_pem()));
  EXPECT_EQ(from_key.modulus, from_certificate.modulus);
  EXPECT_EQ(from_key.exponent, from_certificate.exponent);
  EXPECT_EQ(from_key.modulus.size(), 256u);
}

TEST(RsaPublicKey, VerifiesItsOwnSignaturesOnly) {
  for (const int bits : {2048, 3072}) {
    const PlatformKey key("01", bits);
    const PlatformKey other("02", bits);
    const auto read = std::get<RsaPublicKey>(read_pem(key.public_key_pem()));
    const std::string signature = *fc::from_base64(key.sign("message"));
    EXPECT_FALSE(verify_sha256(read, "massage", signature));
    EXPECT_FALSE(verify_sha256(read, "message", *fc::from_base64(other.sign("message"))));
    EXPECT_FALSE(verify_sha256(read, "message", signature.substr(1)));
    EXPECT_FALSE(verify_sha256(read, "message", ""));
    EXPECT_TRUE(verify_sha256(read, "message", signature));
  }
}

TEST(RsaPublicKey, RefusesEverySignatureUnderNonsense) {
  EXPECT_FALSE(verify_sha256({"", ""}, "message", "signature"));
  EXPECT_FALSE(verify_sha256({"x", "y"}, "message", "signature"));
}

}  // namespace
}  // namespace payments
