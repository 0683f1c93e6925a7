#include "support/vfs_shim.hpp"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <set>

#include "support/disk_image.hpp"

namespace forecourt::test_support {
namespace {

using Operation = VfsShim::Operation;
using Fault = VfsShim::Fault;
using Kind = DiskJournal::Kind;
constexpr size_t k_operations = 8;

constexpr size_t k_unread_bytes_max = 32u << 20;

struct Plan {
  int64_t at_call = 0;  ///< 0: nothing is to fail
  Fault fault = Fault::io_error;
  bool for_good = false;

  uint64_t packed() const {
    return static_cast<uint64_t>(at_call) << 8 | static_cast<uint64_t>(fault) << 1 | for_good;
  }
  static Plan of(uint64_t packed) {
    return {static_cast<int64_t>(packed >> 8), static_cast<Fault>(packed >> 1 & 0x7f),
            (packed & 1) != 0};
  }
};

/// What all processes of a disk share, on the page of its journal.
struct Shared {
  std::array<std::atomic<int64_t>, k_operations> calls;
  std::array<std::atomic<uint64_t>, k_operations> plans;
  std::atomic<int64_t> failures;
};
static_assert(sizeof(Shared) <= DiskJournal::k_page_bytes);

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

struct VfsShim::Impl {
  Impl(Use use, std::unique_ptr<DiskJournal> on);
  ~Impl() { sqlite3_vfs_unregister(&vfs); }

  /// Counts the call; the fault it is to suffer, if any.
  std::optional<Fault> next(Operation operation);
  void remember(DiskJournal::Kind kind, const std::string& path, int64_t offset = 0,
                const void* data = nullptr, size_t size = 0);
  void remember_opened(const std::string& path);
  /// Carries out what the journal says, under the mutex.
  void read_journal();

  std::string name;
  sqlite3_vfs vfs{};
  sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);

  const std::unique_ptr<DiskJournal> journal;
  Shared& shared{*static_cast<Shared*>(journal->page())};

