#include "gateway/admin/openapi.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "gateway/openapi.hpp"
#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

TEST(AdminOpenapi, IsTheOneInTheTree) {
  std::ostringstream text;
  text << std::ifstream(FORECOURT_SOURCE_DIR "/runtime/gateway/admin/openapi.json").rdbuf();
  std::string compiled(openapi_document());
  std::string shipped = text.str();
  while (!compiled.empty() && compiled.back() == '\n') compiled.pop_back();
  while (!shipped.empty() && shipped.back() == '\n') shipped.pop_back();
  EXPECT_EQ(compiled, shipped);
}

TEST(AdminOpenapi, IsTakenByTheGateway) {
  const auto checked =
      gateway::check_openapi("admin", "/admin/v1", std::string(openapi_document()));
  EXPECT_TRUE(checked.ok()) << checked.error().message;
}

using AdminOperations = AdminTest;

TEST_F(AdminOperations, EachOneOfTheContractHasAnEndpoint) {
  const auto document = json::parse(openapi_document(), {.depth = 64});
  ASSERT_TRUE(document.ok());
  size_t operations = 0;
  for (const auto& path : json::find(*document, "paths")->GetObject()) {
    for (const auto& operation : path.value.GetObject()) {
      const std::string id(json::text(operation.value, "operationId"));
      const http::Response answer = ask({.operation = id});
      EXPECT_NE(text_of(answer, "detail"), "there is no such operation") << id;
      ++operations;
    }
  }
  EXPECT_GE(operations, 20u);
}

}  // namespace
}  // namespace forecourt::admin
