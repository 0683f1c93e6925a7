#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace community {

/// A corp's callback URL, and what proves that a callback is the corp's.
struct Corp {
  std::string id;
  std::string org;
  std::string corp_id;
  std::string suite_id;  ///< empty: a self-built application
  std::string token;
  std::string encoding_aes_key;
};

/// For public operations, which have no org yet to look under.
std::optional<Corp> route_to_corp(const fc::Call& call, std::string_view id);

struct NewCorp {
  std::string corp_id;
  std::optional<std::string> suite_id;
  std::string token;
  std::string encoding_aes_key;
  std::string org;
};
FORECOURT_FIELDS(NewCorp, corp_id, suite_id, token, encoding_aes_key, org)

struct NewCorpSecrets {
  std::string token;
  std::string encoding_aes_key;
};
FORECOURT_FIELDS(NewCorpSecrets, token, encoding_aes_key)

fc::Reply create_corp(fc::Call& call, const NewCorp& body);
fc::Reply list_corps(fc::Call& call);
fc::Reply replace_corp_secrets(fc::Call& call, const NewCorpSecrets& body);

}  // namespace community
