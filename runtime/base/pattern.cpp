#include "base/pattern.hpp"

#include <memory>

#include "base/utf8.hpp"

namespace forecourt {
namespace {

constexpr size_t k_program_max = 4096;
constexpr uint32_t k_repeat_max = 1000;
constexpr int k_depth_max = 32;

/// The character `text` starts with, which is removed; bytes that are not UTF-8 stand for
/// themselves.
uint32_t take_character(std::string_view& text) {
  const size_t n = utf8_sequence_length(text);
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[i]));
  };
  uint32_t character = byte(0);
  if (n == 2) character = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
  if (n == 3) character = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  if (n == 4) {
    character =
        (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
  text.remove_prefix(n == 0 ? 1 : n);
  return character;
}

/// A parsed expression; turned into a program afterwards, so that repeats can be written out.
struct Node {
  enum class Kind { empty, character, any, set, sequence, choice, repeat, at_start, at_end } kind;
  uint32_t character = 0;
  bool negated = false;
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
  std::vector<std::unique_ptr<Node>> parts;
  uint32_t least = 0;
  uint32_t most = 0;  ///< of a repeat; k_unbounded: no upper bound
};
constexpr uint32_t k_unbounded = UINT32_MAX;
using NodePtr = std::unique_ptr<Node>;

NodePtr make(Node::Kind kind) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  return node;
}

class Parser {
 public:
  explicit Parser(std::string_view source) : rest_(source) {}

  NodePtr parse() {
    NodePtr node = choice();
    if (why_.empty() && !rest_.empty()) fail("an unmatched ')'");
    return node;
  }
  const std::string& why() const { return why_; }

 private:
  void fail(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }
  bool at(char c) const { return !rest_.empty() && rest_[0] == c; }
  bool eat(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  NodePtr choice() {
    NodePtr node = make(Node::Kind::choice);
    if (++depth_ > k_depth_max) fail("groups nested too deeply");
    do {
      node->parts.push_back(sequence());
    } while (why_.empty() && eat('|'));
    --depth_;
    return node->parts.size() == 1 ? std::move(node->parts[0]) : std::move(node);
  }

  NodePtr sequence() {
    NodePtr node = make(Node::Kind::sequence);
    while (why_.empty() && !rest_.empty() && !at('|') && !at(')'))
      node->parts.push_back(repeated());
    return node;
  }

  NodePtr repeated() {
    NodePtr node = atom();
    while (why_.empty() && !rest_.empty()) {
      uint32_t least = 0;
      uint32_t most = k_unbounded;
      if (eat('*')) {
      } else if (eat('+')) {
        least = 1;
      } else if (eat('?')) {
        most = 1;
      } else if (eat('{')) {
        if (!bounds(least, most)) return node;
      } else {
        return node;
      }
      if (at('?') || at('+') || at('*'))
        fail("a repeat of a repeat (lazy and possessive ones are not supported)");
      if (node->kind == Node::Kind::at_start || node->kind == Node::Kind::at_end)
        fail("a repeated anchor");
      NodePtr repeat = make(Node::Kind::repeat);
      repeat->least = least;
      repeat->most = most;
      repeat->parts.push_back(std::move(node));
      node = std::move(repeat);
    }
    return node;
  }

  bool number(uint32_t& value) {
    if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') return false;
    value = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      value = std::min(value * 10 + static_cast<uint32_t>(rest_[0] - '0'), 10 * k_repeat_max);
      rest_.remove_prefix(1);
    }
    return true;
  }

  bool bounds(uint32_t& least, uint32_t& most) {
    bool good = number(least);
    most = least;
    if (good && eat(',')) {
      most = k_unbounded;
      if (!at('}')) good = number(most);
    }
    if (!good || !eat('}') || most < least) {
      fail("a malformed {n,m}");
    } else if (least > k_repeat_max || (most != k_unbounded && most > k_repeat_max)) {
      fail("a repeat above " + std::to_string(k_repeat_max));
    }
    return why_.empty();
  }

