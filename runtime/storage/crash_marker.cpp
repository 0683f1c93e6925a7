#include "storage/crash_marker.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "storage/store.hpp"

namespace forecourt::storage {
namespace {

constexpr size_t k_page_size = 4096;

std::string system_error(const std::string& what) { return what + ": " + std::strerror(errno); }

}  // namespace

/// Lock-free atomics in shared memory: the file is this struct.
struct CrashMarker::Page {
  std::atomic<uint32_t> size;  ///< of `text`; 0: no call is running
  std::atomic<int32_t> signal;
  char text[1024];
};

namespace {
constexpr std::chrono::milliseconds k_lock_again{10};
constexpr int k_lock_attempts = 200;

/// The process that had the store may have been killed and not be gone yet: a plugin's, whose host
/// was started again at once.
bool lock_soon(int descriptor) {
  for (int i = 0; i < k_lock_attempts; ++i) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    std::this_thread::sleep_for(k_lock_again);
  }
  return false;
}

/// The signal field of the calling lane's page.
constinit thread_local std::atomic<int32_t>* t_signal = nullptr;
}  // namespace

void note_fatal_signal(int signal) {
  if (t_signal != nullptr) t_signal->store(signal, std::memory_order_relaxed);
}

Result<std::unique_ptr<CrashMarker>> CrashMarker::open(const std::string& folder) {
  const std::string path = folder + "/running";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return internal(system_error("opening " + path));
  if (!lock_soon(descriptor)) {
    close(descriptor);
    return Error{Code::conflict, folder + ": another process has this store open"};
  }
  // Blocks are reserved now: a full disk must not turn a write to the page into SIGBUS.
  const int reserved = posix_fallocate(descriptor, 0, k_page_size);
  void* memory = MAP_FAILED;
  if (reserved == 0) {
    memory = mmap(nullptr, k_page_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  } else {
    errno = reserved;
  }
  if (memory == MAP_FAILED) {
    Error error = internal(system_error("mapping " + path));
    close(descriptor);
    return error;
  }
  return std::unique_ptr<CrashMarker>(new CrashMarker(descriptor, static_cast<Page*>(memory)));
}

CrashMarker::~CrashMarker() {
  end();
  munmap(page_, k_page_size);
  close(descriptor_);
}

std::optional<Kill> CrashMarker::take_kill() {
  const size_t size = std::min<size_t>(page_->size.load(), sizeof(page_->text));
  const int signal = page_->signal.load();
  if (size == 0 && signal == 0) return std::nullopt;
  Kill kill{std::string(page_->text, size), signal};
  page_->size.store(0);
  page_->signal.store(0);
  return kill;
}

void CrashMarker::bind_thread(bool bound) { t_signal = bound ? &page_->signal : nullptr; }

void CrashMarker::begin(std::string_view text) {
  const size_t size = std::min(text.size(), sizeof(page_->text));
  std::memcpy(page_->text, text.data(), size);
  page_->size.store(static_cast<uint32_t>(size), std::memory_order_release);
}

void CrashMarker::end() { page_->size.store(0, std::memory_order_release); }

}  // namespace forecourt::storage
