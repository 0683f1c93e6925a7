#include "plugins/community/wecom.hpp"

#include <openssl/evp.h>
#include <forecourt/cpp/base64.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace community::test {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) out.push_back(part);
  return out;
}
std::string element(std::string_view name, std::string_view text) {
  return "<" + std::string(name) + "><![CDATA[" + std::string(text) + "]]></" + std::string(name) +
         ">";
}

}  // namespace

std::string to_base64(std::string_view raw) {
  std::string out((raw.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes(raw),
                                   static_cast<int>(raw.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

std::string percent_encoded(std::string_view text) {
  static constexpr char k_digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      out += c;
    } else {
      out += {'%', k_digits[byte >> 4], k_digits[byte & 15]};
    }
  }
  return out;
}

std::string framed(std::string_view message, std::string_view receive_id) {
  std::string out = "0123456789abcdef";
  const auto length = static_cast<uint32_t>(message.size());
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>((length >> shift) & 0xFF);
  out.append(message).append(receive_id);
  return out;
}

std::string padded(std::string plain) {
  const size_t count = 32 - plain.size() % 32;
  plain.append(count, static_cast<char>(count));
  return plain;
}

std::string encrypt_blocks(std::string_view blocks, std::string_view aes_key) {
  const std::string key = *fc::from_base64_unpadded(aes_key);
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out(blocks.size() + 16, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  int rest = 0;
  check(EVP_EncryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, bytes(key), bytes(key)) == 1,
        "CBC");
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  check(EVP_EncryptUpdate(context.get(), to, &size, bytes(blocks),
                          static_cast<int>(blocks.size())) == 1,
        "CBC text");
  check(EVP_EncryptFinal_ex(context.get(), to + size, &rest) == 1, "CBC end");
  out.resize(static_cast<size_t>(size + rest));
  return to_base64(out);
}

std::string signature(std::string_view token, std::string_view timestamp, std::string_view nonce,
                      std::string_view encrypt) {
  std::array<std::string, 4> parts{std::string(token), std::string(timestamp), std::string(nonce),
                                   std::string(encrypt)};
  std::sort(parts.begin(), parts.end());
  const std::string joined = parts[0] + parts[1] + parts[2] + parts[3];
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  check(EVP_Digest(joined.data(), joined.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1,
        "SHA-1");
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += "0123456789abcdef"[digest[i] >> 4];
    out += "0123456789abcdef"[digest[i] & 15];
  }
  return out;
}

std::string signed_query(std::string_view encrypt, std::string_view token) {
  return "?msg_signature=" + signature(token, "1409659813", "1372623149", encrypt) +
         "&timestamp=1409659813&nonce=1372623149";
}

std::string envelope(std::string_view encrypt) {
  return "<xml>" + element("ToUserName", "ww1") + element("Encrypt", encrypt) +
         element("AgentID", "218") + "</xml>";
}

std::string xml_of(const ChatEvent& event) {
  const std::vector<std::string> members = split(event.members);
  std::string out = "<xml>" + element("ToUserName", "ww1") + element("FromUserName", "sys") +
                    "<CreateTime>" + std::to_string(event.time) + "</CreateTime>" +
                    element("MsgType", "event") + element("Event", "change_external_chat") +
                    element("ChatId", event.chat_id) + element("ChangeType", event.change_type);
  if (!event.update_detail.empty()) {
    const int count = event.count >= 0 ? event.count : static_cast<int>(members.size());
    out += element("UpdateDetail", event.update_detail) +
           "<JoinScene>3</JoinScene><QuitScene>1</QuitScene>" + "<MemChangeCnt>" +
           std::to_string(count) + "</MemChangeCnt><MemChangeList>";
    for (const std::string& member : members) out += element("Item", member);
    out += "</MemChangeList>" + element("LastMemVer", event.last_version) +
           element("CurMemVer", event.current_version);
  }
  return out + "</xml>";
}

std::string test_data(std::string_view name) {
  std::ifstream file(std::string(FORECOURT_TEST_DATA) + "/" + std::string(name), std::ios::binary);
  check(file.good(), "test data");
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

}  // namespace community::test
