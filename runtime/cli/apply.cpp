#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/offline.hpp"
#include "cli/verbs.hpp"
#include "config/manifest.hpp"
#include "gateway/admin/site.hpp"
#include "org/desired.hpp"

namespace forecourt::cli {
namespace {

struct Outcome {
  size_t applied = 0;
  size_t failed = 0;
};

void tell(Outcome& outcome, const config::Manifest& manifest, const Result<void>& applied,
          const char* done) {
  if (applied) {
    ++outcome.applied;
    std::printf("%s: %s\n", manifest.plugin.c_str(), done);
  } else {
    ++outcome.failed;
    std::fprintf(stderr, "%s: %s\n", manifest.source.c_str(), applied.error().message.c_str());
  }
}

/// The manifests that files and folders name; what cannot be read is told and counted.
std::vector<config::Manifest> read_all(const std::vector<std::string>& paths, Outcome& outcome) {
  std::vector<config::Manifest> manifests;
  const auto refuse = [&](const std::string& message) {
    ++outcome.failed;
    std::fprintf(stderr, "%s\n", message.c_str());
  };
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      auto manifest = config::load_manifest(path);
      if (!manifest) {
        refuse(manifest.error().message);
      } else {
        manifests.push_back(std::move(*manifest));
      }
      continue;
    }
    admin::FolderManifests folder = admin::read_manifests(path);
    for (const Error& error : folder.errors) refuse(error.message);
    if (folder.manifests.empty() && folder.errors.empty())
      refuse(path + ": holds no manifest (*.json)");
    for (config::Manifest& manifest : folder.manifests) manifests.push_back(std::move(manifest));
  }
  return manifests;
}

/// A relative bundle path is meant from where the command runs; the host may run elsewhere. What is
/// not here stays as it is written: it is the host's to find.
void resolve_path(config::Manifest& manifest) {
  std::error_code failure;
  const auto absolute = std::filesystem::absolute(manifest.path, failure).lexically_normal();
  if (!failure && std::filesystem::exists(absolute, failure)) manifest.path = absolute.string();
}

Result<void> apply_running(const Target& target, const config::Manifest& manifest) {
  auto answer = call_admin(target, "PUT", "/plugins/" + manifest.plugin, config::to_json(manifest));
  if (!answer) return answer.error();
  return {};
}

Result<void> apply_offline(Offline& offline, const config::Manifest& manifest,
                           const std::string& manifests_folder) {
  const std::string canonical = config::to_json(manifest);
  const bool follows = admin::is_in_folder(manifests_folder, manifest);
  return offline.write(
      "plugin.apply", manifest.plugin, [&](storage::Session& session, const org::Snapshot&) {
        return org::apply_manifest(session, manifest.plugin,
                                   follows ? std::string_view() : std::string_view(canonical));
      });
}

}  // namespace

int run_apply(const Whereabouts& where, const std::vector<std::string>& paths) {
  Outcome outcome;
  std::vector<config::Manifest> manifests = read_all(paths, outcome);
  for (config::Manifest& manifest : manifests) resolve_path(manifest);
  auto target = find_target(where);
  if (!target) return fail("apply", target.error().message);
  if (target->running) {
    for (const config::Manifest& manifest : manifests) {
      tell(outcome, manifest, apply_running(*target, manifest),
           manifest.enabled ? "applied" : "applied, disabled");
    }
  } else {
    auto offline = Offline::open(where.settings);
    if (!offline) return fail("apply", offline.error().message);
    for (const config::Manifest& manifest : manifests) {
      tell(outcome, manifest, apply_offline(**offline, manifest, where.settings.manifests),
           "will be applied at the next start");
    }
  }
  return outcome.failed == 0 ? 0 : 1;
}

}  // namespace forecourt::cli