  NodePtr atom() {
    if (eat('(')) {
      if (at('?')) fail("'(?': only plain groups are supported");
      NodePtr group = choice();
      if (!eat(')')) fail("an unmatched '('");
      return group;
    }
    if (eat('[')) return set();
    if (eat('.')) return make(Node::Kind::any);
    if (eat('^')) return make(Node::Kind::at_start);
    if (eat('$')) return make(Node::Kind::at_end);
    for (const char c : {'*', '+', '?', '{', '}', ']'}) {
      if (at(c)) fail(std::string("a stray '") + c + "'; write \\" + c);
    }
    NodePtr node = make(Node::Kind::character);
    node->character = character();
    return node;
  }

  /// One literal character, escaped or not.
  uint32_t character() {
    if (!eat('\\')) return take_character(rest_);
    if (rest_.empty()) {
      fail("a '\\' at the end");
      return 0;
    }
    const char c = rest_[0];
    constexpr std::string_view k_punctuation = "^$\\.*+?()[]{}|/-";
    constexpr std::string_view k_letters = "fnrtv";
    constexpr std::string_view k_controls = "\f\n\r\t\v";
    rest_.remove_prefix(1);
    if (k_punctuation.find(c) != std::string_view::npos) return static_cast<unsigned char>(c);
    const size_t control = k_letters.find(c);
    if (control != std::string_view::npos) return static_cast<unsigned char>(k_controls[control]);
    fail(std::string("'\\") + c + "' is not supported; write the characters out, like [0-9]");
    return 0;
  }

  NodePtr set() {
    NodePtr node = make(Node::Kind::set);
    node->negated = eat('^');
    while (why_.empty() && !eat(']')) {
      if (rest_.empty()) {
        fail("an unmatched '['");
        break;
      }
      if (at('[')) fail("'[' inside a set; write \\[");
      const uint32_t first = character();
      uint32_t last = first;
      if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        rest_.remove_prefix(1);
        last = character();
      }
      if (last < first) fail("a set's range is the wrong way round");
      node->ranges.emplace_back(first, last);
    }
    if (why_.empty() && node->ranges.empty()) fail("an empty set");
    return node;
  }

  std::string_view rest_;
  std::string why_;
  int depth_ = 0;
};

}  // namespace

class PatternCompiler {
 public:
  using Op = Pattern::Op;
  explicit PatternCompiler(Pattern& pattern) : pattern_(pattern) {}

  bool emit(const Node& node) {
    switch (node.kind) {
      case Node::Kind::empty: return true;
      case Node::Kind::character: return add({Op::character, false, node.character, 0});
      case Node::Kind::any: return add({Op::any});
      case Node::Kind::at_start: return add({Op::at_start});
      case Node::Kind::at_end: return add({Op::at_end});
      case Node::Kind::set: return emit_set(node);
      case Node::Kind::choice: return emit_choice(node);
      case Node::Kind::repeat: return emit_repeat(node);
      case Node::Kind::sequence:
        for (const NodePtr& part : node.parts) {
          if (!emit(*part)) return false;
        }
        return true;
    }
    return false;
  }
  bool add(Pattern::Instruction instruction) {
    if (pattern_.program_.size() >= k_program_max) return false;
    pattern_.program_.push_back(instruction);
    return true;
  }

 private:
  uint32_t here() const { return static_cast<uint32_t>(pattern_.program_.size()); }

  bool emit_set(const Node& node) {
    const uint32_t first = static_cast<uint32_t>(pattern_.ranges_.size());
    for (const auto& [low, high] : node.ranges) pattern_.ranges_.push_back({low, high});
    return add({Op::set, node.negated, first, static_cast<uint32_t>(pattern_.ranges_.size())});
  }

  bool emit_choice(const Node& node) {
    std::vector<uint32_t> jumps;
    for (size_t i = 0; i < node.parts.size(); ++i) {
      const bool last = i + 1 == node.parts.size();
      const uint32_t split = here();
      if (!last && !add({Op::split, false, split + 1, 0})) return false;
      if (!emit(*node.parts[i])) return false;
      if (last) break;
      jumps.push_back(here());
      if (!add({Op::jump})) return false;
      pattern_.program_[split].b = here();
    }
    for (const uint32_t jump : jumps) pattern_.program_[jump].a = here();
    return true;
  }

