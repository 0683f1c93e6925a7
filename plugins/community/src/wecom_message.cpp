#include "wecom_message.hpp"

#include <charconv>
#include <pugixml.hpp>

namespace community::wecom {
namespace {

constexpr size_t k_text_max = 128;

/// Well-formed UTF-8 without control characters: ids and versions are nothing else.
bool is_text(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto at = [text](size_t j) { return static_cast<unsigned char>(text[j]); };
    const unsigned char lead = at(i);
    if (lead < 0x20) return false;
    const size_t length = lead < 0x80   ? 1
                          : lead < 0xC2 ? 0
                          : lead < 0xE0 ? 2
                          : lead < 0xF0 ? 3
                          : lead < 0xF5 ? 4
                                        : 0;
    if (length == 0 || text.size() - i < length) return false;
    for (size_t j = 1; j < length; ++j) {
      if ((at(i + j) & 0xC0) != 0x80) return false;
    }
    // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
    if ((lead == 0xE0 && at(i + 1) < 0xA0) || (lead == 0xED && at(i + 1) > 0x9F)) return false;
    if ((lead == 0xF0 && at(i + 1) < 0x90) || (lead == 0xF4 && at(i + 1) > 0x8F)) return false;
    i += length;
  }
  return true;
}

std::string usable(std::string_view text) {
  return text.size() <= k_text_max && is_text(text) ? std::string(text) : std::string();
}

std::string child(const pugi::xml_node& node, const char* name) {
  return usable(node.child_value(name));
}

std::string first_child(const pugi::xml_node& node, const char* first, const char* second) {
  std::string text = child(node, first);
  return text.empty() ? child(node, second) : text;
}

std::optional<int64_t> number(std::string_view text, int64_t most) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value < 0 || value > most ? std::nullopt : std::optional(value);
}

/// The root; null when the text is not XML. Declarations of a document type are skipped unread.
pugi::xml_node load(pugi::xml_document& document, std::string_view text) {
  const auto loaded =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  return loaded ? document.document_element() : pugi::xml_node();
}

}  // namespace

std::optional<std::string> read_envelope(std::string_view body) {
  pugi::xml_document document;
  const std::string encrypt = load(document, body).child_value("Encrypt");
  return encrypt.empty() ? std::nullopt : std::optional(encrypt);
}

Message read_message(std::string_view text) {
  pugi::xml_document document;
  const pugi::xml_node root = load(document, text);
  Message out;
  out.kind = first_child(root, "Event", "InfoType");
  if (out.kind.empty()) out.kind = child(root, "MsgType");
  out.change_type = child(root, "ChangeType");
  out.update_detail = child(root, "UpdateDetail");
  out.chat_id = child(root, "ChatId");
  out.auth_corp_id = child(root, "AuthCorpId");
  // Far enough for every date there is; beyond it milliseconds would overflow.
  constexpr int64_t k_seconds_max = 253'402'300'799;
  if (const auto seconds = number(first_child(root, "CreateTime", "TimeStamp"), k_seconds_max)) {
    out.time_ms = *seconds * 1000;
  }
  out.join_scene = number(child(root, "JoinScene"), 1000);
  out.quit_scene = number(child(root, "QuitScene"), 1000);
  for (const pugi::xml_node& item : root.child("MemChangeList").children("Item")) {
    std::string userid = usable(item.child_value());
    if (!userid.empty()) out.members.push_back(std::move(userid));
  }
  out.last_version = child(root, "LastMemVer");
  out.current_version = child(root, "CurMemVer");
  return out;
}

}  // namespace community::wecom
