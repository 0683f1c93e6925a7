#include "isolation/plugin_users.hpp"

#include <grp.h>
#include <pwd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/durable.hpp"
#include "base/log.hpp"

namespace forecourt::isolation {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_suffix = ".uid";

/// 0: it holds no number.
uint32_t read_number(const fs::path& path) {
  std::string text;
  std::getline(std::ifstream(path) >> std::ws, text);
  uint32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? number : 0;
}

/// Two hosts on a machine begin at different places, so that they seldom give one number twice.
uint64_t place_of(const std::string& text) {
  uint64_t hash = 14695981039346656037ull;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211ull;
  return hash;
}

}  // namespace

bool is_account(uint32_t number) {
  std::vector<char> room(64u << 10);
  passwd user{};
  passwd* found_user = nullptr;
  ::getpwuid_r(number, &user, room.data(), room.size(), &found_user);
  if (found_user) return true;
  group grouped{};
  group* found_group = nullptr;
  ::getgrgid_r(number, &grouped, room.data(), room.size(), &found_group);
  return found_group != nullptr;
}

Result<uint32_t> PluginUsers::of(const std::string& plugin) {
  const std::lock_guard lock(mutex_);
  std::error_code failure;
  fs::create_directories(folder_, failure);
  if (failure) return internal(folder_ + ": " + failure.message());

  std::set<uint32_t> given;
  for (const auto& entry : fs::directory_iterator(folder_, failure)) {
    if (entry.path().extension() != k_suffix || entry.path() == file_of(plugin)) continue;
    const uint32_t number = read_number(entry.path());
    // Whose number is not known could be given twice.
    if (number == 0)
      return Error{Code::state, entry.path().string() +
                                    ": holds no number of a user; write the owner of plugins/" +
                                    entry.path().stem().string() + " into it"};
    given.insert(number);
  }
  if (failure) return internal(folder_ + ": " + failure.message());

  const uint32_t kept = read_number(file_of(plugin));
  if (kept >= first_ && kept <= last_ && !given.contains(kept) && !is_taken_(kept)) return kept;
  auto chosen = choose(plugin, given);
  if (!chosen) return chosen;
  if (auto written = write_durably(file_of(plugin), std::to_string(*chosen) + "\n"); !written)
    return written.error();
  if (kept != 0)
    log::warn(
        "isolation", "a plugin runs as another user from now on: its former number is taken",
        {{"plugin", plugin}, {"former", std::to_string(kept)}, {"user", std::to_string(*chosen)}});
  return chosen;
}

Result<uint32_t> PluginUsers::choose(const std::string& plugin,
                                     const std::set<uint32_t>& given) const {
  std::error_code ignored;
  const uint64_t size = uint64_t{last_} - first_ + 1;
  const uint64_t begin = place_of(fs::absolute(folder_, ignored).string() + "/" + plugin);
  for (uint64_t i = 0; i < size; ++i) {
    const auto number = static_cast<uint32_t>(first_ + (begin + i) % size);
    if (!given.contains(number) && !is_taken_(number)) return number;
  }
  return Error{Code::limit, plugin + ": no user is left for it of isolation-uids " +
                                std::to_string(first_) + "-" + std::to_string(last_) +
                                "; give a wider range"};
}

}  // namespace forecourt::isolation
