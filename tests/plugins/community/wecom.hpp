#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace community::test {

inline constexpr std::string_view k_token = "QDG6eK";
inline constexpr std::string_view k_aes_key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

std::string to_base64(std::string_view bytes);
std::string percent_encoded(std::string_view text);

/// What stands before padding: 16 random bytes, the length, the message, whom it is for.
std::string framed(std::string_view message, std::string_view receive_id);
/// Pads to 32-byte blocks as WeCom does.
std::string padded(std::string plain);
/// Base64 of AES-256-CBC without OpenSSL's padding; `blocks` is a multiple of 16 bytes.
std::string encrypt_blocks(std::string_view blocks, std::string_view aes_key = k_aes_key);
inline std::string encrypt(std::string_view message, std::string_view receive_id,
                           std::string_view aes_key = k_aes_key) {
  return encrypt_blocks(padded(framed(message, receive_id)), aes_key);
}

/// Hex SHA-1 over the sorted parts, computed here once more.
std::string signature(std::string_view token, std::string_view timestamp, std::string_view nonce,
                      std::string_view encrypt);

/// The query string of a signed callback: "?msg_signature=…&timestamp=…&nonce=…".
std::string signed_query(std::string_view encrypt, std::string_view token = k_token);
/// <xml> around Encrypt.
std::string envelope(std::string_view encrypt);

/// A change_external_chat event of a self-built application.
struct ChatEvent {
  std::string chat_id = "wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA";
  std::string change_type = "update";
  std::string update_detail = "";
  std::string members = "";  ///< separated by commas
  std::string last_version = "";
  std::string current_version = "";
  int64_t time = 1'403'610'513;
  int count = -1;  ///< MemChangeCnt; as many as there are members when negative
};
std::string xml_of(const ChatEvent& event);

/// A file below tests/data.
std::string test_data(std::string_view name);

}  // namespace community::test
