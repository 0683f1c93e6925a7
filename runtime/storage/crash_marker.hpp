#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::storage {

struct Kill;

/// Notes the signal in the marker of the lane whose thread crashed, if the calling thread is a
/// lane's. Async-signal-safe: for the application's handler of fatal signals, before it raises the
/// signal again.
void note_fatal_signal(int signal);

/// A page mapped from `<folder>/running` that says which call a lane is running. The kernel keeps
/// what was written when the process dies, so the next start can read who was at it. Also holds the
/// lock that keeps a second process from opening the store.
class CrashMarker {
 public:
  /// Code::conflict when another process has the store open.
  static Result<std::unique_ptr<CrashMarker>> open(const std::string& folder);
  ~CrashMarker();
  CrashMarker(const CrashMarker&) = delete;
  CrashMarker& operator=(const CrashMarker&) = delete;

  /// What the last process left; the page is then cleared.
  std::optional<Kill> take_kill();
  /// The calling thread is the lane's: its fatal signals are noted here. Undone with `false`.
  void bind_thread(bool bound);

  void begin(std::string_view text);
  void end();

 private:
  struct Page;
  CrashMarker(int descriptor, Page* page) : descriptor_(descriptor), page_(page) {}

  const int descriptor_;
  Page* const page_;
};

}  // namespace forecourt::storage