  mutable std::mutex mutex;
  // Guarded by mutex.
  std::set<std::string> known;  ///< files whose content is in the journal
  std::map<std::string, DiskImage> images;
  size_t unread_bytes = 0;  ///< about: what others add is not counted
};

namespace {

/// What SQLite calls an open file: ours, with the real one right behind it.
struct ShimFile {
  sqlite3_file base;
  VfsShim::Impl* shim;
  bool remembered;  ///< the database and its log; the rest is not looked at after a power cut
  std::string* path;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

ShimFile& shim_file(sqlite3_file* file) { return *reinterpret_cast<ShimFile*>(file); }

int code_of(Fault fault, int io_error) {
  return fault == Fault::io_error ? io_error : static_cast<int>(SQLITE_FULL);
}

int close_file(sqlite3_file* file) {
  ShimFile& self = shim_file(file);
  const int code = self.real()->pMethods->xClose(self.real());
  delete self.path;
  return code;
}

int read_file(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  ShimFile& self = shim_file(file);
  if (self.shim->next(Operation::read)) return SQLITE_IOERR_READ;
  return self.real()->pMethods->xRead(self.real(), data, size, offset);
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  ShimFile& self = shim_file(file);
  const auto fault = self.shim->next(Operation::write);
  if (fault && *fault != Fault::short_write) return code_of(*fault, SQLITE_IOERR_WRITE);
  const int written = fault ? size / 2 : size;
  const int code = self.real()->pMethods->xWrite(self.real(), data, written, offset);
  if (code == SQLITE_OK && self.remembered)
    self.shim->remember(Kind::write, *self.path, offset, data, static_cast<size_t>(written));
  return fault ? static_cast<int>(SQLITE_FULL) : code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  ShimFile& self = shim_file(file);
  if (auto fault = self.shim->next(Operation::truncate))
    return code_of(*fault, SQLITE_IOERR_TRUNCATE);
  const int code = self.real()->pMethods->xTruncate(self.real(), size);
  if (code == SQLITE_OK && self.remembered) self.shim->remember(Kind::truncate, *self.path, size);
  return code;
}

int sync_file(sqlite3_file* file, int) {
  ShimFile& self = shim_file(file);
  const auto fault = self.shim->next(Operation::sync);
  if (fault == Fault::forgets) return SQLITE_OK;
  // The image stands for the disk: waiting for the machine's own would only slow the tests down.
  if (self.remembered) self.shim->remember(fault ? Kind::failed_sync : Kind::sync, *self.path);
  return fault ? code_of(*fault, SQLITE_IOERR_FSYNC) : SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return shim_file(file).real()->pMethods->xFileSize(shim_file(file).real(), size);
}

int lock_file(sqlite3_file* file, int level) {
  ShimFile& self = shim_file(file);
  if (self.shim->next(Operation::lock)) return SQLITE_IOERR_LOCK;
  return self.real()->pMethods->xLock(self.real(), level);
}

int unlock_file(sqlite3_file* file, int level) {
  return shim_file(file).real()->pMethods->xUnlock(shim_file(file).real(), level);
}

int check_reserved_lock(sqlite3_file* file, int* out) {
  return shim_file(file).real()->pMethods->xCheckReservedLock(shim_file(file).real(), out);
}

int file_control(sqlite3_file* file, int operation, void* argument) {
  return shim_file(file).real()->pMethods->xFileControl(shim_file(file).real(), operation,
                                                        argument);
}

int sector_size(sqlite3_file* file) {
  return shim_file(file).real()->pMethods->xSectorSize(shim_file(file).real());
}

int device_characteristics(sqlite3_file* file) {
  return shim_file(file).real()->pMethods->xDeviceCharacteristics(shim_file(file).real());
}

int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  ShimFile& self = shim_file(file);
  if (auto fault = self.shim->next(Operation::shm_map)) return code_of(*fault, SQLITE_IOERR_SHMMAP);
  return self.real()->pMethods->xShmMap(self.real(), page, size, extend, memory);
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  ShimFile& self = shim_file(file);
  const bool locks = (flags & SQLITE_SHM_LOCK) != 0;
  if (locks && self.shim->next(Operation::lock)) return SQLITE_IOERR_SHMLOCK;
  return self.real()->pMethods->xShmLock(self.real(), offset, count, flags);
}

void shm_barrier(sqlite3_file* file) {
  shim_file(file).real()->pMethods->xShmBarrier(shim_file(file).real());
}

int shm_unmap(sqlite3_file* file, int remove) {
  return shim_file(file).real()->pMethods->xShmUnmap(shim_file(file).real(), remove);
}

/// Version 2: with shared memory, without memory-mapped reads.
constexpr sqlite3_io_methods k_methods = {2,
                                          close_file,
                                          read_file,
                                          write_file,
                                          truncate_file,
                                          sync_file,
                                          file_size,
                                          lock_file,
                                          unlock_file,
                                          check_reserved_lock,
                                          file_control,
                                          sector_size,
                                          device_characteristics,
                                          shm_map,
                                          shm_lock,
                                          shm_barrier,
                                          shm_unmap,
                                          nullptr,
                                          nullptr};

VfsShim::Impl& impl_of(sqlite3_vfs* vfs) { return *static_cast<VfsShim::Impl*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  VfsShim::Impl& shim = impl_of(vfs);
  file->pMethods = nullptr;
  if (auto fault = shim.next(Operation::open)) return code_of(*fault, SQLITE_CANTOPEN);
  auto* self = new (file) ShimFile{};
  self->shim = &shim;
  self->remembered = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
  const int code = shim.real->xOpen(shim.real, path, self->real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  self->path = new std::string(path != nullptr ? path : "");
  if (self->remembered) shim.remember_opened(*self->path);
  self->base.pMethods = &k_methods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  VfsShim::Impl& shim = impl_of(vfs);
  if (shim.next(Operation::remove)) return SQLITE_IOERR_DELETE;
  shim.remember(Kind::remove, path);
  return shim.real->xDelete(shim.real, path, sync_directory);
}

int access_file(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
  sqlite3_vfs* real = impl_of(vfs).real;
  return real->xAccess(real, path, flags, out);
}

int full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  sqlite3_vfs* real = impl_of(vfs).real;
  return real->xFullPathname(real, path, size, out);
}

std::string next_name() {
  static std::atomic<int> number{0};
  return "forecourt-shim-" + std::to_string(++number);
}

}  // namespace

VfsShim::Impl::Impl(Use use, std::unique_ptr<DiskJournal> on)
    : name(next_name()), journal(std::move(on)) {
  vfs = *real;
  vfs.szOsFile = static_cast<int>(sizeof(ShimFile)) + real->szOsFile;
  vfs.zName = name.c_str();
  vfs.pNext = nullptr;
  vfs.pAppData = this;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  sqlite3_vfs_register(&vfs, use == Use::by_everyone ? 1 : 0);
}

std::optional<Fault> VfsShim::Impl::next(Operation operation) {
  const auto index = static_cast<size_t>(operation);
  const int64_t call = ++shared.calls[index];
  const Plan plan = Plan::of(shared.plans[index]);
  if (plan.at_call == 0 || call < plan.at_call) return std::nullopt;
  if (call > plan.at_call && !plan.for_good) return std::nullopt;
  ++shared.failures;
  if (plan.fault == Fault::kills) journal->kill_process();
  return plan.fault;
}

void VfsShim::Impl::remember(Kind kind, const std::string& path, int64_t offset, const void* data,
                             size_t size) {
  const size_t added = journal->add(kind, path, offset, data, size);
  if (!journal->made_here() && kind != Kind::remove) return;
  std::lock_guard lock(mutex);
  if (kind == Kind::remove) known.erase(path);
  unread_bytes += added;
  if (journal->made_here() && unread_bytes > k_unread_bytes_max) read_journal();
}

void VfsShim::Impl::remember_opened(const std::string& path) {
  std::lock_guard lock(mutex);
  if (!known.insert(path).second) return;
  const std::string content = content_of(path);
  unread_bytes += journal->add(Kind::open, path, 0, content.data(), content.size());
}

void VfsShim::Impl::read_journal() {
  unread_bytes = 0;
  journal->read([this](const DiskJournal::Entry& entry) {
    if (entry.kind == Kind::remove) {
      images.erase(entry.path);
      return;
    }
    // Opened again by another process: it is still what was synced.
    DiskImage& image =
        images.try_emplace(entry.path, entry.kind == Kind::open ? entry.data : "").first->second;
    switch (entry.kind) {
      case Kind::write: image.write(entry.offset, entry.data.data(), entry.data.size()); break;
      case Kind::truncate: image.truncate(entry.offset); break;
      case Kind::sync: image.sync(); break;
      case Kind::failed_sync: image.fail_sync(); break;
      case Kind::open:
      case Kind::remove: break;
    }
  });
}

VfsShim::VfsShim(Use use, std::unique_ptr<DiskJournal> journal)
    : impl_(std::make_unique<Impl>(use, std::move(journal))) {}
VfsShim::~VfsShim() = default;

const std::string& VfsShim::name() const { return impl_->name; }

void VfsShim::fail(Operation operation, int64_t nth, Fault fault, bool for_good) {
  const auto index = static_cast<size_t>(operation);
  Shared& shared = impl_->shared;
  shared.plans[index] = Plan{shared.calls[index] + nth, fault, for_good}.packed();
}

void VfsShim::heal() {
  for (std::atomic<uint64_t>& plan : impl_->shared.plans) plan = 0;
  std::lock_guard lock(impl_->mutex);
  if (impl_->journal->made_here()) impl_->read_journal();
}

int64_t VfsShim::calls(Operation operation) const {
  return impl_->shared.calls[static_cast<size_t>(operation)];
}

int64_t VfsShim::failures() const { return impl_->shared.failures; }

void VfsShim::power_cut(const std::string& from, const std::string& to,
                        std::optional<uint32_t> torn_seed) const {
  std::mt19937 random(torn_seed.value_or(0));
  std::lock_guard lock(impl_->mutex);
  impl_->read_journal();
  for (const auto& [path, image] : impl_->images) {
    const std::filesystem::path file = std::filesystem::path(path).lexically_relative(from);
    if (file.empty() || *file.begin() == "..") continue;
    const std::filesystem::path copy = to / file;
    std::filesystem::create_directories(copy.parent_path());
    std::ofstream(copy, std::ios::binary) << image.after_power_cut(torn_seed ? &random : nullptr);
  }
}

}  // namespace forecourt::test_support
