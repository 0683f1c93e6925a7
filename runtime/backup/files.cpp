#include "backup/files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace forecourt::backup {
namespace {

constexpr size_t k_block = 1 << 20;

Error failed(const std::string& path, const char* what) {
  return internal(path + ": " + what + ": " + std::strerror(errno));
}

class File {
 public:
  File(const std::string& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool ok() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  bool write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

 private:
  const int descriptor_;
};

/// Reads a file to its end and hands each block to `take`.
template <class Take>
Result<FileSum> sum_blocks(const std::string& path, Take&& take) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return failed(path, "cannot be opened");
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<char> block(k_block);
  FileSum sum;
  for (;;) {
    const ssize_t n = ::read(file.descriptor(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "cannot be read");
    if (n == 0) break;
    EVP_DigestUpdate(context.get(), block.data(), static_cast<size_t>(n));
    sum.bytes += n;
    if (auto taken = take(std::string_view(block.data(), static_cast<size_t>(n))); !taken)
      return taken.error();
  }
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  sum.sha256 = hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return sum;
}

}  // namespace

std::string hex(std::string_view bytes) {
  constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += k_digits[static_cast<unsigned char>(c) >> 4];
    text += k_digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

Result<FileSum> sum_of(const std::string& path) {
  return sum_blocks(path, [](std::string_view) { return Result<void>(); });
}

Result<FileSum> copy_file(const std::string& from, const std::string& to) {
  const File target(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!target.ok()) return failed(to, "cannot be made");
  auto sum = sum_blocks(from, [&](std::string_view block) -> Result<void> {
    if (target.write_all(block)) return {};
    return failed(to, "cannot be written");
  });
  if (sum && ::fsync(target.descriptor()) != 0) return failed(to, "cannot be synced");
  return sum;
}

Result<void> write_new_file(const std::string& path, std::string_view content) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.ok()) return failed(path, "cannot be made");
  if (!file.write_all(content) || ::fsync(file.descriptor()) != 0)
    return failed(path, "cannot be written");
  return {};
}

Result<void> make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) return failed(path, "cannot be made");
  return {};
}

}  // namespace forecourt::backup
