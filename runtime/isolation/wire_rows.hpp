#pragma once

#include <functional>
#include <string>
#include <utility>

#include "isolation/messages.hpp"
#include "storage/dump.hpp"

namespace forecourt::isolation {

/// What a child's store holds, asked for over the connection.
class WireRows final : public storage::RowSource {
 public:
  /// Asks the child and waits.
  using Ask = std::function<Result<std::string>(Verb verb, const std::string& body)>;

  explicit WireRows(Ask ask) : ask_(std::move(ask)) {}

  Result<void> begin(const std::vector<storage::TableShape>& tables) override;
  Result<void> stand_still(const std::vector<storage::TableShape>& tables) override;
  Result<void> go_on() override;
  void end() override;
  Result<storage::RowsPage> rows(size_t table, std::string_view after) override;
  Result<storage::ChangesPage> changes() override;
  Result<std::string> sequences() override;

 private:
  const Ask ask_;
};

}  // namespace forecourt::isolation
