#include "plugin/told_store.hpp"

#include <filesystem>

#include "plugin/in_process.hpp"
#include "storage/closed_store.hpp"

namespace forecourt::plugin {
namespace {

namespace fs = std::filesystem;

/// With the tables that the writer's migrations make.
Result<void> make_store(const Candidate& writer, const Clock& clock, const std::string& folder) {
  std::error_code failure;
  fs::remove_all(folder, failure);
  if (failure) return internal(folder + ": " + failure.message());
  auto store = open_store(writer, folder, clock);
  if (!store) return store.error();
  return (*store)->migrate(writer.bundle.migrations);
}

/// A backup's folder holds the database and nothing else.
void remove_side_files(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename() != "store.db") fs::remove(entry.path(), ignored);
  }
}

}  // namespace

ToldStore::ToldStore(const Candidate& writer, std::shared_ptr<storage::RowSource> source)
    : id_(writer.bundle.descriptor.id),
      rules_(id_, writer.bundle.descriptor.publishes),
      source_(std::move(source)) {}

ToldStore::~ToldStore() { source_->end(); }

Error ToldStore::named(const Error& error) const {
  const std::string why = error.code == Code::invalid
                              ? "its process tells of data that cannot be: " + error.message
                              : error.message;
  return {error.code, "the data of " + id_ + " cannot be copied: " + why};
}

Result<std::unique_ptr<ToldStore>> ToldStore::make(const Candidate& writer, const Clock& clock,
                                                   const std::string& folder,
                                                   std::shared_ptr<storage::RowSource> source,
                                                   std::function<Result<void>()> go_on) {
  std::unique_ptr<ToldStore> told(new ToldStore(writer, std::move(source)));
  if (auto made = make_store(writer, clock, folder); !made) return told->named(made.error());
  auto loader = storage::Loader::open(folder);
  if (!loader) return told->named(loader.error());
  told->loader_ = std::move(*loader);
  storage::Transfer::Hooks hooks;
  hooks.rule = [&rules = told->rules_](const storage::TableShape& table,
                                       std::span<const storage::Value> row) {
    return rules.check(table, row);
  };
  hooks.go_on = std::move(go_on);
  told->transfer_ =
      std::make_unique<storage::Transfer>(told->source(), told->loader(), std::move(hooks));
  return told;
}

Result<void> ToldStore::finish() { return loader_->finish(); }

Result<void> copy_told_store(const Candidate& writer, const Clock& clock, const std::string& folder,
                             std::shared_ptr<storage::RowSource> source,
                             const storage::CopyHooks& hooks) {
  storage::Transfer* transfer = nullptr;
  const auto go_on = [&]() -> Result<void> {
    const int64_t bytes = transfer != nullptr ? transfer->bytes() : 0;
    if (!hooks.progress || hooks.progress(bytes, bytes)) return {};
    return Error{Code::cancelled, "the copy was ended"};
  };
  auto told = ToldStore::make(writer, clock, folder, std::move(source), go_on);
  if (!told) return told.error();
  transfer = &(*told)->transfer();
  // The moment: what waits between the two meets stands still.
  auto done = (*told)->source().stand_still((*told)->loader().tables());
  if (done && hooks.meet) done = hooks.meet();
  if (done) done = (*told)->source().go_on();
  if (done && hooks.meet) done = hooks.meet();
  if (done) done = transfer->snapshot();
  if (done) done = (*told)->finish();
  if (!done) return (*told)->named(done.error());
  remove_side_files(folder);
  if (!hooks.inspect) return {};
  auto copy = storage::ClosedStore::open(folder, storage::ClosedStore::Kind::backup);
  if (!copy) return copy.error();
  return (*copy)->read(hooks.inspect);
}

}  // namespace forecourt::plugin
