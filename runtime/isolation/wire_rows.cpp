#include "isolation/wire_rows.hpp"

#include "isolation/from_child.hpp"
#include "isolation/pack.hpp"

namespace forecourt::isolation {

Result<void> WireRows::begin(const std::vector<storage::TableShape>& tables) {
  auto answer = ask_(Verb::copy_begin, pack(tables));
  if (!answer) return answer.error();
  return {};
}

Result<void> WireRows::stand_still(const std::vector<storage::TableShape>& tables) {
  auto answer = ask_(Verb::copy_stand_still, pack(tables));
  if (!answer) return answer.error();
  return {};
}

Result<void> WireRows::go_on() {
  auto answer = ask_(Verb::copy_go_on, {});
  if (!answer) return answer.error();
  return {};
}

void WireRows::end() { static_cast<void>(ask_(Verb::copy_end, {})); }

Result<storage::RowsPage> WireRows::rows(size_t table, std::string_view after) {
  auto answer = ask_(Verb::copy_rows, Packer().put(table).put(after).take());
  if (!answer) return answer.error();
  return from_child::rows_page(*answer);
}

Result<storage::ChangesPage> WireRows::changes() {
  auto answer = ask_(Verb::copy_changes, {});
  if (!answer) return answer.error();
  return from_child::changes_page(*answer);
}

Result<std::string> WireRows::sequences() { return ask_(Verb::copy_sequences, {}); }

}  // namespace forecourt::isolation
