#include "plugin/elf.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "site.hpp"

namespace forecourt::plugin::test {
namespace {

std::string library(const std::string& name, const std::string& id) {
  return *config::read_text(fixture(name) + "/" + id + ".so");
}

TEST(Elf, WhatIsNoLibraryIsRefused) {
  EXPECT_FALSE(read_elf(""));
  EXPECT_FALSE(read_elf("#!/bin/sh\n"));
  EXPECT_FALSE(read_elf(std::string(64, '\0')));
  EXPECT_FALSE(read_elf(*config::read_text(FORECOURT_BINARY_DIR "/fixtures/good/plugin.json")));
}

TEST(Elf, ADamagedLibraryIsNeverReadPastItsEnd) {
  const std::string good = library("good", "good");
  for (size_t size = 0; size < good.size(); size += 97) {
    [[maybe_unused]] auto read = read_elf(std::string_view(good).substr(0, size));
  }
  // Each byte of the headers in turn, and some of the rest.
  for (size_t at = 0; at < good.size(); at += at < 64 ? 1 : 211) {
    std::string bent = good;
    bent[at] = static_cast<char>(0xFF);
    if (auto read = read_elf(bent)) {
      [[maybe_unused]] auto checked = check_elf(*read, {});
    }
  }
}

TEST(Elf, ReadsWhatALibraryShowsAndNeeds) {
  auto read = read_elf(library("needs_library", "needs-library"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->exported, std::vector<std::string>{"fc_plugin_entry_1"});
  EXPECT_TRUE(read->unique.empty());
  EXPECT_NE(std::ranges::find(read->needed, "libz.so.1"), read->needed.end());
  const std::string allowed[] = {"libz.so.1"};
  EXPECT_FALSE(check_elf(*read, {}));
  EXPECT_TRUE(check_elf(*read, allowed));
}

}  // namespace
}  // namespace forecourt::plugin::test
