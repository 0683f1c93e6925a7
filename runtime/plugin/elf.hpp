#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace forecourt::plugin {

/// What a shared library's dynamic section says, read without loading it.
struct ElfLibrary {
  std::vector<std::string> needed;    ///< DT_NEEDED
  std::vector<std::string> exported;  ///< defined symbols others can see
  std::vector<std::string> unique;    ///< those of them that are STB_GNU_UNIQUE
};

/// Reads a 64-bit ELF shared object of this machine's byte order; every offset is checked against
/// the file.
Result<ElfLibrary> read_elf(std::string_view bytes);

/// Whether a library may be loaded: the entry is all it exports, it has no unique symbols, and it
/// needs nothing but the C and C++ runtime and what `libraries` lists. Errors say what to do.
Result<void> check_elf(const ElfLibrary& library, std::span<const std::string> libraries);

}  // namespace forecourt::plugin
