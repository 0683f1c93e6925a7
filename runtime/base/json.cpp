#include "base/json.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace forecourt::json {
namespace {

constexpr unsigned k_flags =
    rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag |
    rapidjson::kParseIterativeFlag;

/// Builds a Document from SAX events, refusing what RapidJSON lets through: duplicate names, deep nesting,
/// NUL characters.
class StrictHandler {
 public:
  StrictHandler(Document& document, int depth_max) : document_(document), depth_max_(depth_max) {}

  bool Null() { return document_.Null(); }
  bool Bool(bool b) { return document_.Bool(b); }
  bool Int(int i) { return document_.Int(i); }
  bool Uint(unsigned i) { return document_.Uint(i); }
  bool Int64(int64_t i) { return document_.Int64(i); }
  bool Uint64(uint64_t i) { return document_.Uint64(i); }
  bool Double(double d) { return document_.Double(d); }
  bool RawNumber(const char* s, rapidjson::SizeType n, bool copy) {
    return document_.RawNumber(s, n, copy);
  }
  bool String(const char* s, rapidjson::SizeType n, bool) {
    if (!clean(s, n)) return false;
    return document_.String(s, n, true);
  }
  bool StartObject() {
    if (!deeper()) return false;
    if (names_.size() < static_cast<size_t>(depth_)) names_.resize(static_cast<size_t>(depth_));
    names_[static_cast<size_t>(depth_) - 1].clear();
    return document_.StartObject();
  }
  bool Key(const char* s, rapidjson::SizeType n, bool) {
    if (!clean(s, n)) return false;
    if (!add_name({s, n})) {
      refusal = "duplicate member \"" + std::string(s, n) + "\"";
      return false;
    }
    return document_.Key(s, n, true);
  }
  bool EndObject(rapidjson::SizeType n) {
    --depth_;
    return document_.EndObject(n);
  }
  bool StartArray() {
    if (!deeper()) return false;
    if (names_.size() < static_cast<size_t>(depth_)) names_.resize(static_cast<size_t>(depth_));
    return document_.StartArray();
  }
  bool EndArray(rapidjson::SizeType n) {
    --depth_;
    return document_.EndArray(n);
  }

  std::string refusal;

 private:
  /// The names of one open object: few are compared one by one, many through a set.
  struct Names {
    std::vector<std::string> few;
    std::set<std::string, std::less<>> many;
    void clear() {
      few.clear();
      many.clear();
    }
  };

  bool add_name(std::string_view name) {
    Names& names = names_[static_cast<size_t>(depth_) - 1];
    if (names.few.size() < 16) {
      for (const std::string& known : names.few) {
        if (known == name) return false;
      }
      names.few.emplace_back(name);
      return true;
    }
    for (const std::string& known : names.few) {
      if (known == name) return false;
    }
    return names.many.emplace(name).second;
  }
  bool clean(const char* s, rapidjson::SizeType n) {
    if (std::string_view(s, n).find('\0') == std::string_view::npos) return true;
    refusal = "NUL character in text";
    return false;
  }
  bool deeper() {
    if (++depth_ <= depth_max_) return true;
    refusal = "nested deeper than " + std::to_string(depth_max_) + " levels";
    return false;
  }

  Document& document_;
  const int depth_max_;
  int depth_ = 0;
  std::vector<Names> names_;
};

std::string place(std::string_view text, size_t offset) {
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

Result<Document> parse(std::string_view text, Limits limits) {
  // The stream ends at a NUL: what follows one would be accepted unread.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return invalid(place(text, nul) + ": NUL byte");
  }
  Document document;
  std::string refusal;
  rapidjson::ParseResult outcome;
  auto generate = [&](Document& into) {
    StrictHandler handler(into, limits.depth);
    rapidjson::Reader reader;
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> input(stream);
    outcome = reader.Parse<k_flags>(input, handler);
    refusal = std::move(handler.refusal);
    return !outcome.IsError();
  };
  document.Populate(generate);
  if (!outcome.IsError()) return document;
  const std::string why =
      refusal.empty() ? rapidjson::GetParseError_En(outcome.Code()) : std::move(refusal);
  return invalid(place(text, outcome.Offset()) + ": " + why);
}

Result<Document> parse_file(const std::string& path, Limits limits) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return not_found(path + ": cannot be opened for reading");
  std::ostringstream text;
  text << in.rdbuf();
  auto document = parse(text.str(), limits);
  if (!document) return Error{document.error().code, path + ": " + document.error().message};
  return document;
}

std::string to_text(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string to_pretty_text(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

const Value* find(const Value& object, std::string_view name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(
      Value(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string_view text(const Value& object, std::string_view name, std::string_view fallback) {
  const Value* value = find(object, name);
  return value && value->IsString() ? view(*value) : fallback;
}

}  // namespace forecourt::json
