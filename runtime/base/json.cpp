#include "base/json.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "base/utf8.hpp"

namespace forecourt::json {
namespace {

// Numbers are converted here: RapidJSON's exact conversion of a zero with an exponent ("0e300") is
// undefined behaviour.
constexpr unsigned k_flags = rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;

/// Builds a Document from SAX events, converting numbers and refusing deep nesting, NUL characters
/// and half surrogate pairs, which RapidJSON lets through.
template <class Into>
class StrictHandler {
 public:
  StrictHandler(Into& into, int depth_max) : into_(into), depth_max_(depth_max) {}

  bool Null() { return into_.Null(); }
  bool Bool(bool b) { return into_.Bool(b); }
  bool RawNumber(const char* s, rapidjson::SizeType n, bool) { return number({s, n}); }
  // Not called: numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }
  bool String(const char* s, rapidjson::SizeType n, bool) {
    return clean({s, n}) && into_.String(s, n, true);
  }
  bool StartObject() { return deeper() && into_.StartObject(); }
  bool Key(const char* s, rapidjson::SizeType n, bool) {
    return clean({s, n}) && into_.Key(s, n, true);
  }
  bool EndObject(rapidjson::SizeType n) {
    --depth_;
    return into_.EndObject(n);
  }
  bool StartArray() { return deeper() && into_.StartArray(); }
  bool EndArray(rapidjson::SizeType n) {
    --depth_;
    return into_.EndArray(n);
  }

  std::string refusal;

 private:
  /// An integer when it is written as one and fits 64 bits, else the nearest double.
  bool number(std::string_view text) {
    const char* const end = text.data() + text.size();
    if (text.find_first_of(".eE") == std::string_view::npos) {
      int64_t whole = 0;
      if (std::from_chars(text.data(), end, whole).ec == std::errc()) return into_.Int64(whole);
      uint64_t large = 0;
      if (text[0] != '-' && std::from_chars(text.data(), end, large).ec == std::errc())
        return into_.Uint64(large);
    }
    double real = 0;
    if (std::from_chars(text.data(), end, real).ec == std::errc()) return into_.Double(real);
    real = std::strtod(std::string(text).c_str(), nullptr);  // out of range: which side?
    if (std::isfinite(real)) return into_.Double(real);
    refusal = "Number too big to be stored in double.";  // RapidJSON's own words
    return false;
  }
  bool clean(std::string_view text) {
    bool high = false;
    for (const char c : text) {
      if (c == '\0') {
        refusal = "NUL character in text";
        return false;
      }
      high = high || static_cast<unsigned char>(c) >= 0x80;
    }
    // The bytes were validated; "\udc00" alone still makes text that is not UTF-8.
    if (high && !is_utf8(text)) {
      refusal = "half a surrogate pair in text";
      return false;
    }
    return true;
  }
  bool deeper() {
    if (++depth_ <= depth_max_) return true;
    refusal = "nested deeper than " + std::to_string(depth_max_) + " levels";
    return false;
  }

  Into& into_;
  const int depth_max_;
  int depth_ = 0;
};

/// Only watches for the first member name that its object already has, to tell where it stands.
class DuplicateFinder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, DuplicateFinder> {
 public:
  bool StartObject() {
    open_.emplace_back();
    return true;
  }
  bool Key(const char* s, rapidjson::SizeType n, bool) {
    if (open_.back().emplace(s, n).second) return true;
    duplicate.assign(s, n);
    return false;
  }
  bool EndObject(rapidjson::SizeType) {
    open_.pop_back();
    return true;
  }
  std::string duplicate;

 private:
  std::vector<std::set<std::string>> open_;
};

/// Few members are compared one by one, many are sorted.
bool has_duplicate_names(const Value& object) {
  if (object.MemberCount() <= 16) {
    for (auto a = object.MemberBegin(); a != object.MemberEnd(); ++a) {
      for (auto b = object.MemberBegin(); b != a; ++b) {
        if (view(a->name) == view(b->name)) return true;
      }
    }
    return false;
  }
  std::vector<std::string_view> names;
  names.reserve(object.MemberCount());
  for (const auto& member : object.GetObject()) names.push_back(view(member.name));
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// Recursion is bounded by the depth that was parsed.
bool has_duplicates(const Value& value) {
  if (value.IsArray()) {
    return std::any_of(value.Begin(), value.End(), has_duplicates);
  }
  if (!value.IsObject()) return false;
  if (has_duplicate_names(value)) return true;
  return std::any_of(value.MemberBegin(), value.MemberEnd(),
                     [](const auto& member) { return has_duplicates(member.value); });
}

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

Error duplicate_error(std::string_view text) {
  DuplicateFinder finder;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  const auto outcome = reader.Parse<k_flags>(stream, finder);
  return invalid(place(text, outcome.Offset()) + ": duplicate member \"" + finder.duplicate + "\"");
}

Result<void> parse_into(Document& document, std::string_view text, Limits limits) {
  // The stream ends at a NUL: what follows one would be accepted unread.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return invalid(place(text, nul) + ": NUL byte");
  }
  std::string refusal;
  rapidjson::ParseResult outcome;
  auto generate = [&](Document& into) {
    StrictHandler handler(into, limits.depth);
    rapidjson::Reader reader;
    rapidjson::MemoryStream stream(text.data(), text.size());
    outcome = reader.Parse<k_flags>(stream, handler);
    refusal = std::move(handler.refusal);
    return !outcome.IsError();
  };
  document.Populate(generate);
  if (outcome.IsError()) {
    const std::string why = refusal.empty() ? rapidjson::GetParseError_En(outcome.Code()) : refusal;
    return invalid(place(text, outcome.Offset()) + ": " + why);
  }
  if (has_duplicates(document)) return duplicate_error(text);
  return {};
}

}  // namespace

Result<Document> parse(std::string_view text, Limits limits) {
  Document document;
  if (auto parsed = parse_into(document, text, limits); !parsed) return parsed.error();
  return document;
}

struct Parser::State {
  static constexpr size_t k_buffer = 16 * 1024;
  std::unique_ptr<char[]> buffer{new char[k_buffer]};
  rapidjson::MemoryPoolAllocator<> allocator{buffer.get(), k_buffer};
  std::unique_ptr<Document> document = std::make_unique<Document>(&allocator);
};

Parser::Parser() : state_(std::make_unique<State>()) {}
Parser::~Parser() = default;

Result<const Value*> Parser::parse(std::string_view text, Limits limits) {
  state_->document->SetNull();
  state_->allocator.Clear();
  if (auto parsed = parse_into(*state_->document, text, limits); !parsed) return parsed.error();
  return static_cast<const Value*>(state_->document.get());
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
  for (const auto& member : object.GetObject()) {
    if (view(member.name) == name) return &member.value;
  }
  return nullptr;
}

std::string_view text(const Value& object, std::string_view name, std::string_view fallback) {
  const Value* value = find(object, name);
  return value && value->IsString() ? view(*value) : fallback;
}

}  // namespace forecourt::json
