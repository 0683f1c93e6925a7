// Tokens as an attacker or a careless issuer makes them, and then as they should be.

#include "gateway/tokens/token.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "unit/gateway/signer.hpp"

namespace forecourt::gateway::testing {
namespace {

constexpr int64_t k_now_s = 1'700'000'000;

KeySet keys_of(const std::string& jwks) {
  const auto document = json::parse(jwks);
  EXPECT_TRUE(document.ok()) << jwks;
  auto keys = read_key_set(*document);
  EXPECT_TRUE(keys.ok()) << keys.error().message;
  return keys ? std::move(*keys) : KeySet{};
}

/// Made once: RSA keys take their time.
struct Issued {
  Signer rsa = Signer::rsa("rsa-1");
  Signer p256 = Signer::p256("ec-1");
  Signer ed25519 = Signer::ed25519("ed-1");
  Signer stranger = Signer::p256("ec-1");
  std::vector<Issuer> issuers;

  Issued() {
    Issuer issuer;
    issuer.issuer = "https://id.example";
    issuer.audience = "forecourt";
    issuer.org_claim = "org";
    issuer.scope_claim = "scope";
    issuer.leeway_s = 30;
    issuer.keys =
        keys_of(R"({"keys":[)" + rsa.jwk() + "," + p256.jwk() + "," + ed25519.jwk() + "]}");
    Issuer other = issuer;
    other.issuer = "https://other.example";
    other.keys = keys_of(R"({"keys":[)" + stranger.jwk() + "]}");
    issuers = {issuer, other};
  }
};
const Issued& issued() {
  static const Issued made;
  return made;
}

/// The claims of a good token with one member replaced, added or, by an empty value, taken away.
std::string claims(const std::string& name = {}, const std::string& value = {}) {
  std::vector<std::pair<std::string, std::string>> members = {
      {"iss", R"("https://id.example")"},
      {"aud", R"("forecourt")"},
      {"sub", R"("till-7")"},
      {"exp", std::to_string(k_now_s + 300)},
      {"iat", std::to_string(k_now_s - 10)},
      {"nbf", std::to_string(k_now_s - 10)},
      {"org", R"("store-12")"},
      {"scope", R"("coupons:read coupons:redeem")"}};
  bool known = false;
  for (auto& member : members) {
    if (member.first == name) {
      member.second = value;
      known = true;
    }
  }
  if (!known && !name.empty()) members.emplace_back(name, value);
  std::string text = "{";
  for (const auto& [key, json] : members) {
    if (json.empty()) continue;
    text += (text.size() > 1 ? ",\"" : "\"") + key + "\":" + json;
  }
  return text + "}";
}

std::string refusal(const std::string& token, int64_t now_s = k_now_s) {
  const Bearer bearer = read_token(token, issued().issuers, now_s * 1000);
  return bearer.refusal ? bearer.refusal : "";
}
std::string refusal_of_claim(const std::string& name, const std::string& value) {
  return refusal(issued().p256.token(claims(name, value)));
}
std::string with_header(const std::string& header) { return issued().p256.token(header, claims()); }

constexpr const char* k_malformed = "the token is malformed";
constexpr const char* k_wrong_signature = "the token's signature is wrong";
constexpr const char* k_wrong_algorithm = "the token's algorithm is not that of its key";

TEST(TokenShape, RefusesWhatIsNoCompactToken) {
  const std::string good = issued().p256.token(claims());
  const size_t last = good.rfind('.');
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("..."), std::string("eyJ"),
        good.substr(0, last), good + ".", good + ".x", "." + good, good + "=", good + " ",
        good + "\n", " " + good, good.substr(0, last + 1)}) {
    EXPECT_NE(refusal(bad), "") << bad.substr(0, 20);
  }
}

TEST(TokenShape, RefusesBase64ThatIsNotBase64url) {
  const std::string good = issued().p256.token(claims());
  const size_t first = good.find('.');
  EXPECT_EQ(refusal("+" + good.substr(1)), k_malformed);
  EXPECT_EQ(refusal("/" + good.substr(1)), k_malformed);
  EXPECT_EQ(refusal(good.substr(0, first) + "==" + good.substr(first)), k_malformed);
  EXPECT_EQ(refusal(good.substr(0, 5) + "\n" + good.substr(5)), k_malformed);
}

TEST(TokenShape, RefusesASecondTextOfTheSameSignature) {
  // 64 bytes leave four bits over in the last character; only zeros are taken.
  std::string token = issued().p256.token(claims());
  ASSERT_EQ(refusal(token), "");
  token.back() = static_cast<char>(token.back() + 1);
  EXPECT_EQ(refusal(token), k_malformed);
}

TEST(TokenShape, RefusesJsonThatIsNotStrict) {
  const Signer& signer = issued().p256;
  const std::string good = claims();
  EXPECT_EQ(refusal(signer.token(good + "x")), k_malformed);
  EXPECT_EQ(refusal(signer.token(good + std::string(1, '\0'))), k_malformed);
  EXPECT_EQ(refusal(signer.token("[" + good + "]")), k_malformed);
  EXPECT_EQ(refusal(signer.token(R"({"org":"group",)" + good.substr(1))), k_malformed)
      << "a duplicate member";
  EXPECT_EQ(refusal(signer.token(R"({"alg":"none","alg":"ES256","kid":"ec-1"})", good)),
            k_malformed);
  EXPECT_EQ(refusal(signer.token(claims("deep", std::string(20, '[') + std::string(20, ']')))),
            k_malformed);
  EXPECT_EQ(refusal(signer.token(claims("sub", "\"\xff\""))), k_malformed);
}

TEST(TokenShape, RefusesWhatIsTooLarge) {
  EXPECT_EQ(refusal(issued().p256.token(claims("pad", '"' + std::string(8192, 'x') + '"'))),
            "the token is larger than 8 KiB");
}

TEST(TokenHeader, RefusesNone) {
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header = std::string(R"({"alg":")") + none + R"(","kid":"ec-1"})";
    const std::string text = base64url_of(header) + "." + base64url_of(claims());
    EXPECT_EQ(refusal(text + "."), k_wrong_algorithm) << none;
    EXPECT_EQ(refusal(with_header(header)), k_wrong_algorithm) << none;
  }
}

TEST(TokenHeader, RefusesAnHmacWithThePublicKeyAsItsSecret) {
  const Signer& signer = issued().rsa;
  const std::string secret = signer.public_pem();
  for (const char* algorithm : {"HS256", "RS256"}) {
    const std::string text =
        base64url_of(std::string(R"({"alg":")") + algorithm + R"(","kid":"rsa-1"})") + "." +
        base64url_of(claims());
    unsigned char mac[32];
    unsigned size = sizeof mac;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
    const std::string token = text + "." + base64url_of({reinterpret_cast<const char*>(mac), size});
    EXPECT_EQ(refusal(token),
              std::string(algorithm) == "HS256" ? k_wrong_algorithm : k_wrong_signature);
  }
}

TEST(TokenHeader, RefusesAnAlgorithmThatIsNotThatOfTheKey) {
  for (const char* algorithm : {"RS256", "EdDSA", "ES384", "es256", "RS512", "PS256", "HS256"}) {
    EXPECT_EQ(refusal(with_header(std::string(R"({"alg":")") + algorithm + R"(","kid":"ec-1"})")),
              k_wrong_algorithm)
        << algorithm;
  }
  EXPECT_EQ(refusal(with_header(R"({"kid":"ec-1"})")), k_wrong_algorithm);
  EXPECT_EQ(refusal(with_header(R"({"alg":7,"kid":"ec-1"})")), k_wrong_algorithm);
}

TEST(TokenHeader, RefusesAKeyThatTheTokenBrings) {
  const std::string own = issued().stranger.jwk();
  for (const std::string& member :
       {R"("jwk":)" + own, std::string(R"("jku":"https://evil.example/jwks")"),
        std::string(R"("x5u":"https://evil.example/x")"), std::string(R"("x5c":["AAAA"])")}) {
    EXPECT_EQ(refusal(issued().stranger.token(R"({"alg":"ES256","kid":"ec-1",)" + member + "}",
                                              claims())),
              "the token brings or names its own key");
  }
}

TEST(TokenHeader, RefusesExtensionsItDoesNotKnow) {
  for (const char* member :
       {R"("crit":["exp"])", R"("b64":false)", R"("zip":"DEF")", R"("enc":"A128GCM")"}) {
    EXPECT_EQ(refusal(with_header(std::string(R"({"alg":"ES256","kid":"ec-1",)") + member + "}")),
              "the token needs an extension that is not known here");
  }
}

TEST(TokenHeader, RefusesOtherTypes) {
  for (const char* type : {R"("JWE")", R"("dpop+jwt")", R"("logout+jwt")", "7", R"("")"}) {
    EXPECT_EQ(
        refusal(with_header(std::string(R"({"alg":"ES256","kid":"ec-1","typ":)") + type + "}")),
        "the token is of another type than JWT");
  }
}

TEST(TokenHeader, RefusesAKeyIdThatIsUnknownOrNone) {
  for (const char* id : {R"("ec-2")", R"("EC-1")", R"("")", R"("../ec-1")", R"("ec-1' OR '1'='1")"})
    EXPECT_EQ(refusal(with_header(std::string(R"({"alg":"ES256","kid":)") + id + "}")),
              "the token's key is not known here");
  EXPECT_EQ(refusal(with_header(R"({"alg":"ES256"})")), "the token does not name its key");
  EXPECT_EQ(refusal(with_header(R"({"alg":"ES256","kid":["ec-1"]})")),
            "the token does not name its key");
}

TEST(TokenSignature, RefusesAChangedPayloadOrHeader) {
  for (const Signer* signer : {&issued().rsa, &issued().p256, &issued().ed25519}) {
    const std::string good = signer->token(claims());
    const std::string other = signer->token(claims("org", R"("group")"));
    const size_t first = good.find('.');
    const size_t last = good.rfind('.');
    ASSERT_EQ(refusal(good), "");
    EXPECT_EQ(refusal(other.substr(0, other.rfind('.')) + good.substr(last)), k_wrong_signature);
    const std::string header =
        R"({"alg":")" + signer->algorithm() + R"(","kid":")" + signer->id() + R"(","typ":"jwt"})";
    EXPECT_EQ(refusal(base64url_of(header) + good.substr(first)), k_wrong_signature);
  }
}

TEST(TokenSignature, RefusesTheSameKeyIdOfAnotherIssuer) {
  EXPECT_EQ(refusal(issued().stranger.token(claims())), k_wrong_signature);
  EXPECT_EQ(refusal(issued().p256.token(claims("iss", R"("https://other.example")"))),
            k_wrong_signature);
}

TEST(TokenSignature, RefusesEcdsaInDer) {
  const std::string good = issued().p256.token(claims());
  const std::string text = good.substr(0, good.rfind('.'));
  EXPECT_EQ(refusal(text + "." + base64url_of(issued().p256.sign_as_is(text))), k_wrong_signature);
}

TEST(TokenSignature, RefusesEcdsaOfWrongLengthOrRange) {
  const std::string good = issued().p256.token(claims());
  const std::string text = good.substr(0, good.rfind('.')) + ".";
  const std::string raw = issued().p256.sign(text.substr(0, text.size() - 1));
  EXPECT_EQ(refusal(text), k_wrong_signature);
  EXPECT_EQ(refusal(text + base64url_of(raw.substr(0, 63))), k_wrong_signature);
  EXPECT_EQ(refusal(text + base64url_of(raw + '\0')), k_wrong_signature);
  EXPECT_EQ(refusal(text + base64url_of(std::string(64, '\0'))), k_wrong_signature);
  EXPECT_EQ(refusal(text + base64url_of(std::string(64, '\xff'))), k_wrong_signature);
  EXPECT_EQ(refusal(text + base64url_of(raw.substr(32) + raw.substr(0, 32))), k_wrong_signature);
  EXPECT_EQ(refusal(text + base64url_of(std::string(32, '\0') + raw.substr(32))),
            k_wrong_signature);
}

TEST(TokenSignature, RefusesRsaAndEd25519OfWrongLength) {
  for (const Signer* signer : {&issued().rsa, &issued().ed25519}) {
    const std::string good = signer->token(claims());
    const std::string text = good.substr(0, good.rfind('.'));
    const std::string raw = signer->sign(text);
    EXPECT_EQ(refusal(text + "." + base64url_of(raw + '\0')), k_wrong_signature);
    EXPECT_EQ(refusal(text + "." + base64url_of(raw.substr(1))), k_wrong_signature);
    EXPECT_EQ(refusal(text + "." + base64url_of(std::string(raw.size(), '\0'))), k_wrong_signature);
    EXPECT_EQ(refusal(text + "."), k_wrong_signature);
  }
}

TEST(TokenClaims, RefusesAnotherIssuer) {
  for (const char* value : {R"("https://id.example/")", R"("https://ID.example")", R"("")", "7",
                            R"(["https://id.example"])", ""}) {
    EXPECT_EQ(refusal_of_claim("iss", value), "the token is of an issuer that is not known here")
        << value;
  }
}

TEST(TokenClaims, RefusesAnotherAudience) {
  for (const char* value :
       {R"("Forecourt")", R"("forecourt2")", R"(["other","fore"])", "[]", "7", "{}", ""}) {
    EXPECT_EQ(refusal_of_claim("aud", value), "the token is for another audience") << value;
  }
}

TEST(TokenClaims, RefusesWithoutAnEndOrAfterIt) {
  for (const char* value : {"", R"("1700000300")", "null", "-1", "1e300", "true"})
    EXPECT_EQ(refusal_of_claim("exp", value), "the token does not say when it expires") << value;
  EXPECT_EQ(refusal_of_claim("exp", std::to_string(k_now_s - 30)), "the token has expired");
  EXPECT_EQ(refusal_of_claim("exp", "0"), "the token has expired");
  EXPECT_EQ(refusal_of_claim("exp", std::to_string(k_now_s - 29)), "") << "within the leeway";
}

TEST(TokenClaims, RefusesATokenOfTheFuture) {
  for (const char* name : {"nbf", "iat"}) {
    EXPECT_EQ(refusal_of_claim(name, std::to_string(k_now_s + 31)), "the token is not valid yet");
    EXPECT_EQ(refusal_of_claim(name, R"("soon")"), "a time of the token is malformed");
    EXPECT_EQ(refusal_of_claim(name, std::to_string(k_now_s + 30)), "") << "within the leeway";
    EXPECT_EQ(refusal_of_claim(name, ""), "");
  }
}

TEST(TokenClaims, RefusesWithoutASubject) {
  for (const std::string& value :
       {std::string(), std::string(R"("")"), std::string("7"), '"' + std::string(256, 's') + '"'})
    EXPECT_EQ(refusal_of_claim("sub", value), "the token does not say whose it is (sub)");
}

TEST(TokenClaims, RefusesWithoutAnOrg) {
  for (const char* value : {"", R"("")", "7", R"(["store-12"])", "null"})
    EXPECT_EQ(refusal_of_claim("org", value), "the token does not say for which org it is");
}

TEST(TokenClaims, RefusesScopesThatAreNone) {
  std::string many = "\"a:b";
  for (int i = 0; i < 32; ++i) many += " a:b" + std::to_string(i);
  for (const std::string& value :
       {std::string(), std::string(R"("")"), std::string(R"("coupons")"),
        std::string(R"("coupons:read ")"), std::string(R"("coupons:read  coupons:redeem")"),
        std::string(R"("coupons:read\tcoupons:redeem")"), std::string(R"("openid coupons:read")"),
        std::string("[]"), std::string(R"(["coupons:read coupons:redeem"])"),
        std::string(R"(["coupons:read",7])"), std::string("{}"), many + '"'}) {
    EXPECT_EQ(refusal_of_claim("scope", value), "the scopes of the token are missing or malformed")
        << value;
  }
}

TEST(Token, EachAlgorithmIsTaken) {
  for (const Signer* signer : {&issued().rsa, &issued().p256, &issued().ed25519}) {
    const Bearer bearer = read_token(signer->token(claims()), issued().issuers, k_now_s * 1000);
    ASSERT_EQ(bearer.refusal, nullptr) << signer->algorithm() << bearer.refusal;
    EXPECT_EQ(bearer.key.org, "store-12");
    EXPECT_EQ(bearer.key.scopes, (std::vector<std::string>{"coupons:read", "coupons:redeem"}));
    EXPECT_EQ(bearer.key.expires_at_ms, (k_now_s + 330) * 1000);
    EXPECT_EQ(bearer.key.id.size(), 26u);
    EXPECT_EQ(bearer.key.id.find("till"), std::string::npos) << "the subject stays unreadable";
  }
}

TEST(Token, AudienceAndScopesMayBeArrays) {
  EXPECT_EQ(refusal_of_claim("aud", R"(["other","forecourt"])"), "");
  const Bearer bearer =
      read_token(issued().ed25519.token(claims("scope", R"(["coupons:*","membership:read"])")),
                 issued().issuers, k_now_s * 1000);
  EXPECT_EQ(bearer.key.scopes, (std::vector<std::string>{"coupons:*", "membership:read"}));
}

TEST(Token, ASubjectIsTheSameCallerInEachOfItsTokensAndNobodyElse) {
  const auto caller = [](const std::string& name, const std::string& value) {
    return read_token(issued().p256.token(claims(name, value)), issued().issuers, k_now_s * 1000)
        .key.id;
  };
  EXPECT_EQ(caller("jti", R"("1")"), caller("jti", R"("2")"));
  EXPECT_NE(caller("sub", R"("till-7")"), caller("sub", R"("till-8")"));
}

}  // namespace
}  // namespace forecourt::gateway::testing
