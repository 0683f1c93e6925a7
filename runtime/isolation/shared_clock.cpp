#include "isolation/shared_clock.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace forecourt::isolation {

Result<std::unique_ptr<SharedClock>> SharedClock::make() {
  const int descriptor = ::memfd_create("forecourt-clock", MFD_CLOEXEC);
  if (descriptor >= 0 && ::ftruncate(descriptor, sizeof(Page)) == 0) {
    void* const page =
        ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (page != MAP_FAILED) {
      return std::unique_ptr<SharedClock>(new SharedClock(descriptor, static_cast<Page*>(page)));
    }
  }
  const std::string why = std::strerror(errno);
  if (descriptor >= 0) ::close(descriptor);
  return internal("a shared clock: " + why);
}

Result<std::unique_ptr<SharedClock>> SharedClock::open(int descriptor) {
  void* const page = ::mmap(nullptr, sizeof(Page), PROT_READ, MAP_SHARED, descriptor, 0);
  if (page == MAP_FAILED) return internal(std::string("a shared clock: ") + std::strerror(errno));
  return std::unique_ptr<SharedClock>(new SharedClock(descriptor, static_cast<Page*>(page)));
}

SharedClock::~SharedClock() {
  ::munmap(page_, sizeof(Page));
  ::close(descriptor_);
}

void SharedClock::set(int64_t now_ms, int64_t monotonic_ns) {
  page_->now_ms.store(now_ms, std::memory_order_relaxed);
  page_->monotonic_ns.store(monotonic_ns, std::memory_order_relaxed);
}

}  // namespace forecourt::isolation
