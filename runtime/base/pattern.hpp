#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace forecourt {

/// A regular expression as a JSON schema's `pattern`, over Unicode characters: literals, `.`,
/// `[...]`, groups,
/// `|`, `* + ?`, `{n,m}`, `^`, `$` and escapes of punctuation and of \f \n \r \t \v. It searches:
/// without anchors a match anywhere counts. Everything else (\d, \w, \s, \b, (?:, lookaround, back
/// references) is refused, not guessed. Time is linear in the text; immutable, thread-safe.
class Pattern {
 public:
  static Result<Pattern> compile(std::string_view source);
  /// `text` is UTF-8.
  bool matches(std::string_view text) const;

 private:
  friend class PatternCompiler;
  enum class Op : uint8_t { character, any, set, split, jump, at_start, at_end, match };
  struct Range {
    uint32_t first;
    uint32_t last;
  };
  struct Instruction {
    Op op;
    bool negated = false;  ///< of a set
    uint32_t a = 0;        ///< the character, the first branch, or where a set's ranges start
    uint32_t b = 0;        ///< the second branch, or where a set's ranges end
  };
  Pattern() = default;
  bool step_matches(const Instruction& instruction, uint32_t character) const;
  class Threads;

  std::vector<Instruction> program_;
  std::vector<Range> ranges_;
};

}  // namespace forecourt
