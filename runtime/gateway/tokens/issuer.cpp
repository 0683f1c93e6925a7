#include "gateway/tokens/issuer.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace forecourt::gateway {
namespace {

constexpr size_t k_issuers_max = 32;
constexpr int64_t k_leeway_max_s = 60;
constexpr int64_t k_leeway_default_s = 30;

Result<std::string> needed_text(const json::Value& object, const char* name,
                                std::string_view fallback = {}) {
  const json::Value* value = json::find(object, name);
  if (!value && !fallback.empty()) return std::string(fallback);
  if (value && value->IsString() && value->GetStringLength() > 0)
    return std::string(json::view(*value));
  return invalid(std::string(name) + ": must be a text that is not empty");
}

Result<void> check_members(const json::Value& object) {
  if (!object.IsObject()) return invalid("must be an object");
  constexpr std::string_view k_known[] = {"issuer",    "audience",    "jwks",          "algorithms",
                                          "org_claim", "scope_claim", "leeway_seconds"};
  for (const auto& member : object.GetObject()) {
    const std::string_view name = json::view(member.name);
    if (std::find(std::begin(k_known), std::end(k_known), name) == std::end(k_known))
      return invalid(std::string(name) + ": is not known here");
  }
  return {};
}

Result<std::set<TokenAlgorithm>> read_algorithms(const json::Value& object) {
  const Error wrong = invalid("algorithms: must be an array of RS256, ES256 and EdDSA");
  const json::Value* list = json::find(object, "algorithms");
  if (!list || !list->IsArray() || list->Empty()) return wrong;
  std::set<TokenAlgorithm> algorithms;
  for (const json::Value& name : list->GetArray()) {
    auto known = token_algorithm(name.IsString() ? json::view(name) : std::string_view());
    if (!known) return wrong;
    algorithms.insert(*known);
  }
  return algorithms;
}

Result<int64_t> read_leeway(const json::Value& object) {
  const json::Value* value = json::find(object, "leeway_seconds");
  if (!value) return k_leeway_default_s;
  if (value->IsInt64() && value->GetInt64() >= 0 && value->GetInt64() <= k_leeway_max_s)
    return value->GetInt64();
  return invalid("leeway_seconds: must be a number from 0 to 60");
}

Result<Issuer> read_issuer(const json::Value& object, const std::filesystem::path& folder) {
  if (auto known = check_members(object); !known) return known.error();
  Issuer read;
  const struct {
    const char* name;
    std::string* into;
    const char* fallback;
  } texts[] = {{"issuer", &read.issuer, ""},
               {"audience", &read.audience, ""},
               {"jwks", &read.keys_file, ""},
               {"org_claim", &read.org_claim, "org"},
               {"scope_claim", &read.scope_claim, "scope"}};
  for (const auto& wanted : texts) {
    auto text = needed_text(object, wanted.name, wanted.fallback);
    if (!text) return text.error();
    *wanted.into = std::move(*text);
  }
  auto leeway = read_leeway(object);
  if (!leeway) return leeway.error();
  read.leeway_s = *leeway;
  auto algorithms = read_algorithms(object);
  if (!algorithms) return algorithms.error();
  read.keys_file = (folder / read.keys_file).string();
  auto document = json::parse_file(read.keys_file);
  if (!document) return document.error();
  auto keys = read_key_set(*document);
  if (!keys) return invalid(read.keys_file + ": " + keys.error().message);
  std::erase_if(*keys,
                [&](const auto& entry) { return algorithms->count(entry.second.algorithm) == 0; });
  if (keys->empty())
    return invalid(read.keys_file + ": has no key for the algorithms of the issuer");
  read.keys = std::move(*keys);
  return read;
}

}  // namespace

Result<std::vector<Issuer>> read_issuers(const std::string& path) {
  auto document = json::parse_file(path);
  if (!document) return document.error();
  const json::Value* list = json::find(*document, "issuers");
  if (!list || !list->IsArray() || list->Empty() || list->Size() > k_issuers_max)
    return invalid(path + ": issuers: must be an array of 1 to 32 issuers");
  std::vector<Issuer> issuers;
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    const std::string place = path + ": issuers[" + std::to_string(i) + "]: ";
    auto issuer = read_issuer((*list)[i], std::filesystem::path(path).parent_path());
    if (!issuer) return invalid(place + issuer.error().message);
    for (const Issuer& other : issuers) {
      if (other.issuer == issuer->issuer)
        return invalid(place + "issuer: \"" + issuer->issuer + "\" is there twice");
    }
    issuers.push_back(std::move(*issuer));
  }
  return issuers;
}

}  // namespace forecourt::gateway
