#include "doctor/doctor.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "backup/description.hpp"
#include "base/clock.hpp"
#include "base/json.hpp"
#include "cli/data_lock.hpp"
#include "cli/verbs.hpp"
#include "gateway/admin/site.hpp"
#include "plugin/bundle.hpp"

namespace forecourt::cli {
namespace {

constexpr int k_findings = 1;
constexpr int k_could_not_look = 2;

using doctor::Finding;

const char* name_of(Finding::Level level) {
  return level == Finding::Level::note ? "note" : "trouble";
}

/// Bundles that cannot be read are no finding about the data; their stores are told as not
/// compared.
void load_migrations(const std::string& manifests, doctor::Patient& patient) {
  for (const config::Manifest& manifest : admin::read_manifests(manifests).manifests) {
    auto bundle = plugin::load_bundle(manifest.path);
    if (bundle) patient.migrations[manifest.plugin] = std::move(bundle->migrations);
  }
}

void print_json(const doctor::Findings& findings) {
  json::Document document(rapidjson::kObjectType);
  auto& memory = document.GetAllocator();
  json::Value list(rapidjson::kArrayType);
  for (const Finding& finding : findings) {
    json::Value item(rapidjson::kObjectType);
    const auto add = [&](const char* name, const std::string& text) {
      item.AddMember(json::Value(name, memory), json::Value(text, memory), memory);
    };
    add("level", name_of(finding.level));
    add("where", finding.where);
    add("what", finding.what);
    add("do", finding.remedy);
    list.PushBack(item, memory);
  }
  document.AddMember("findings", list, memory);
  std::printf("%s\n", json::to_text(document).c_str());
}

void print_text(const doctor::Findings& findings) {
  for (const Finding& finding : findings) {
    std::printf("%-7s  %s: %s\n         %s\n", name_of(finding.level), finding.where.c_str(),
                finding.what.c_str(), finding.remedy.c_str());
  }
}

int could_not_look(const Error& error) {
  fail("doctor", error.message);
  return k_could_not_look;
}

}  // namespace

int run_doctor(const Settings& settings, bool as_json) {
  doctor::Patient patient;
  patient.folder = settings.data;
  patient.is_backup = std::filesystem::exists(settings.data_path(backup::k_description_file));
  patient.now_ms = SystemClock().now_ms();
  if (!std::filesystem::exists(settings.data_path("host/store.db")))
    return could_not_look(not_found(settings.data + ": holds no data of a host"));
  std::optional<DataLock> lock;
  if (!patient.is_backup) {
    auto taken = DataLock::take(settings.data);
    if (!taken) return could_not_look(taken.error());
    lock.emplace(std::move(*taken));
  }
  load_migrations(settings.manifests, patient);
  const auto findings = doctor::examine(patient);
  if (!findings) return could_not_look(findings.error());
  as_json ? print_json(*findings) : print_text(*findings);
  const auto troubles = std::ranges::count(*findings, Finding::Level::trouble, &Finding::level);
  if (!as_json)
    std::printf("%s: %s\n", settings.data.c_str(),
                troubles == 0 ? "nothing wrong was found" : "needs care, see above");
  return troubles == 0 ? 0 : k_findings;
}

}  // namespace forecourt::cli
