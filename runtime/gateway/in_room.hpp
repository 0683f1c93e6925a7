#pragma once

#include <cstddef>
#include <new>

namespace forecourt::gateway {

/// Room for a handler that Asio keeps, one at a time: posting it needs no memory.
struct Room {
  alignas(std::max_align_t) std::byte bytes[128];
};

/// Gives Asio that room; it must outlive the io_context or what is in it.
template <class T>
struct InRoom {
  using value_type = T;

  explicit InRoom(Room& given) : room(&given) {}
  template <class Other>
  explicit(false) InRoom(const InRoom<Other>& other) : room(other.room) {}
  T* allocate(size_t count) {
    if (count * sizeof(T) > sizeof room->bytes) throw std::bad_alloc();
    return reinterpret_cast<T*>(room->bytes);
  }
  void deallocate(T*, size_t) {}
  template <class Other>
  bool operator==(const InRoom<Other>& other) const {
    return room == other.room;
  }

  Room* room;
};

}  // namespace forecourt::gateway
