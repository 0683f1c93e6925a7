#include "plugin/handles.hpp"

#include <thread>

namespace forecourt::plugin {
namespace {

uint32_t shard_of_thread() {
  static std::atomic<uint32_t> next{0};
  thread_local const uint32_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine & 7;
}

constexpr uint32_t index_of(uint64_t handle) {
  return static_cast<uint32_t>(handle >> 32) & 0xFF'FFFF;
}
constexpr uint32_t generation_of(uint64_t handle) { return static_cast<uint32_t>(handle); }

}  // namespace

HandleTable& handles() {
  static HandleTable* const table = new HandleTable;  // outlives every thread that may still ask
  return *table;
}

HandleTable::~HandleTable() {
  for (auto& chunk : chunks_) delete[] chunk.load();
}

HandleTable::Slot* HandleTable::slot_of(uint32_t index) const {
  Slot* const chunk = chunks_[index / k_chunk].load(std::memory_order_acquire);
  return chunk ? &chunk[index % k_chunk] : nullptr;
}

uint64_t HandleTable::open(HandleKind kind, void* object) {
  uint32_t index = 0;
  if (!take_free(index)) return 0;
  Slot& slot = *slot_of(index);
  slot.kind = kind;
  slot.object.store(object, std::memory_order_relaxed);
  const uint64_t generation = slot.state.load(std::memory_order_relaxed) >> 32;
  slot.state.store(generation << 32 | k_open, std::memory_order_release);
  return static_cast<uint64_t>(kind) << 56 | static_cast<uint64_t>(index) << 32 | generation;
}

void HandleTable::close(uint64_t handle) {
  const uint32_t index = index_of(handle);
  Slot* const slot = slot_of(index);
  if (!slot) return;
  uint64_t state = slot->state.fetch_and(~k_open, std::memory_order_acq_rel);
  while ((state & k_pins) != 0) {
    std::this_thread::yield();
    state = slot->state.load(std::memory_order_acquire);
  }
  uint32_t generation = generation_of(handle) + 1;
  if (generation == 0) generation = 1;
  slot->object.store(nullptr, std::memory_order_relaxed);
  slot->state.store(static_cast<uint64_t>(generation) << 32, std::memory_order_release);
  Shard& shard = shards_[shard_of_thread()];
  std::lock_guard lock(shard.mutex);
  shard.free.push_back(index);
}

bool HandleTable::pin(uint64_t handle, HandleKind kind, Pin& pin) {
  if (handle >> 56 != static_cast<uint64_t>(kind)) return false;
  Slot* const slot = slot_of(index_of(handle));
  if (!slot) return false;
  uint64_t state = slot->state.load(std::memory_order_acquire);
  do {
    if (state >> 32 != generation_of(handle) || (state & k_open) == 0) return false;
  } while (!slot->state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel,
                                              std::memory_order_acquire));
  if (slot->kind != kind) {
    slot->state.fetch_sub(1, std::memory_order_release);
    return false;
  }
  pin.state_ = &slot->state;
  pin.object_ = slot->object.load(std::memory_order_relaxed);
  return true;
}

bool HandleTable::take_free(uint32_t& index) {
  const uint32_t mine = shard_of_thread();
  Shard& own = shards_[mine];
  {
    std::lock_guard lock(own.mutex);
    if (!own.free.empty()) {
      index = own.free.back();
      own.free.pop_back();
      return true;
    }
  }
  // Calls are often opened by one thread and closed by another: look where they went before
  // growing.
  for (uint32_t i = 1; i < shards_.size(); ++i) {
    Shard& other = shards_[(mine + i) & 7];
    std::lock_guard lock(other.mutex);
    if (other.free.empty()) continue;
    index = other.free.back();
    other.free.pop_back();
    return true;
  }
  return grow(own, index);
}

bool HandleTable::grow(Shard& shard, uint32_t& index) {
  uint32_t chunk = 0;
  {
    std::lock_guard lock(grow_mutex_);
    if (chunks_used_ == k_chunks) return false;
    chunk = chunks_used_++;
    chunks_[chunk].store(new Slot[k_chunk], std::memory_order_release);
  }
  index = chunk * k_chunk;
  std::lock_guard lock(shard.mutex);
  for (uint32_t i = k_chunk - 1; i > 0; --i) shard.free.push_back(index + i);
  return true;
}

}  // namespace forecourt::plugin
