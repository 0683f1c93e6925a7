// Manifests and descriptors: the first byte says which. What is read is written back as the same.

#include "config/descriptor.hpp"
#include "config/manifest.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace forecourt::config;
  std::string_view input = fuzz::text(data, size);
  if (fuzz::take(input, 2) == 0) {
    auto descriptor = parse_descriptor(input, "plugin.json");
    if (descriptor) fuzz::must(!descriptor->id.empty(), "a descriptor names its plugin");
    return 0;
  }
  auto manifest = parse_manifest(input, "manifest.json");
  if (!manifest) return 0;
  const std::string text = to_json(*manifest);
  auto again = parse_manifest(text, "manifest.json");
  fuzz::must(again.ok(), "what was written can be read");
  fuzz::must(to_json(*again) == text, "and says the same");
  return 0;
}
