#include <array>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include "base/clock.hpp"
#include "cli/verbs.hpp"
#include "gateway/openapi.hpp"
#include "plugin/bundle.hpp"
#include "plugin/elf.hpp"
#include "plugin/probe.hpp"
#include "storage/store.hpp"

namespace forecourt::cli {
namespace {

constexpr int64_t k_probe_timeout_ms = 10'000;

/// Tells each check as it is made; one that fails does not keep the others from being made.
class Report {
 public:
  void add(const char* what, const Result<void>& outcome) {
    if (outcome) {
      std::printf("ok      %s\n", what);
      return;
    }
    ++failed_;
    std::printf("failed  %s: %s\n", what, outcome.error().message.c_str());
  }
  int status() const { return failed_ == 0 ? 0 : 1; }

 private:
  int failed_ = 0;
};

Result<void> check_library(const plugin::Bundle& bundle) {
  auto library = plugin::read_elf(bundle.library);
  if (!library) return library.error();
  return plugin::check_elf(*library, bundle.descriptor.libraries);
}

Result<void> check_probe(const plugin::Bundle& bundle) {
  std::error_code failure;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe", failure).string();
  const std::array<std::string, 2> command = {self, "plugin-probe"};
  const std::string library =
      std::filesystem::absolute(bundle.folder + "/" + bundle.descriptor.id + ".so", failure)
          .string();
  return plugin::probe_library(command, library, bundle.descriptor.id,
                               bundle.descriptor.version.text(), k_probe_timeout_ms);
}

bool looks_like_sql(std::string_view text) {
  for (const std::string_view word :
       {"SELECT ", "INSERT ", "UPDATE ", "DELETE ", "REPLACE ", "WITH ", "BEGIN", "COMMIT",
        "ROLLBACK", "SAVEPOINT ", "RELEASE ", "ATTACH ", "PRAGMA ", "VACUUM"}) {
    if (text.starts_with(word)) return true;
  }
  return false;
}

/// The SQL written in the library as literals. What a plugin puts together at run time is not seen
/// here; the host checks every statement again.
std::vector<std::string_view> statements_in(std::string_view library) {
  std::vector<std::string_view> found;
  size_t at = 0;
  while (at < library.size()) {
    const size_t end = library.find('\0', at);
    std::string_view text = library.substr(at, end == std::string_view::npos ? end : end - at);
    if (const size_t first = text.find_first_not_of(" \n\t"); first != std::string_view::npos) {
      text.remove_prefix(first);
      if (looks_like_sql(text)) found.push_back(text);
    }
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return found;
}

/// Migrations run in an empty database; then every literal statement is held against the rules. One
/// that does not compile may be a part of one: only the guard's refusals count.
void check_sql(const plugin::Bundle& bundle, Report& report) {
  const SystemClock clock;
  storage::StoreOptions options;
  options.clock = &clock;
  auto store = storage::Store::open(std::move(options));
  if (!store) return report.add("migrations", store.error());
  const auto migrated = (*store)->migrate(bundle.migrations);
  report.add("migrations", migrated);
  if (!migrated) return;
  Result<void> refused;
  for (const std::string_view sql : statements_in(bundle.library)) {
    auto checked = storage::check_statement(**store, sql, bundle.descriptor.unscoped);
    if (checked || checked.error().code != Code::denied) continue;
    refused =
        Error{Code::denied, checked.error().message + " in: " + std::string(sql.substr(0, 120))};
  }
  report.add("statements", refused);
}

}  // namespace

int run_check(const std::string& path) {
  auto bundle = plugin::load_bundle(path);
  if (!bundle) return fail("check", bundle.error().message);
  const std::string& id = bundle->descriptor.id;
  std::printf("%s %s\n", id.c_str(), bundle->descriptor.version.text().c_str());
  Report report;
  report.add("descriptor", {});
  report.add("openapi", gateway::check_openapi(id, "/v1/" + id, bundle->openapi));
  report.add("library", check_library(*bundle));
  report.add("entry", check_probe(*bundle));
  check_sql(*bundle, report);
  return report.status();
}

}  // namespace forecourt::cli
