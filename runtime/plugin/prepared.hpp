#pragma once

#include "plugin/call.hpp"
#include "plugin/generation.hpp"
#include "plugin/invoke.hpp"

namespace forecourt::plugin {

/// What a plugin's prepare left; `finish` frees it exactly once.
class PreparedValue {
 public:
  PreparedValue() = default;
  PreparedValue(const PreparedValue&) = delete;
  PreparedValue& operator=(const PreparedValue&) = delete;

  /// Runs prepare on a read snapshot.
  fc_status run(Call& call, const Generation::Handler& handler, void* instance,
                storage::Session& session) {
    CallRun run(call, Phase::prepare, &session);
    ran_ = true;
    return invoke([&] { return handler.functions.prepare(instance, call.handle, &value_); },
                  call.diagnostic);
  }
  void finish(const Generation::Handler& handler, const PluginScope& scope, void* instance) {
    if (!ran_ || !handler.functions.finish) return;
    ran_ = false;
    std::string ignored;
    CrashScope guard(scope.crash_site.get(), handler.functions.name);
    invoke(
        [&] {
          handler.functions.finish(instance, value_);
          return FC_OK;
        },
        ignored);
  }
  void* value() const { return value_; }

 private:
  void* value_ = nullptr;
  bool ran_ = false;
};

}  // namespace forecourt::plugin
