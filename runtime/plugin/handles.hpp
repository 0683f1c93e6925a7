#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace forecourt::plugin {

enum class HandleKind : uint8_t { call = 1, rows = 2, generation = 3 };

/// The handles plugins hold in place of pointers: kind (8 bits), slot (24), the slot's generation
/// (32). A handle whose object has ended never finds another object. Thread-safe; finding takes no
/// lock.
class HandleTable {
 public:
  HandleTable() = default;
  ~HandleTable();
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  /// 0 when 2^24 handles are open.
  uint64_t open(HandleKind kind, void* object);
  /// Ends the handle; returns when nobody has its object pinned.
  void close(uint64_t handle);

  /// The object while it is pinned: close waits. Keep it for the length of one short function.
  class Pin {
   public:
    Pin() = default;
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    ~Pin() {
      if (state_) state_->fetch_sub(1, std::memory_order_release);
    }
    void* object() const { return object_; }

   private:
    friend class HandleTable;
    std::atomic<uint64_t>* state_ = nullptr;
    void* object_ = nullptr;
  };
  /// False when the handle is stale, of another kind or never was one.
  bool pin(uint64_t handle, HandleKind kind, Pin& pin);

 private:
  /// `state` is generation (32 bits), open (1), pins (31).
  struct Slot {
    std::atomic<uint64_t> state{uint64_t{1} << 32};
    std::atomic<void*> object{nullptr};
    HandleKind kind{};
  };
  static constexpr uint32_t k_chunk = 1024;
  static constexpr uint32_t k_chunks = 1u << 14;
  static constexpr uint64_t k_open = uint64_t{1} << 31;
  static constexpr uint64_t k_pins = k_open - 1;

  struct alignas(64) Shard {
    std::mutex mutex;
    std::vector<uint32_t> free;  // guarded by mutex
  };

  Slot* slot_of(uint32_t index) const;
  bool take_free(uint32_t& index);
  bool grow(Shard& shard, uint32_t& index);

  std::array<Shard, 8> shards_;
  std::mutex grow_mutex_;
  uint32_t chunks_used_ = 0;  // guarded by grow_mutex_
  std::array<std::atomic<Slot*>, k_chunks> chunks_{};
};

/// The one table of the process: handles of all plugins share a number space.
HandleTable& handles();

}  // namespace forecourt::plugin