  bool emit_repeat(const Node& node) {
    for (uint32_t i = 0; i < node.least; ++i) {
      if (!emit(*node.parts[0])) return false;
    }
    if (node.most == k_unbounded) {
      const uint32_t split = here();
      if (!add({Op::split, false, split + 1, 0}) || !emit(*node.parts[0])) return false;
      if (!add({Op::jump, false, split, 0})) return false;
      pattern_.program_[split].b = here();
      return true;
    }
    std::vector<uint32_t> splits;
    for (uint32_t i = node.least; i < node.most; ++i) {
      splits.push_back(here());
      if (!add({Op::split, false, here() + 1, 0}) || !emit(*node.parts[0])) return false;
    }
    for (const uint32_t split : splits) pattern_.program_[split].b = here();
    return true;
  }

  Pattern& pattern_;
};

Result<Pattern> Pattern::compile(std::string_view source) {
  Parser parser(source);
  const NodePtr node = parser.parse();
  const std::string quoted = "pattern \"" + std::string(source) + "\": ";
  if (!parser.why().empty()) return invalid(quoted + parser.why());
  Pattern pattern;
  PatternCompiler compiler(pattern);
  if (!compiler.emit(*node) || !compiler.add({Op::match})) {
    return invalid(quoted + "too large once its repeats are written out");
  }
  return pattern;
}

/// The set of instructions a search is at; following a branch twice at one place is never needed.
class Pattern::Threads {
 public:
  explicit Threads(size_t size) : marks_(size, 0) { list_.reserve(size); }
  void next_place() {
    list_.clear();
    ++mark_;
  }
  bool mark(uint32_t at) {
    if (marks_[at] == mark_) return false;
    marks_[at] = mark_;
    return true;
  }
  std::vector<uint32_t>& list() { return list_; }
  std::vector<uint32_t>& stack() { return stack_; }

 private:
  std::vector<uint32_t> list_;
  std::vector<uint32_t> stack_;
  std::vector<uint32_t> marks_;
  uint32_t mark_ = 0;
};

bool Pattern::step_matches(const Instruction& instruction, uint32_t character) const {
  if (instruction.op == Op::character) return instruction.a == character;
  if (instruction.op == Op::any) {
    return character != '\n' && character != '\r' && character != 0x2028 && character != 0x2029;
  }
  if (instruction.op != Op::set) return false;
  for (uint32_t i = instruction.a; i < instruction.b; ++i) {
    if (character >= ranges_[i].first && character <= ranges_[i].last) return !instruction.negated;
  }
  return instruction.negated;
}

bool Pattern::matches(std::string_view text) const {
  Threads now(program_.size());
  Threads next(program_.size());
  bool start = true;
  // Follows jumps and branches from `at`; true when a match is reached.
  const auto follow = [&](Threads& into, uint32_t from, bool at_end) {
    into.stack().push_back(from);
    while (!into.stack().empty()) {
      const uint32_t at = into.stack().back();
      into.stack().pop_back();
      if (!into.mark(at)) continue;
      const Instruction& instruction = program_[at];
      switch (instruction.op) {
        case Op::match: into.stack().clear(); return true;
        case Op::jump: into.stack().push_back(instruction.a); break;
        case Op::split:
          into.stack().push_back(instruction.b);
          into.stack().push_back(instruction.a);
          break;
        case Op::at_start:
          if (start) into.stack().push_back(at + 1);
          break;
        case Op::at_end:
          if (at_end) into.stack().push_back(at + 1);
          break;
        default: into.list().push_back(at);
      }
    }
    return false;
  };

  now.next_place();
  if (follow(now, 0, text.empty())) return true;
  while (!text.empty()) {
    const uint32_t character = take_character(text);
    start = false;
    next.next_place();
    for (const uint32_t at : now.list()) {
      if (step_matches(program_[at], character) && follow(next, at + 1, text.empty())) return true;
    }
    if (follow(next, 0, text.empty())) return true;
    std::swap(now, next);
  }
  return false;
}

}  // namespace forecourt
