#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace community::wecom {

/// The text of <Encrypt> in a callback's envelope; nullopt when the body is not such XML. Document
/// types and entities of their own are not read.
std::optional<std::string> read_envelope(std::string_view body);

/// A decrypted callback, in one shape for self-built applications and for suites. What is absent is
/// empty; members come from the listed items: MemChangeCnt does not always agree with them.
struct Message {
  std::string kind;           ///< Event, InfoType or MsgType: "change_external_chat"
  std::string change_type;    ///< "create", "update", "dismiss"
  std::string update_detail;  ///< "add_member", "del_member", "change_owner" ...
  std::string chat_id;
  std::string auth_corp_id;  ///< of a suite's event: whose it is
  std::optional<int64_t> time_ms;
  std::optional<int64_t> join_scene;
  std::optional<int64_t> quit_scene;
  std::vector<std::string> members;
  std::string last_version;
  std::string current_version;
};

/// Reads what it can: a text that is not XML gives an empty message, which is kept and acted upon
/// by nobody.
Message read_message(std::string_view text);

}  // namespace community::wecom
