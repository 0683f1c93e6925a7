// Heads of the audit log are signed with a key of the host.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "e2e/support/command_line.hpp"
#include "e2e/support/host_process.hpp"

namespace e2e {
namespace {

std::string line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

TEST(AuditHead, IsSignedAndTheSignatureIsChecked) {
  HostProcess host({.plugins = {"hello"}, .environment = {}});
  host.start();
  ASSERT_EQ(host.client()
                .post("/admin/v1/orgs",
                      R"({"id":"store-12","parent":"group","kind":"store","name":"Store 12"})")
                .status,
            201);
  const std::string at = " --data " + host.data().string() + " --key " + k_admin_key;
  const std::string file = (host.data().parent_path() / "head.json").string();
  const auto verify = [&](const std::string& head, const std::string& key) {
    std::ofstream(file) << head;
    return forecourt("audit verify --head " + file + (key.empty() ? "" : " --public-key " + key) +
                     at);
  };
  const std::string head = line(forecourt("audit export-head" + at).text);
  const std::string key = line(forecourt("audit public-key" + at).text);
  ASSERT_EQ(key.size(), 64u) << key;
  const size_t signature = head.find(",\"signature\":\"");
  ASSERT_NE(signature, std::string::npos) << head;
  struct stat found {};
  ASSERT_EQ(::stat((host.data() / "audit.key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);

  const std::string bare = head.substr(0, signature) + "}";
  const Outcome unsigned_head = verify(bare, key);
  EXPECT_EQ(unsigned_head.status, 1);
  EXPECT_NE(unsigned_head.text.find("is not signed"), std::string::npos) << unsigned_head.text;
  std::string bent = head;
  bent[bent.find("\"at\":\"") + 6] = '1';
  EXPECT_EQ(verify(bent, key).status, 1);
  EXPECT_EQ(verify(head, std::string(64, '0')).status, 1) << "of another key";
  EXPECT_EQ(verify(head, "x").status, 1);
  EXPECT_EQ(forecourt("audit verify --public-key " + key + at).status, 2) << "of which head?";

  const Outcome old = verify(bare, "");
  EXPECT_EQ(old.status, 0) << old.text;
  EXPECT_NE(old.text.find("without --public-key"), std::string::npos) << old.text;
  const Outcome whole = verify(head, key);
  EXPECT_EQ(whole.status, 0) << whole.text;
  ASSERT_EQ(host.terminate(), 0);
  EXPECT_EQ(verify(head, key).status, 0) << "on the data of a stopped host too";
  EXPECT_EQ(line(forecourt("audit public-key" + at).text), key);
}

}  // namespace
}  // namespace e2e
