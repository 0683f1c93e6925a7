// Runs a target over the files of folders, each whole and cut short at every one of its first
// bytes: what `./dev test` does with the corpora. Usage: <target> <folder>...

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "fuzz.hpp"

namespace {

constexpr size_t k_cuts_max = 200;

void run(const std::string& input) {
  // A copy of just this size: reading past its end is noticed.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ostringstream whole;
      whole << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      const std::string input = whole.str();
      run(input);
      for (size_t cut = 0; cut < std::min(input.size(), k_cuts_max); ++cut)
        run(input.substr(0, cut));
      ++files;
    }
  }
  std::printf("%zu files\n", files);
  return files > 0 ? 0 : 1;
}
