// A plugin's OpenAPI document: what is let through merges into a document that can be read.

#include "base/json.hpp"
#include "fuzz.hpp"
#include "gateway/openapi.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace forecourt;
  auto document = json::parse(fuzz::text(data, size), {64});
  if (!document) return 0;
  auto read = gateway::read_openapi("hello", "/v1/hello", *document);
  if (!read) return 0;
  const std::string merged = gateway::merge_openapi({{"hello", &*document}});
  fuzz::must(json::parse(merged, {96}).ok(), "the merged document can be read");
  return 0;
}
