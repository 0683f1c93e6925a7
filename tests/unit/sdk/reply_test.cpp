#include <forecourt/cpp/reply.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(Reply, ErrorsUndoTheWritesUnlessAsked) {
  EXPECT_FALSE(fc::problem(409, "used", "used already").commits());
  EXPECT_TRUE(fc::problem(409, "used", "used already").and_commit().commits());
  EXPECT_TRUE(fc::reply(204).commits());
}

TEST(Reply, AProblemIsRfc9457) {
  const fc::Reply reply = fc::problem(404, "not-found", "no \"note\" n1");
  EXPECT_EQ(reply.status(), 404);
  EXPECT_EQ(reply.media_type(), "application/problem+json");
  EXPECT_EQ(
      reply.body(),
      R"({"type":"about:blank","title":"Not Found","status":404,"code":"not-found","detail":"no \"note\" n1"})");
}

TEST(Reply, HeadersAreAddedInOrder) {
  const fc::Reply reply = fc::created(fc::Json::object({{"id", "n1"}}))
                              .header("Location", "/v1/n/n1")
                              .header("ETag", "1");
  EXPECT_EQ(reply.status(), 201);
  EXPECT_EQ(reply.headers().at(0).second, "/v1/n/n1");
  EXPECT_EQ(reply.headers().at(1).first, "ETag");
}

TEST(Reply, RefuseThrowsTheProblem) {
  try {
    fc::refuse(403, "forbidden", "not yours");
  } catch (const fc::Refusal& refusal) {
    EXPECT_EQ(refusal.reply.status(), 403);
  }
}

}  // namespace
