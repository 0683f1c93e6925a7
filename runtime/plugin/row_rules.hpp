#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "storage/table_shape.hpp"
#include "storage/value.hpp"

namespace forecourt::plugin {

/// What the host's own tables in a plugin's store may hold. In process the host writes them itself;
/// rows that another process tells are held to the same: an event is one the plugin may publish, a
/// stored answer one it may give, an audit entry one it may record.
class RowRules {
 public:
  RowRules(std::string plugin, std::vector<std::string> publishes)
      : plugin_(std::move(plugin)), publishes_(std::move(publishes)) {}

  /// Code::invalid names the table. Tables of the plugin's own are its business.
  Result<void> check(const storage::TableShape& table, std::span<const storage::Value> row) const;

 private:
  const std::string plugin_;
  const std::vector<std::string> publishes_;
};

}  // namespace forecourt::plugin
