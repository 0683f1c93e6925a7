#include <set>

#include "unit/gateway/fixture.hpp"
#include "unit/gateway/malformed_requests.hpp"
#include "unit/gateway/raw_client.hpp"

namespace forecourt::gateway::testing {
namespace {

std::vector<MalformedRequest> all_of_them() {
  std::vector<MalformedRequest> all;
  for (auto& part :
       {malformed_start_lines(), malformed_headers(), malformed_framing(), malformed_chunks()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  // Framing decides before routes and credentials do.
  for (MalformedRequest row : malformed_chunks()) {
    row.name = "UnknownCaller" + row.name;
    row.bytes.replace(row.bytes.find("Authorization"), 13, "X-Nothing-Now");
    all.push_back(row);
    row.name = "UnknownPath" + row.name.substr(13);
    row.bytes.replace(row.bytes.find("/v1/demo"), 8, "/v1/none");
    all.push_back(row);
  }
  return all;
}

class MalformedRequestTest : public ServerFixture,
                             public ::testing::WithParamInterface<MalformedRequest> {};

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// One refusal, then the end: a second request behind the first is never looked at.
TEST_P(MalformedRequestTest, IsRefusedOnceAndTheConnectionEnds) {
  start();
  RawClient client(server_->port());
  client.send(GetParam().bytes);
  client.send(
      "GET /v1/demo?name=second HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-admin\r\n\r\n");
  std::string bytes;
  ASSERT_TRUE(client.read_to_end(bytes)) << "still open after: " << bytes;
  EXPECT_EQ(bytes.substr(0, 12), "HTTP/1.1 " + std::to_string(GetParam().status)) << bytes;
  EXPECT_EQ(count(bytes, "HTTP/1.1 "), 1u) << bytes;
  EXPECT_NE(bytes.find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(bytes.find("\"code\":\"malformed-request\""), std::string::npos) << bytes;
}

/// Sent a byte at a time the same: no decision hangs on how the bytes arrive.
TEST_P(MalformedRequestTest, IsRefusedInPiecesToo) {
  start();
  RawClient client(server_->port());
  const std::string& bytes = GetParam().bytes;
  const size_t step = bytes.size() > 400 ? 997 : 1;
  for (size_t at = 0; at < bytes.size(); at += step) {
    if (!client.send(std::string_view(bytes).substr(at, step))) break;
  }
  client.shutdown_send();
  std::string answer;
  ASSERT_TRUE(client.read_to_end(answer));
  // A head that was cut off gets no answer at all when its sender ends it.
  if (answer.empty()) return;
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + std::to_string(GetParam().status)) << answer;
  EXPECT_LE(count(answer, "HTTP/1.1 "), 1u) << answer;
}

INSTANTIATE_TEST_SUITE_P(Corpus, MalformedRequestTest, ::testing::ValuesIn(all_of_them()),
                         [](const auto& row) {
                           return std::to_string(row.index) + row.param.name;
                         });

TEST(MalformedCorpus, HasMoreThanAHundredRows) {
  std::set<std::string> different;
  for (const MalformedRequest& row : all_of_them()) different.insert(row.bytes);
  EXPECT_GE(different.size(), 200u);
}

}  // namespace
}  // namespace forecourt::gateway::testing
