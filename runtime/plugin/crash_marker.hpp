#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forecourt::plugin {

/// Where a crash inside a generation is written down.
struct CrashSite {
  std::string path;     ///< a file in the plugin's folder
  std::string library;  ///< the library's hash: a later version is not to blame
};

/// While it stands, this thread is inside the plugin: a fatal signal is written to the site's file
/// before the process dies of it. `what` and `site` outlive the scope; a null site is not recorded.
class CrashScope {
 public:
  CrashScope(const CrashSite* site, std::string_view what);
  ~CrashScope();
  CrashScope(const CrashScope&) = delete;
  CrashScope& operator=(const CrashScope&) = delete;

 private:
  const CrashSite* const outer_site_;
  const std::string_view outer_what_;
};

/// Installs the handlers of SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT, once; those that were
/// there before run after them.
void catch_crashes();

struct Crash {
  std::string library;
  int signal = 0;
  std::string what;  ///< the handler or lifecycle function that ran
};
/// What the last process wrote to `path`, if anything.
std::optional<Crash> read_crash(const std::string& path);

/// "SIGSEGV", or "signal 64".
std::string signal_name(int signal);

}  // namespace forecourt::plugin
