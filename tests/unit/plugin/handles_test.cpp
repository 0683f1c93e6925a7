#include "plugin/handles.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace forecourt::plugin {
namespace {

TEST(HandleTable, WhatNeverWasAHandleFindsNothing) {
  HandleTable table;
  for (const uint64_t handle :
       {uint64_t{0}, uint64_t{1}, UINT64_MAX, uint64_t{1} << 56, uint64_t{1} << 56 | 1}) {
    HandleTable::Pin pin;
    EXPECT_FALSE(table.pin(handle, HandleKind::call, pin)) << handle;
  }
}

TEST(HandleTable, AClosedHandleIsStaleForGoodThoughItsSlotIsUsedAgain) {
  HandleTable table;
  int first = 0;
  int second = 0;
  const uint64_t old = table.open(HandleKind::call, &first);
  table.close(old);
  for (int i = 0; i < 5'000; ++i) {
    const uint64_t fresh = table.open(HandleKind::call, &second);
    EXPECT_NE(fresh, old);
    HandleTable::Pin pin;
    EXPECT_FALSE(table.pin(old, HandleKind::call, pin));
    table.close(fresh);
  }
}

TEST(HandleTable, AHandleOfAnotherKindFindsNothing) {
  HandleTable table;
  int object = 0;
  const uint64_t handle = table.open(HandleKind::generation, &object);
  HandleTable::Pin pin;
  EXPECT_FALSE(table.pin(handle, HandleKind::call, pin));
  const uint64_t disguised = (handle & ~(uint64_t{0xFF} << 56)) | uint64_t{1} << 56;
  HandleTable::Pin other;
  EXPECT_FALSE(table.pin(disguised, HandleKind::call, other));
  table.close(handle);
}

TEST(HandleTable, FindsTheObject) {
  HandleTable table;
  int object = 0;
  const uint64_t handle = table.open(HandleKind::call, &object);
  HandleTable::Pin pin;
  ASSERT_TRUE(table.pin(handle, HandleKind::call, pin));
  EXPECT_EQ(pin.object(), &object);
}

TEST(HandleTable, CloseWaitsForWhoHasTheObjectPinned) {
  HandleTable table;
  auto object = std::make_unique<std::atomic<int>>(1);
  const uint64_t handle = table.open(HandleKind::call, object.get());
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        HandleTable::Pin pin;
        if (!table.pin(handle, HandleKind::call, pin)) return;
        EXPECT_EQ(static_cast<std::atomic<int>*>(pin.object())->load(), 1);
      }
    });
  }
  for (int i = 0; i < 100; ++i) std::this_thread::yield();
  table.close(handle);
  object->store(0);
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace forecourt::plugin
