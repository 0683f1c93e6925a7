// A page's cursor and limit, as a client sends them: "<cursor>\n<limit>". What is taken is exactly
// what was given out.

#include "fuzz.hpp"
#include "unit/sdk/fake_host.hpp"

namespace {

struct Row {
  std::string id;
};
FORECOURT_FIELDS(Row, id)

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = fuzz::text(data, size);
  const size_t line = input.find('\n');
  FakeHost host;
  host.parameters[{FC_IN_QUERY, "cursor"}] = std::string(input.substr(0, line));
  if (line != std::string_view::npos)
    host.parameters[{FC_IN_QUERY, "limit"}] = std::string(input.substr(line + 1));
  const fc::Services services = host.services();
  fc::Call call(services, FakeHost::k_call);
  try {
    auto page = fc::Page<Row>::of(call);
    fuzz::must(page.fetch() >= 2 && page.fetch() <= 101, "a page of 1 to 100 rows");
    const std::string after = page.after();
    for (int64_t i = 1; i < page.fetch(); ++i) page.add({after}, after);
    page.add({after}, after);
    fuzz::must(page.next_cursor == std::string(input.substr(0, line)),
               "a cursor is one that was given out");
  } catch (const fc::Refusal&) {
  } catch (const fc::Error&) {
  }
  return 0;
}
