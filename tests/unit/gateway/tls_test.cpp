// The gateway behind TLS: what it refuses, and that sessions are the same as without.

#include "gateway/tls.hpp"

#include <openssl/ssl.h>
#include <signal.h>

#include <cerrno>
#include <fstream>

#include "unit/gateway/fixture.hpp"
#include "unit/gateway/tls_client.hpp"

namespace forecourt::gateway::testing {
namespace {

const std::string k_request =
    "GET /v1/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-admin\r\n\r\n";

std::string put(size_t bytes) {
  return "PUT /v1/demo/items/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-admin\r\n"
         "Content-Type: application/octet-stream\r\nContent-Length: " +
         std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x');
}

class TlsTest : public ServerFixture {
 protected:
  void SetUp() override { ::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override { server_.reset(); }
  void serve(std::shared_ptr<http::Handler> handler = echo_handler()) {
    files_ = make_certificate(folder_, "first");
    auto opened = TlsContext::open(files_.certificate, files_.key);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    tls_ = std::move(*opened);
    options_.tls = tls_.get();
    start(std::move(handler));
  }
  std::string refusal(const std::string& certificate, const std::string& key) {
    auto opened = TlsContext::open(certificate, key);
    return opened ? "" : opened.error().message;
  }
  /// Puts the certificate of `name` in the place of the present one.
  void replace_files(const std::string& name) {
    const CertificateFiles made = make_certificate(folder_, name);
    std::filesystem::rename(made.certificate, files_.certificate);
    std::filesystem::rename(made.key, files_.key);
  }
  bool connections_are(const std::string& count) {
    return eventually([&] {
      TlsClient client(server_->port());
      client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      return client.read().body.find("forecourt_http_connections " + count + "\n") !=
             std::string::npos;
    });
  }

  CertificateFiles files_;
  std::unique_ptr<TlsContext> tls_;
};

TEST_F(TlsTest, RefusesFilesThatCannotBeUsed) {
  const CertificateFiles one = make_certificate(folder_, "one");
  const CertificateFiles two = make_certificate(folder_, "two");
  const CertificateFiles locked = make_certificate(folder_, "locked", "a passphrase");
  const std::string nowhere = (folder_ / "nowhere.pem").string();
  const std::string junk = (folder_ / "junk.pem").string();
  std::ofstream(junk) << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(refusal(one.certificate, one.key), "");
  EXPECT_NE(refusal(nowhere, one.key).find(nowhere), std::string::npos);
  EXPECT_NE(refusal(one.certificate, nowhere).find(nowhere), std::string::npos);
  EXPECT_NE(refusal(junk, one.key).find(junk), std::string::npos);
  EXPECT_NE(refusal(one.key, one.key), "");
  EXPECT_NE(refusal(one.certificate, one.certificate), "");
  EXPECT_NE(refusal(one.certificate, two.key).find(two.key), std::string::npos);
  EXPECT_NE(refusal(locked.certificate, locked.key).find(locked.key), std::string::npos);
}

TEST_F(TlsTest, RefusesOldVersionsAndWeakCiphers) {
  serve();
  EXPECT_FALSE(TlsClient(server_->port(), {.most = TLS1_VERSION}).connected());
  EXPECT_FALSE(TlsClient(server_->port(), {.most = TLS1_1_VERSION}).connected());
  for (const char* cipher : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "aNULL", "eNULL"}) {
    EXPECT_FALSE(
        TlsClient(server_->port(), {.most = TLS1_2_VERSION, .ciphers = cipher}).connected())
        << cipher;
  }
  EXPECT_TRUE(TlsClient(server_->port(), {.most = TLS1_2_VERSION}).connected());
}

TEST_F(TlsTest, RefusesAClientOfAnotherProtocol) {
  serve();
  EXPECT_FALSE(TlsClient(server_->port(), {.protocols = "\x02h2"}).connected());
  TlsClient client(server_->port(), {.protocols = "\x02h2\x08http/1.1"});
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.protocol(), "http/1.1");
}

TEST_F(TlsTest, PlainHttpAndGarbageAreClosedAndNotReset) {
  serve();
  for (const std::string& bytes :
       {k_request, k_request + std::string(3000, 'x'), std::string(100, '\0'),
        std::string("\x16\x03\x01\x00\x05hello", 10), std::string(500, '\x16')}) {
    RawClient client(server_->port());
    EXPECT_TRUE(client.send(bytes));
    std::string answer;
    errno = 0;
    EXPECT_TRUE(client.read_to_end(answer));
    EXPECT_NE(errno, ECONNRESET);
    EXPECT_EQ(answer.find("HTTP/1.1 200"), std::string::npos);
  }
  TlsClient after(server_->port());
  after.send(k_request);
  EXPECT_EQ(after.read().status, 200);
}

TEST_F(TlsTest, AHandshakeThatDoesNotEndIsGivenUpAfterTheTimeOfAHead) {
  serve();
  RawClient silent(server_->port());
  RawClient slow(server_->port());
  slow.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  TlsClient idle(server_->port());
  idle.send(k_request);
  EXPECT_EQ(idle.read().status, 200);
  ASSERT_TRUE(connections_are("4"));
  clock_.advance_ms(9'000);
  std::string rest;
  EXPECT_FALSE(silent.read_to_end(rest, 300));
  clock_.advance_ms(2'000);
  EXPECT_TRUE(silent.closed());
  EXPECT_TRUE(slow.closed());
  idle.send(k_request);
  EXPECT_EQ(idle.read().status, 200) << "whoever is through with it has the time of an idle client";
}

TEST_F(TlsTest, AConnectionCutWithoutAWordIsClosed) {
  serve();
  {
    TlsClient client(server_->port());
    client.send(k_request.substr(0, 20));
    client.shutdown_send();
    EXPECT_FALSE(client.read().complete);
  }
  TlsClient aborting(server_->port());
  aborting.send(k_request.substr(0, 20));
  aborting.abort();
  EXPECT_TRUE(connections_are("1"));
}

TEST_F(TlsTest, ServesManyRequestsOnOneConnection) {
  serve();
  for (const int most : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server_->port(), {.most = most});
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.version(), most == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    for (int i = 0; i < 5; ++i) {
      client.send(k_request);
      EXPECT_EQ(client.read().status, 200);
    }
  }
}

TEST_F(TlsTest, ARequestMayComeInAnyPieces) {
  serve();
  TlsClient client(server_->port());
  for (const char byte : k_request) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_EQ(client.read().status, 200);
  client.send(k_request + k_request + k_request.substr(0, 30));
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(client.read().status, 200);
  client.send(k_request.substr(30));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(TlsTest, ALargeBodyArrivesWhole) {
  serve();
  TlsClient client(server_->port());
  for (const size_t bytes : {16'383, 16'384, 16'385, 200'000}) {
    client.send(put(bytes));
    const RawResponse answer = client.read();
    ASSERT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("\"body\":\"" + std::string(bytes, 'x') + '"'), std::string::npos);
  }
}

TEST_F(TlsTest, ASlowReaderLosesNothing) {
  // More than the socket's buffers hold: the server has to wait in the middle of records.
  std::string large;
  for (int i = 0; i < 500'000; ++i) large += std::to_string(i);
  serve(std::make_shared<TestHandler>(
      [&](std::shared_ptr<http::Exchange> exchange) { exchange->answer(text(200, large)); }));
  TlsClient client(server_->port(), {.receive_buffer = 4096});
  client.send(k_request + k_request + k_request);
  for (int i = 0; i < 3; ++i) {
    const RawResponse answer = client.read();
    ASSERT_EQ(answer.status, 200) << i;
    EXPECT_TRUE(answer.body == large) << i;
  }
}

TEST_F(TlsTest, TheEndIsSaidOnBothSides) {
  serve();
  TlsClient client(server_->port());
  std::string last = k_request;
  last.insert(last.find("Host"), "Connection: close\r\n");
  client.send(last);
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.ended_cleanly());

  TlsClient leaving(server_->port());
  leaving.send(k_request);
  leaving.close_notify();
  EXPECT_EQ(leaving.read().status, 200) << "the answer still comes";
  EXPECT_TRUE(leaving.ended_cleanly());
}

TEST_F(TlsTest, ANewCertificateIsForNewConnections) {
  serve();
  TlsClient old(server_->port());
  EXPECT_EQ(old.subject(), "first");
  replace_files("second");
  EXPECT_EQ(TlsClient(server_->port()).subject(), "first") << "not before the reload";
  ASSERT_TRUE(tls_->reload().ok());
  EXPECT_EQ(TlsClient(server_->port()).subject(), "second");
  old.send(k_request);
  EXPECT_EQ(old.read().status, 200) << "the old connection lives on";
}

TEST_F(TlsTest, ABrokenCertificateLeavesTheFormerInForce) {
  serve();
  std::ofstream(files_.certificate) << "not a certificate";
  EXPECT_FALSE(tls_->reload().ok());
  TlsClient client(server_->port());
  EXPECT_EQ(client.subject(), "first");
  client.send(k_request);
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(TlsTest, DrainingEndsIdleConnections) {
  serve();
  TlsClient idle(server_->port());
  idle.send(k_request);
  EXPECT_EQ(idle.read().status, 200);
  RawClient shaking(server_->port());
  EXPECT_TRUE(server_->drain(5000));
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(shaking.closed());
}

}  // namespace
}  // namespace forecourt::gateway::testing
