// API keys over the real host: rotation, revocation and the admin key across restarts.

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/json.hpp"
#include "e2e/support/event_stream.hpp"
#include "e2e/support/host_process.hpp"
#include "e2e/support/scene.hpp"
#include "unit/gateway/signer.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;
using forecourt::gateway::testing::Signer;

struct Made {
  std::string id;
  std::string key;
};

Made made_by(const Answer& answer) {
  EXPECT_EQ(answer.status, 201) << answer.body;
  const auto document = json::parse(answer.body);
  if (!document) return {};
  return {std::string(json::text(*document, "id")), std::string(json::text(*document, "key"))};
}

struct Printed {
  int status = -1;
  std::string text;  ///< stdout
};

/// `forecourt keys <arguments>` on the running host.
Printed keys_verb(const HostProcess& host, const std::string& arguments) {
  const std::string command = std::string("FORECOURT_KEY='") + k_admin_key + "' " +
                              FORECOURT_BINARY_DIR + "/forecourt keys " + arguments + " --data " +
                              host.data().string() + " 2>/dev/null </dev/null";
  Printed printed;
  FILE* pipe = ::popen(command.c_str(), "r");
  char chunk[1024];
  size_t n;
  while ((n = std::fread(chunk, 1, sizeof chunk, pipe)) > 0) printed.text.append(chunk, n);
  printed.status = WEXITSTATUS(::pclose(pipe));
  return printed;
}

/// The verb prints the id and the key, a line each.
Made made_by(const Printed& printed) {
  EXPECT_EQ(printed.status, 0);
  const size_t end = printed.text.find('\n');
  if (end == std::string::npos) return {};
  return {printed.text.substr(0, end), printed.text.substr(end + 1, printed.text.size() - end - 2)};
}

int hello(HostProcess& host, const std::string& key) {
  return host.client(key).get("/v1/hello").status;
}

TEST(Credentials, AKeyIsRotatedAndRevokedFromTheNextRequestOn) {
  HostProcess host({.plugins = {"hello"}, .environment = {}});
  host.start();
  HttpClient admin = host.client();
  const Made first = made_by(
      admin.post("/admin/v1/keys", R"({"org":"group","name":"till","scopes":["hello:*"]})"));
  // One connection all along: what it remembers of a key must not outlive the key.
  HttpClient till = host.client(first.key);
  EXPECT_EQ(till.get("/v1/hello").status, 200);

  EXPECT_EQ(till.post("/admin/v1/keys/" + first.id + "/rotate", "{}").status, 403);
  const Made second =
      made_by(admin.post("/admin/v1/keys/" + first.id + "/rotate", R"({"overlap_seconds":3600})"));
  EXPECT_EQ(till.get("/v1/hello").status, 200) << "within the overlap";
  EXPECT_EQ(hello(host, second.key), 200);

  const Made third = made_by(admin.post("/admin/v1/keys/" + first.id + "/rotate", "{}"));
  EXPECT_EQ(till.get("/v1/hello").status, 401) << "without an overlap it ends at once";
  EXPECT_EQ(hello(host, third.key), 200);

  HttpClient other = host.client(second.key);
  EXPECT_EQ(other.get("/v1/hello").status, 200);
  EXPECT_EQ(admin.send("DELETE", "/admin/v1/keys/" + second.id).status, 204);
  EXPECT_EQ(other.get("/v1/hello").status, 401);
  EXPECT_EQ(host.terminate(), 0);
  for (const Made& made : {first, second, third})
    EXPECT_EQ(host.output().find(made.key), std::string::npos) << "a key was logged";
}

TEST(Credentials, TheVerbCreatesRotatesListsAndRevokes) {
  HostProcess host({.plugins = {"hello"}, .environment = {}});
  host.start();
  EXPECT_EQ(keys_verb(host, "revoke ../orgs/group").status, 1);
  EXPECT_EQ(keys_verb(host, "rotate key_0").status, 1);
  EXPECT_EQ(keys_verb(host, "create --org nowhere --name till --scopes hello:*").status, 1);
  EXPECT_EQ(keys_verb(host, "replace-admin").status, 1) << "not under a running host";

  const Made first = made_by(keys_verb(host, "create --org group --name till --scopes 'hello:*'"));
  EXPECT_EQ(hello(host, first.key), 200);
  const Made second = made_by(keys_verb(host, "rotate " + first.id));
  EXPECT_EQ(hello(host, first.key), 401);
  EXPECT_EQ(hello(host, second.key), 200);
  const Printed listed = keys_verb(host, "list");
  EXPECT_EQ(listed.status, 0);
  EXPECT_NE(listed.text.find(first.id + "  expired"), std::string::npos) << listed.text;
  EXPECT_NE(listed.text.find(second.id + "  active"), std::string::npos) << listed.text;
  EXPECT_EQ(listed.text.find(second.key), std::string::npos);
  EXPECT_EQ(keys_verb(host, "revoke " + second.id).status, 0);
  EXPECT_EQ(hello(host, second.key), 401);
}

