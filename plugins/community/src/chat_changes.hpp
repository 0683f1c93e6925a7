#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <string_view>

#include "wecom_message.hpp"

namespace community {

struct CorpName {
  std::string_view org;
  std::string_view corp_id;
};

/// A change_external_chat event: create, update, dismiss. Anything else changes nothing. Acts for
/// the corp's org.
void apply_chat_change(const fc::Call& call, const CorpName& corp, const wecom::Message& message);

}  // namespace community
