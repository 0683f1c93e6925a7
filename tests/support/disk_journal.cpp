#include "support/disk_journal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace forecourt::test_support {
namespace {

constexpr uint32_t k_magic = 0x6a6f7572;

struct Head {
  uint32_t magic = k_magic;
  DiskJournal::Kind kind = DiskJournal::Kind::open;
  int64_t offset = 0;
  uint64_t path_bytes = 0;
  uint64_t data_bytes = 0;
};

std::runtime_error failed(const std::string& what) {
  return std::runtime_error("the journal of the disk: " + what + ": " + std::strerror(errno));
}

void read_at(int file, int64_t offset, void* to, size_t size) {
  if (::pread(file, to, size, offset) != static_cast<ssize_t>(size))
    throw failed("an entry that is not whole");
}

}  // namespace

std::unique_ptr<DiskJournal> DiskJournal::make(const std::string& path) {
  int file = -1;
  if (path.empty()) {
    file = ::memfd_create("disk-journal", MFD_CLOEXEC);
    if (file >= 0) ::fcntl(file, F_SETFL, O_APPEND);
  } else {
    // A new file: processes of an earlier host may still write to theirs.
    ::unlink(path.c_str());
    file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  }
  if (file < 0 || ::ftruncate(file, k_page_bytes) != 0) throw failed("making " + path);
  return std::unique_ptr<DiskJournal>(new DiskJournal(file, true));
}

std::unique_ptr<DiskJournal> DiskJournal::join(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (file < 0) throw failed("joining " + path);
  return std::unique_ptr<DiskJournal>(new DiskJournal(file, false));
}

DiskJournal::DiskJournal(int file, bool made_here)
    : file_(file),
      made_here_(made_here),
      page_(::mmap(nullptr, k_page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)) {
  if (page_ == MAP_FAILED) throw failed("its page");
}

DiskJournal::~DiskJournal() {
  ::munmap(page_, k_page_bytes);
  ::close(file_);
}

size_t DiskJournal::add(Kind kind, const std::string& path, int64_t offset, const void* data,
                        size_t size) const {
  Head head{k_magic, kind, offset, path.size(), size};
  const iovec parts[] = {{&head, sizeof head},
                         {const_cast<char*>(path.data()), path.size()},
                         {const_cast<void*>(data), size}};
  const size_t bytes = sizeof head + path.size() + size;
  const std::lock_guard lock(mutex_);
  // One write to the end of a file: the kernel lets no other process in between.
  if (::writev(file_, parts, 3) != static_cast<ssize_t>(bytes)) {
    std::perror("the journal of the disk");
    std::abort();
  }
  return bytes;
}

void DiskJournal::kill_process() const {
  const std::lock_guard lock(mutex_);
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

void DiskJournal::read(const std::function<void(const Entry&)>& take) {
  struct stat now {};
  if (::fstat(file_, &now) != 0) throw failed("its size");
  const int64_t from = read_to_;
  Entry entry;
  for (;;) {
    // What is not whole at this moment is written after it.
    Head head;
    const int64_t path_at = read_to_ + static_cast<int64_t>(sizeof head);
    if (path_at > now.st_size) break;
    read_at(file_, read_to_, &head, sizeof head);
    if (head.magic != k_magic)
      throw std::runtime_error("the journal of the disk: a process was killed in an entry");
    const int64_t data_at = path_at + static_cast<int64_t>(head.path_bytes);
    const int64_t end = data_at + static_cast<int64_t>(head.data_bytes);
    if (end > now.st_size) break;
    entry.kind = head.kind;
    entry.offset = head.offset;
    entry.path.resize(head.path_bytes);
    entry.data.resize(head.data_bytes);
    read_at(file_, path_at, entry.path.data(), entry.path.size());
    read_at(file_, data_at, entry.data.data(), entry.data.size());
    read_to_ = end;
    take(entry);
  }
  // What was read takes no more room.
  ::fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, read_to_ - from);
}

}  // namespace forecourt::test_support
