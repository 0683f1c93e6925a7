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

#include "support/disk_image.hpp"

namespace forecourt::test_support {
namespace {

using Operation = VfsShim::Operation;
using Fault = VfsShim::Fault;
constexpr size_t k_operations = 8;

struct Plan {
  int64_t at_call = 0;  ///< 0: nothing is to fail
  Fault fault = Fault::io_error;
  bool for_good = false;
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

struct VfsShim::Impl {
  explicit Impl(Use use);
  ~Impl() { sqlite3_vfs_unregister(&vfs); }

  /// Counts the call; the fault it is to suffer, if any.
  std::optional<Fault> next(Operation operation);
  DiskImage& image(const std::string& path);

  std::string name;
  sqlite3_vfs vfs{};
  sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);

  mutable std::mutex mutex;
  // Guarded by mutex.
  std::array<int64_t, k_operations> calls{};
  std::array<Plan, k_operations> plans{};
  int64_t failures = 0;
  std::map<std::string, DiskImage> images;
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
  if (code == SQLITE_OK && self.remembered) {
    std::lock_guard lock(self.shim->mutex);
    self.shim->image(*self.path).write(offset, data, static_cast<size_t>(written));
  }
  return fault ? static_cast<int>(SQLITE_FULL) : code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  ShimFile& self = shim_file(file);
  if (auto fault = self.shim->next(Operation::truncate))
    return code_of(*fault, SQLITE_IOERR_TRUNCATE);
  const int code = self.real()->pMethods->xTruncate(self.real(), size);
  if (code == SQLITE_OK && self.remembered) {
    std::lock_guard lock(self.shim->mutex);
    self.shim->image(*self.path).truncate(size);
  }
  return code;
}

int sync_file(sqlite3_file* file, int) {
  ShimFile& self = shim_file(file);
  const auto fault = self.shim->next(Operation::sync);
  if (fault == Fault::forgets) return SQLITE_OK;
  // The image stands for the disk: waiting for the machine's own would only slow the tests down.
  if (self.remembered) {
    std::lock_guard lock(self.shim->mutex);
    DiskImage& image = self.shim->image(*self.path);
    fault ? image.fail_sync() : image.sync();
  }
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
  if (self->remembered) {
    std::lock_guard lock(shim.mutex);
    shim.image(*self->path);
  }
  self->base.pMethods = &k_methods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  VfsShim::Impl& shim = impl_of(vfs);
  if (shim.next(Operation::remove)) return SQLITE_IOERR_DELETE;
  {
    std::lock_guard lock(shim.mutex);
    shim.images.erase(path);
  }
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

VfsShim::Impl::Impl(Use use) : name(next_name()) {
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
  std::lock_guard lock(mutex);
  const int64_t call = ++calls[static_cast<size_t>(operation)];
  const Plan& plan = plans[static_cast<size_t>(operation)];
  if (plan.at_call == 0 || call < plan.at_call) return std::nullopt;
  if (call > plan.at_call && !plan.for_good) return std::nullopt;
  ++failures;
  return plan.fault;
}

DiskImage& VfsShim::Impl::image(const std::string& path) {
  const auto found = images.find(path);
  if (found != images.end()) return found->second;
  return images.emplace(path, DiskImage(content_of(path))).first->second;
}

VfsShim::VfsShim(Use use) : impl_(std::make_unique<Impl>(use)) {}
VfsShim::~VfsShim() = default;

const std::string& VfsShim::name() const { return impl_->name; }

void VfsShim::fail(Operation operation, int64_t nth, Fault fault, bool for_good) {
  std::lock_guard lock(impl_->mutex);
  const auto index = static_cast<size_t>(operation);
  impl_->plans[index] = {impl_->calls[index] + nth, fault, for_good};
}

void VfsShim::heal() {
  std::lock_guard lock(impl_->mutex);
  impl_->plans.fill({});
}

int64_t VfsShim::calls(Operation operation) const {
  std::lock_guard lock(impl_->mutex);
  return impl_->calls[static_cast<size_t>(operation)];
}

int64_t VfsShim::failures() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->failures;
}

void VfsShim::power_cut(const std::string& from, const std::string& to,
                        std::optional<uint32_t> torn_seed) const {
  std::mt19937 random(torn_seed.value_or(0));
  std::lock_guard lock(impl_->mutex);
  for (const auto& [path, image] : impl_->images) {
    const std::filesystem::path file = std::filesystem::path(path).lexically_relative(from);
    if (file.empty() || *file.begin() == "..") continue;
    const std::filesystem::path copy = to / file;
    std::filesystem::create_directories(copy.parent_path());
    std::ofstream(copy, std::ios::binary) << image.after_power_cut(torn_seed ? &random : nullptr);
  }
}

}  // namespace forecourt::test_support