TEST(Credentials, AnotherAdminKeyAtTheStartReplacesTheFormer) {
  HostProcess host({.plugins = {"hello"}, .environment = {}});
  host.start();
  EXPECT_EQ(hello(host, k_admin_key), 200);
  EXPECT_EQ(host.terminate(), 0);
  host.set_environment("FORECOURT_ADMIN_KEY", "another admin key of the tests");
  host.start();
  EXPECT_EQ(hello(host, k_admin_key), 401);
  EXPECT_EQ(hello(host, "another admin key of the tests"), 200);
  EXPECT_EQ(host.terminate(), 0);
}

TEST(Credentials, TokensOfAnIssuerUntilItsKeyIsTakenAway) {
  const TempFolder folder;
  const Signer first = Signer::p256("k1");
  const Signer second = Signer::ed25519("k2");
  const auto publish = [&](const Signer& signer) {
    std::ofstream(folder.path() / "next") << R"({"keys":[)" << signer.jwk() << "]}";
    std::filesystem::rename(folder.path() / "next", folder.path() / "jwks.json");
  };
  publish(first);
  std::ofstream(folder.path() / "issuers.json")
      << R"({"issuers":[{"issuer":"https://id.example","audience":"forecourt","jwks":"jwks.json",)"
      << R"("algorithms":["ES256","EdDSA"]}]})";
  const std::string claims =
      R"({"iss":"https://id.example","aud":"forecourt","sub":"anna","org":"group","scope":"*","exp":)" +
      std::to_string(std::time(nullptr) + 600) + "}";
  const std::string token = first.token(claims);

  HostProcess host({.plugins = {"hello"},
                    .environment = {{"FORECOURT_TOKEN_ISSUERS", folder.path() / "issuers.json"}}});
  host.start();
  EXPECT_EQ(hello(host, second.token(claims)), 401);
  EXPECT_EQ(hello(host, token), 200);
  HttpClient client = host.client(token);
  EXPECT_EQ(client.get("/admin/v1/orgs").status, 200);
  const Answer denied =
      client.post("/admin/v1/keys", R"({"org":"group","name":"k","scopes":["*"]})");
  EXPECT_EQ(denied.status, 403);
  EXPECT_NE(denied.body.find("a token cannot make keys"), std::string::npos) << denied.body;

  publish(second);
  EXPECT_TRUE(eventually([&] { return hello(host, token) == 401; })) << "the file changed";
  EXPECT_EQ(client.get("/v1/hello").status, 401) << "an old connection too";
  EXPECT_EQ(EventStream(host.port(), token).status(), 401);
  EXPECT_EQ(hello(host, second.token(claims)), 200);
  std::ofstream(folder.path() / "jwks.json") << "{";
  ::kill(host.pid(), SIGHUP);
  EXPECT_TRUE(eventually([&] {
    return host.output().find("issuers of tokens were not read anew") != std::string::npos;
  }));
  EXPECT_EQ(hello(host, second.token(claims)), 200) << "what was read before stays in force";
  EXPECT_EQ(host.terminate(), 0);
  EXPECT_EQ(host.output().find(token.substr(0, 40)), std::string::npos) << "a token was logged";
  EXPECT_EQ(host.output().find("anna"), std::string::npos) << "a subject was logged";
}

TEST(Credentials, AStreamEndsWithTheTokenItWasOpenedWith) {
  const TempFolder folder;
  const Signer signer = Signer::ed25519("k1");
  std::ofstream(folder.path() / "jwks.json") << R"({"keys":[)" << signer.jwk() << "]}";
  std::ofstream(folder.path() / "issuers.json")
      << R"({"issuers":[{"issuer":"https://id.example","audience":"forecourt","jwks":"jwks.json",)"
      << R"("algorithms":["EdDSA"],"leeway_seconds":0}]})";
  HostProcess host({.plugins = {"hello"},
                    .environment = {{"FORECOURT_TOKEN_ISSUERS", folder.path() / "issuers.json"}}});
  host.start();
  const auto token = [&](const std::string& scope, int seconds) {
    return signer.token(
        R"({"iss":"https://id.example","aud":"forecourt","sub":"anna","org":"group","scope":")" +
        scope + R"(","exp":)" + std::to_string(std::time(nullptr) + seconds) + "}");
  };
  EXPECT_EQ(EventStream(host.port(), token("hello:read", 600)).status(), 403);
  EXPECT_EQ(EventStream(host.port(), token("events:read", -1)).status(), 401);
  EventStream stream(host.port(), token("events:read", 5));
  ASSERT_EQ(stream.status(), 200);
  EventStream::Event event;
  ASSERT_TRUE(stream.next(event));
  EXPECT_EQ(event.type, "end");
  EXPECT_NE(event.data.find("the token has expired"), std::string::npos) << event.data;
  EXPECT_FALSE(stream.next(event));
  EXPECT_TRUE(stream.ended());
}

}  // namespace
}  // namespace e2e
