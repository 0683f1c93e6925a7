#include "plugin/json_check.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cctype>

#include "base/json_memory.hpp"

namespace forecourt::plugin {
namespace {

using Utf8 = rapidjson::UTF8<>;
using Reader = rapidjson::GenericReader<Utf8, Utf8, json::ThrowingAllocator>;
using Buffer = rapidjson::GenericStringBuffer<Utf8, json::ThrowingAllocator>;
using Writer = rapidjson::Writer<Buffer, Utf8, Utf8, json::ThrowingAllocator>;

constexpr unsigned k_flags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
constexpr int k_depth_max = 32;

struct DepthHandler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, DepthHandler> {
  int depth = 0;
  bool StartObject() { return ++depth <= k_depth_max; }
  bool EndObject(rapidjson::SizeType) {
    --depth;
    return true;
  }
  bool StartArray() { return ++depth <= k_depth_max; }
  bool EndArray(rapidjson::SizeType) {
    --depth;
    return true;
  }
};

template <class Handler>
bool read(std::string_view text, Handler& handler) {
  // The stream ends at a NUL: what follows one would pass unread.
  if (text.find('\0') != std::string_view::npos) return false;
  rapidjson::MemoryStream bytes(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
  Reader reader;
  return !reader.Parse<k_flags>(stream, handler).IsError();
}

bool starts_object(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

}  // namespace

bool is_json(std::string_view text) {
  DepthHandler handler;
  return read(text, handler);
}

bool is_json_object(std::string_view text) { return starts_object(text) && is_json(text); }

std::optional<std::string> compact_json_object(std::string_view text) {
  if (!is_json_object(text)) return std::nullopt;
  Buffer buffer;
  Writer writer(buffer);
  if (!read(text, writer)) return std::nullopt;
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace forecourt::plugin
