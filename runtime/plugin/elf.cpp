#include "plugin/elf.hpp"

#include <elf.h>
#include <forecourt/plugin.h>

#include <algorithm>
#include <cstring>

namespace forecourt::plugin {
namespace {

constexpr std::string_view k_runtime_libraries[] = {
    "libc.so.6",
    "libm.so.6",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libgcc_s.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
#ifdef FORECOURT_SANITIZED
    "libasan.so.8",
    "libubsan.so.1",
    "libtsan.so.2",
#endif
};

/// How every helpful refusal ends.
constexpr std::string_view k_remedy =
    "; build it with forecourt_add_plugin(), which sets what is needed";

Error damaged(std::string_view what) {
  return invalid("it is not a usable ELF library: " + std::string(what));
}

/// A struct at an offset that the file gave; false when it is not wholly inside.
template <class T>
bool read_at(std::string_view bytes, uint64_t offset, T& into) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return false;
  std::memcpy(&into, bytes.data() + offset, sizeof(T));
  return true;
}

/// The NUL-terminated text at `offset` of a string table.
std::string text_at(std::string_view table, uint64_t offset) {
  if (offset >= table.size()) return {};
  const std::string_view rest = table.substr(offset);
  return std::string(rest.substr(0, rest.find('\0')));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Result<ElfLibrary> read() {
    if (auto header = read_header(); !header) return header.error();
    bool dynamic = false;
    for (uint32_t i = 0; i < header_.e_shnum; ++i) {
      Elf64_Shdr section;
      if (!section_at(i, section)) return damaged("a section header is outside the file");
      if (section.sh_type == SHT_DYNAMIC) {
        dynamic = true;
        if (!read_dynamic(section)) return damaged("its dynamic section is damaged");
      }
      if (section.sh_type == SHT_DYNSYM && !read_symbols(section))
        return damaged("its symbol table is damaged");
    }
    if (!dynamic) return damaged("it has no dynamic section");
    return std::move(library_);
  }

 private:
  Result<void> read_header() {
    if (!read_at(bytes_, 0, header_) || std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) {
      return damaged("it does not start like one");
    }
    if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB) {
      return damaged("it is not 64-bit little-endian");
    }
    if (header_.e_type != ET_DYN) return damaged("it is not a shared library");
    if (header_.e_shnum == 0 || header_.e_shentsize != sizeof(Elf64_Shdr)) {
      return damaged("its section headers were stripped; strip with --strip-unneeded at most");
    }
    return {};
  }

  bool section_at(uint32_t index, Elf64_Shdr& section) const {
    return index < header_.e_shnum &&
           read_at(bytes_, header_.e_shoff + uint64_t{index} * sizeof(Elf64_Shdr), section);
  }

  bool contents(const Elf64_Shdr& section, std::string_view& into) const {
    if (section.sh_offset > bytes_.size() || bytes_.size() - section.sh_offset < section.sh_size)
      return false;
    into = bytes_.substr(section.sh_offset, section.sh_size);
    return true;
  }

  /// A section and the string table it is linked to.
  bool with_strings(const Elf64_Shdr& section, std::string_view& entries,
                    std::string_view& strings) const {
    Elf64_Shdr table;
    return contents(section, entries) && section_at(section.sh_link, table) &&
           contents(table, strings);
  }

  bool read_dynamic(const Elf64_Shdr& section) {
    std::string_view entries;
    std::string_view strings;
    if (!with_strings(section, entries, strings)) return false;
    Elf64_Dyn entry;
    for (uint64_t at = 0; read_at(entries, at, entry); at += sizeof entry) {
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_NEEDED) library_.needed.push_back(text_at(strings, entry.d_un.d_val));
    }
    return true;
  }

  bool read_symbols(const Elf64_Shdr& section) {
    std::string_view entries;
    std::string_view strings;
    if (!with_strings(section, entries, strings)) return false;
    Elf64_Sym symbol;
    for (uint64_t at = 0; read_at(entries, at, symbol); at += sizeof symbol) {
      const unsigned binding = ELF64_ST_BIND(symbol.st_info);
      const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
      if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL) continue;
      if (visibility != STV_DEFAULT && visibility != STV_PROTECTED) continue;
      std::string name = text_at(strings, symbol.st_name);
      if (binding == STB_GNU_UNIQUE) library_.unique.push_back(name);
      library_.exported.push_back(std::move(name));
    }
    return true;
  }

  const std::string_view bytes_;
  Elf64_Ehdr header_{};
  ElfLibrary library_;
};

}  // namespace

Result<ElfLibrary> read_elf(std::string_view bytes) { return Reader(bytes).read(); }

Result<void> check_elf(const ElfLibrary& library, std::span<const std::string> libraries) {
  if (!library.unique.empty()) {
    return invalid("it has the unique symbol " + library.unique.front() +
                   ", which two versions of it would share" + std::string(k_remedy));
  }
  if (std::ranges::find(library.exported, FC_ENTRY_NAME) == library.exported.end()) {
    return invalid("it does not export " FC_ENTRY_NAME "; define it with FC_EXPORT");
  }
  for (const std::string& name : library.exported) {
    if (name == FC_ENTRY_NAME) continue;
    return invalid("it exports " + name + " beside " FC_ENTRY_NAME + std::string(k_remedy));
  }
  for (const std::string& name : library.needed) {
    if (std::ranges::find(k_runtime_libraries, name) != std::end(k_runtime_libraries)) continue;
    if (std::ranges::find(libraries, name) != libraries.end()) continue;
    return invalid("it needs " + name +
                   "; link it statically, or list it in \"libraries\" of plugin.json");
  }
  return {};
}

}  // namespace forecourt::plugin
