#pragma once

#include <gtest/gtest.h>

#include <string>

namespace faults {

/// An attack on plugins in the host's process and in processes of their own: a TEST_P, whose
/// GetParam() is the mode of the manifests.
using InBothModes = testing::TestWithParam<const char*>;

#define FAULTS_IN_BOTH_MODES(suite)                                                \
  INSTANTIATE_TEST_SUITE_P(Mode, suite, testing::Values("in-process", "isolated"), \
                           [](const auto& mode) { return faults::test_name(mode.param); })

/// "in-process" as a part of a test's name: "in_process".
inline std::string test_name(std::string mode) {
  for (char& c : mode)
    if (c == '-') c = '_';
  return mode;
}

}  // namespace faults
