#pragma once

#include <functional>
#include <memory>

#include "base/result.hpp"

namespace forecourt::storage {

class ChangeLog;

/// What a store has for those who follow its changes.
class Watched {
 public:
  virtual ~Watched() = default;

  /// The lane's connection tells `log` which rows it touches, also after it was opened again, and
  /// nobody else any more; null: nobody. The log is touched on the lane's thread only.
  virtual Result<void> watch(std::shared_ptr<ChangeLog> log) = 0;
  /// Runs `work` on the lane's thread while no transaction is open, and waits for it.
  virtual Result<void> between_groups(const std::function<Result<void>()>& work) = 0;
};

}  // namespace forecourt::storage
