// The host with a certificate of its own.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "e2e/support/host_process.hpp"
#include "e2e/support/scene.hpp"
#include "unit/gateway/tls_client.hpp"

namespace e2e {
namespace {

using forecourt::gateway::testing::CertificateFiles;
using forecourt::gateway::testing::make_certificate;
using forecourt::gateway::testing::TlsClient;

int livez(HostProcess& host) {
  TlsClient client(host.port());
  client.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  return client.read().status;
}

/// The exit status of `forecourt plugins` on the host's data directory.
int plugins_verb(const HostProcess& host, const std::string& environment) {
  const std::string command = environment + " FORECOURT_KEY='" + k_admin_key + "' " +
                              FORECOURT_BINARY_DIR + "/forecourt plugins --data " +
                              host.data().string() + " >/dev/null 2>&1 </dev/null";
  return WEXITSTATUS(std::system(command.c_str()));
}

TEST(Tls, AHostWithHalfOfTheSettingsOrABrokenCertificateDoesNotStart) {
  const TempFolder folder;
  const CertificateFiles files = make_certificate(folder.path(), "first");
  const auto serve = [&](const std::string& environment) {
    const std::string command = environment + " FORECOURT_DATA=" + folder.path().string() +
                                "/data FORECOURT_LISTEN=127.0.0.1:0 timeout 60 " +
                                FORECOURT_BINARY_DIR +
                                "/forecourt serve >/dev/null 2>&1 </dev/null";
    return WEXITSTATUS(std::system(command.c_str()));
  };
  EXPECT_EQ(serve("FORECOURT_TLS_CERTIFICATE=" + files.certificate), 1);
  EXPECT_EQ(serve("FORECOURT_TLS_KEY=" + files.key), 1);
  EXPECT_EQ(serve("FORECOURT_TLS_CERTIFICATE=" + files.key + " FORECOURT_TLS_KEY=" + files.key), 1);
}

TEST(Tls, TheHostServesHttpsAndTakesANewCertificateOnSighup) {
  const TempFolder folder;
  const CertificateFiles files = make_certificate(folder.path(), "first");
  HostProcess host({.plugins = {"hello"},
                    .environment = {{"FORECOURT_TLS_CERTIFICATE", files.certificate},
                                    {"FORECOURT_TLS_KEY", files.key}}});
  host.start();
  EXPECT_EQ(livez(host), 200);
  EXPECT_NE(plugins_verb(host, ""), 0) << "nobody vouches for the certificate";
  EXPECT_EQ(plugins_verb(host, "SSL_CERT_FILE=" + files.certificate), 0);

  TlsClient old(host.port());
  EXPECT_EQ(old.subject(), "first");
  const CertificateFiles next = make_certificate(folder.path(), "second");
  std::filesystem::rename(next.certificate, files.certificate);
  std::filesystem::rename(next.key, files.key);
  ::kill(host.pid(), SIGHUP);
  EXPECT_TRUE(eventually([&] { return TlsClient(host.port()).subject() == "second"; }));
  old.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(old.read().status, 200) << "an open connection lives on";

  std::filesystem::remove(files.key);
  ::kill(host.pid(), SIGHUP);
  EXPECT_TRUE(eventually([&] {
    return host.output().find("the certificate was not read anew") != std::string::npos;
  }));
  EXPECT_EQ(TlsClient(host.port()).subject(), "second");
  EXPECT_EQ(livez(host), 200);
  EXPECT_EQ(host.terminate(), 0);
}

}  // namespace
}  // namespace e2e
