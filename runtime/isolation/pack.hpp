#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace forecourt::isolation {

/// Writes values one behind the other; texts with their length before them.
class Packer {
 public:
  Packer() = default;
  /// With room for about as much.
  explicit Packer(size_t bytes) { out_.reserve(bytes); }

  template <std::integral T>
  Packer& put(T value) {
    const auto wide = static_cast<int64_t>(value);
    out_.append(reinterpret_cast<const char*>(&wide), sizeof wide);
    return *this;
  }
  Packer& put(double value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Packer& put(std::string_view text) {
    put(text.size());
    out_.append(text);
    return *this;
  }
  Packer& put(const std::string& text) { return put(std::string_view(text)); }
  Packer& put(const char* text) { return put(std::string_view(text)); }
  template <class T, class Write>
  Packer& list(const std::vector<T>& items, Write&& write) {
    put(items.size());
    for (const T& item : items) write(*this, item);
    return *this;
  }
  Packer& put(const std::vector<std::string>& texts) {
    return list(texts, [](Packer& out, const std::string& text) { out.put(text); });
  }

  const std::string& bytes() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what a Packer wrote, or what somebody wants taken for it: past the end, or past a bound,
/// every value is empty and `ok` is false from then on.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

  int64_t integer() {
    int64_t value = 0;
    copy(&value, sizeof value);
    return value;
  }
  int64_t integer(int64_t least, int64_t most) {
    const int64_t value = integer();
    if (value < least || value > most) ok_ = false;
    return ok_ ? value : least;
  }
  bool flag() { return integer(0, 1) == 1; }
  double real() {
    double value = 0;
    copy(&value, sizeof value);
    return value;
  }
  std::string_view view(size_t bytes_max = SIZE_MAX) {
    const int64_t size = integer();
    if (size < 0 || static_cast<uint64_t>(size) > rest_.size() ||
        static_cast<uint64_t>(size) > bytes_max) {
      ok_ = false;
    }
    if (!ok_) return {};
    const std::string_view text = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(text.size());
    return text;
  }
  std::string text(size_t bytes_max = SIZE_MAX) { return std::string(view(bytes_max)); }
  /// The length of a list whose entries take at least `entry_bytes` each.
  size_t count(size_t most, size_t entry_bytes = 8) {
    const int64_t count = integer();
    if (count < 0 || static_cast<uint64_t>(count) > most ||
        static_cast<uint64_t>(count) > rest_.size() / entry_bytes) {
      ok_ = false;
    }
    return ok_ ? static_cast<size_t>(count) : 0;
  }
  std::vector<std::string> texts(size_t most = 4096) {
    std::vector<std::string> list(count(most));
    for (std::string& one : list) one = text();
    return list;
  }

  bool ok() const { return ok_; }
  /// Everything was read, and nothing is left.
  bool done() const { return ok_ && rest_.empty(); }
  void fail() { ok_ = false; }

 private:
  void copy(void* to, size_t size) {
    if (!ok_ || rest_.size() < size) {
      ok_ = false;
      return;
    }
    std::memcpy(to, rest_.data(), size);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace forecourt::isolation
