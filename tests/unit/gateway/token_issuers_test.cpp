// The files tokens are checked with, and the tokens over the real gateway.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "gateway/tokens/base64url.hpp"
#include "gateway/tokens/token_verifier.hpp"
#include "unit/gateway/fixture.hpp"
#include "unit/gateway/raw_client.hpp"
#include "unit/gateway/signer.hpp"

namespace forecourt::gateway::testing {
namespace {

const Signer& p256() {
  static const Signer made = Signer::p256("ec-1");
  return made;
}
const Signer& ed25519() {
  static const Signer made = Signer::ed25519("ed-1");
  return made;
}

std::string key_refusal(const std::string& keys) {
  const auto document = json::parse(R"({"keys":[)" + keys + "]}");
  EXPECT_TRUE(document.ok()) << keys;
  const auto read = read_key_set(*document);
  return read ? "" : read.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(TokenKeys, RefusesSecretsAndWhatIsNoKey) {
  EXPECT_NE(key_refusal(R"({"kty":"oct","kid":"a","k":"c2VjcmV0"})"), "");
  EXPECT_NE(key_refusal(p256().jwk(R"(,"d":"c2VjcmV0")")).find("d: a secret"), std::string::npos);
  EXPECT_NE(key_refusal(R"({"kty":"OKP","crv":"X25519","kid":"a","x":"AAAA"})"), "");
  EXPECT_NE(key_refusal(R"({"kty":"EC","crv":"P-521","kid":"a","x":"AAAA","y":"AAAA"})"), "");
  EXPECT_NE(key_refusal(R"({"kid":"a"})"), "");
  EXPECT_NE(key_refusal(R"("ec-1")"), "");
}

TEST(TokenKeys, RefusesAKeyWithoutAnIdOrWithThatOfAnother) {
  EXPECT_NE(key_refusal(replaced(p256().jwk(), R"("kid":"ec-1",)", "")), "");
  EXPECT_NE(key_refusal(replaced(p256().jwk(), R"("kid":"ec-1")", R"("kid":"")")), "");
  EXPECT_NE(key_refusal(p256().jwk() + "," + replaced(ed25519().jwk(), "ed-1", "ec-1")), "");
}

TEST(TokenKeys, RefusesAnAlgorithmThatIsNotThatOfTheKey) {
  for (const char* algorithm : {"RS256", "HS256", "none", "EdDSA", "ES384"})
    EXPECT_NE(key_refusal(replaced(p256().jwk(), "ES256", algorithm)).find("alg: must be ES256"),
              std::string::npos);
}

TEST(TokenKeys, RefusesWeakRsa) {
  const std::string weak = key_refusal(Signer::rsa("rsa-1", 1024).jwk());
  EXPECT_NE(weak.find("1024 bits, 2048 are needed"), std::string::npos) << weak;
  static const Signer strong = Signer::rsa("rsa-1");
  EXPECT_NE(key_refusal(replaced(strong.jwk(), R"("e":"AQAB")", R"("e":"Aw")")), "");
  EXPECT_NE(key_refusal(replaced(strong.jwk(), R"("e":"AQAB")", R"("e":"AQAA")")), "");
  EXPECT_EQ(key_refusal(strong.jwk()), "");
}

TEST(TokenKeys, RefusesAPointThatIsNotOnTheCurve) {
  const std::string zeros(43, 'A');
  EXPECT_NE(key_refusal(R"({"kty":"EC","crv":"P-256","kid":"a","x":")" + zeros + R"(","y":")" +
                        zeros + R"("})"),
            "");
}

TEST(TokenKeys, PassesOverKeysThatAreNotForSignatures) {
  EXPECT_EQ(key_refusal(R"({"kty":"RSA","use":"enc","kid":"e","n":"AA","e":"AQAB"})"), "");
}

TEST(Base64url, OneTextForEachByteString) {
  EXPECT_EQ(decode_base64url(""), "");
  EXPECT_EQ(decode_base64url("Zg"), "f");
  EXPECT_EQ(decode_base64url("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64url("-__-"), "\xFB\xFF\xFE");
  for (const char* bad : {"Z", "Zh", "Zg==", "Zm9=", "Zm 9", "+//+", "Zm9vY"})
    EXPECT_EQ(decode_base64url(bad), std::nullopt) << bad;
}

class TokenFiles : public ServerFixture {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  void write_keys(const std::string& keys) { write("jwks.json", R"({"keys":[)" + keys + "]}"); }
  std::string write_issuers(const std::string& more = R"(,"algorithms":["ES256","EdDSA"])") {
    return write("issuers.json",
                 R"({"issuers":[{"issuer":"https://id.example","audience":"forecourt",)"
                 R"("jwks":"jwks.json")" +
                     more + "}]}");
  }
  std::string refusal(const std::string& path) {
    auto opened = TokenVerifier::open(path);
    return opened ? "" : opened.error().message;
  }
  void serve_tokens() {
    write_keys(p256().jwk() + "," + ed25519().jwk());
    auto opened = TokenVerifier::open(write_issuers());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    tokens_ = std::move(*opened);
    options_.tokens = tokens_.get();
    start();
  }
  void TearDown() override { server_.reset(); }

  std::string token(const std::string& org = "north", const std::string& scope = "demo:*",
                    const Signer& signer = p256(), int64_t lives_s = 300) {
    const int64_t now_s = clock_.now_ms() / 1000;
    return signer.token(R"({"iss":"https://id.example","aud":"forecourt","sub":"till-7","exp":)" +
                        std::to_string(now_s + lives_s) + R"(,"org":")" + org + R"(","scope":")" +
                        scope + R"("})");
  }
  RawResponse ask(RawClient& client, const std::string& credential,
                  const std::string& headers = {}) {
    client.send("GET /v1/demo/items/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + credential +
                "\r\n" + headers + "\r\n");
    return client.read();
  }
  int status(const std::string& credential, const std::string& headers = {}) {
    RawClient client(server_->port());
    return ask(client, credential, headers).status;
  }

  std::unique_ptr<TokenVerifier> tokens_;
};

TEST_F(TokenFiles, RefusesFilesThatAreWrong) {
  write_keys(p256().jwk());
  EXPECT_NE(refusal((folder_ / "nowhere.json").string()), "");
  EXPECT_NE(refusal(write("a.json", "{")), "");
  EXPECT_NE(refusal(write("a.json", R"({"issuers":[]})")), "");
  EXPECT_NE(refusal(write("a.json", R"({"issuers":[{}]})")), "");
  for (const char* more :
       {"", R"(,"algorithms":[])", R"(,"algorithms":["HS256"])", R"(,"algorithms":["none"])",
        R"(,"algorithms":["ES256"],"leeway_seconds":61)",
        R"(,"algorithms":["ES256"],"leeway_seconds":-1)",
        R"(,"algorithms":["ES256"],"org_claim":"")",
        R"(,"algorithms":["ES256"],"jwks_uri":"https://id.example/jwks")",
        R"(,"algorithms":["RS256"])"}) {
    EXPECT_NE(refusal(write_issuers(more)), "") << more;
  }
  std::filesystem::remove(folder_ / "jwks.json");
  EXPECT_NE(refusal(write_issuers()).find("jwks.json"), std::string::npos);
}

TEST_F(TokenFiles, RefusesAnIssuerThatIsThereTwice) {
  write_keys(p256().jwk());
  const std::string one =
      R"({"issuer":"i","audience":"a","jwks":"jwks.json","algorithms":["ES256"]})";
  EXPECT_NE(refusal(write("a.json", R"({"issuers":[)" + one + "," + one + "]}")).find("twice"),
            std::string::npos);
}

TEST_F(TokenFiles, WithoutIssuersNoTokenIsTaken) {
  start();
  EXPECT_EQ(status(token()), 401);
}

TEST_F(TokenFiles, TheGatewayRefusesAndSaysWhy) {
  serve_tokens();
  RawClient client(server_->port());
  EXPECT_EQ(ask(client, token("atlantis")).status, 401);
  EXPECT_EQ(ask(client, token("north", "demo")).status, 401);
  EXPECT_EQ(ask(client, token("north", "other:*")).status, 403);
  EXPECT_EQ(ask(client, token("north", "demo:*", Signer::p256("ec-1"))).status, 401);
  EXPECT_EQ(ask(client, token() + "x").status, 401);
  EXPECT_EQ(ask(client, std::string(9000, '.')).status, 401);
  const RawResponse expired = ask(client, token("north", "demo:*", p256(), -31));
  EXPECT_EQ(expired.status, 401);
  EXPECT_NE(expired.headers.at("www-authenticate").find("the token has expired"),
            std::string::npos);
  EXPECT_EQ(ask(client, "secret-north").status, 200) << "an API key as before";
}

TEST_F(TokenFiles, ATokenActsForItsOrgAndBelow) {
  serve_tokens();
  RawClient client(server_->port());
  for (const Signer* signer : {&p256(), &ed25519()}) {
    const RawResponse answer = ask(client, token("north", "demo:read", *signer));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_NE(answer.body.find(R"("org":"north")"), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find(R"("caller":"jwt_)"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(ask(client, token(), "Forecourt-Org: store-1\r\n").status, 200);
  EXPECT_EQ(ask(client, token(), "Forecourt-Org: south\r\n").status, 403);
}

TEST_F(TokenFiles, ATokenEndsByTheClockEvenOnAnOldConnection) {
  serve_tokens();
  RawClient client(server_->port());
  const std::string good = token();
  EXPECT_EQ(ask(client, good).status, 200);
  clock_.advance_ms(329'999 - 300'000);
  EXPECT_EQ(ask(client, good).status, 200);
  clock_.set_ms(clock_.now_ms() + 300'001);
  const RawResponse late = ask(client, good);
  EXPECT_EQ(late.status, 401);
  EXPECT_NE(late.body.find("expired"), std::string::npos) << late.body;
  EXPECT_EQ(status(good), 401) << "and on a new one";
}

TEST_F(TokenFiles, AKeyTakenOutOfTheFileEndsItsTokensAtOnce) {
  serve_tokens();
  RawClient client(server_->port());
  const std::string by_p256 = token();
  const std::string by_ed25519 = token("north", "demo:*", ed25519());
  EXPECT_EQ(ask(client, by_p256).status, 200);
  const auto unchanged = tokens_->reload_if_changed();
  ASSERT_TRUE(unchanged.ok());
  EXPECT_FALSE(*unchanged);

  write_keys(ed25519().jwk());
  const auto changed = tokens_->reload_if_changed();
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  EXPECT_TRUE(*changed);
  EXPECT_EQ(ask(client, by_p256).status, 401);
  EXPECT_EQ(ask(client, by_ed25519).status, 200);
}

TEST_F(TokenFiles, ABrokenFileLeavesWhatWasReadBeforeInForceAndIsToldOnce) {
  serve_tokens();
  const std::string good = token();
  write("jwks.json", "{\"keys\":[");
  EXPECT_FALSE(tokens_->reload_if_changed().ok());
  const auto again = tokens_->reload_if_changed();
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(*again);
  EXPECT_FALSE(tokens_->reload().ok()) << "whoever asks for it is told";
  EXPECT_EQ(status(good), 200);
}

TEST_F(TokenFiles, ManyTokensAreRememberedInBoundedMemory) {
  serve_tokens();
  const std::string first = token();
  const auto kept = tokens_->verify(first, clock_.now_ms());
  ASSERT_NE(kept.key, nullptr);
  EXPECT_EQ(tokens_->verify(first, clock_.now_ms()).key, kept.key) << "verified once";
  for (int i = 0; i < 10'000; ++i) tokens_->verify(first + std::to_string(i), clock_.now_ms());
  EXPECT_EQ(tokens_->verify(first, clock_.now_ms()).key, kept.key)
      << "refused ones take no place from it";
}

}  // namespace
}  // namespace forecourt::gateway::testing
