#include "lensfind/network/pickle.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

using Kind = PickleItem::Kind;

/// A value stands on the stack and then in a container.
constexpr std::uint64_t bytes_a_value = 3 * sizeof(PickleValue);  // NOLINT(bugprone-sizeof-expression): a pointer is meant
constexpr std::uint64_t bytes_a_memory = 64;                      // of a table of hashes

/// Python's pickle machine (Lib/pickletools.py describes its operations), but REDUCE, NEWOBJ and BUILD only note what they would do.
class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const std::string& origin, UnpackBudget& budget)
      : bytes_{bytes}, origin_{origin}, budget_{budget} {}

  Pickle run() {
    for (;;) {
      const char operation = static_cast<char>(take(1)[0]);
      if (operation == '.') {
        const PickleValue root = pop();
        return {std::move(items_), root, at_};
      }
      if (!constant(operation) && !container(operation) && !memo(operation) && !object(operation)) {
        throw Error{fmt::format("{}: pickle operation 0x{:02x} is not understood", origin_, static_cast<unsigned char>(operation)),
                    "save only the state dictionary, or save it as safetensors"};
      }
    }
  }

 private:
  [[noreturn]] void damaged() const { throw Error{origin_ + ": a damaged pickle", "the file is cut short or no torch file"}; }

  std::span<const std::byte> take(std::size_t count) {
    if (count > bytes_.size() - at_) damaged();
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }
  template <typename Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text(std::size_t length) {
    const auto bytes = take(length);
    return {reinterpret_cast<const char*>(bytes.data()), length};
  }
  std::string line() {
    std::string read;
    for (char letter = static_cast<char>(take(1)[0]); letter != '\n'; letter = static_cast<char>(take(1)[0])) read += letter;
    return read;
  }

  PickleValue make(Kind kind) {
    budget_.take(sizeof(PickleItem));
    return &items_.emplace_back(PickleItem{.kind = kind});
  }
  PickleValue make_integer(std::int64_t value) {
    const PickleValue item = make(Kind::integer);
    item->integer = value;
    return item;
  }
  PickleValue make_text(Kind kind, std::string said) {
    budget_.take(said.size());
    const PickleValue item = make(kind);
    item->text = std::move(said);
    return item;
  }

  void push(PickleValue value) {
    budget_.take(bytes_a_value);
    stack_.push_back(value);
  }
  PickleValue pop() {
    if (stack_.empty()) damaged();
    const PickleValue top = stack_.back();
    stack_.pop_back();
    return top;
  }
  PickleItem& top() {
    if (stack_.empty()) damaged();
    return *stack_.back();
  }
  std::vector<PickleValue> pop_many(std::size_t count) {
    if (count > stack_.size()) damaged();
    std::vector<PickleValue> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }
  std::vector<PickleValue> pop_to_mark() {
    if (marks_.empty() || marks_.back() > stack_.size()) damaged();
    const std::size_t mark = marks_.back();
    marks_.pop_back();
    return pop_many(stack_.size() - mark);
  }
  void push_list(std::vector<PickleValue> items) {
    push(make(Kind::list));
    top().items = std::move(items);
  }
  void set_members(const std::vector<PickleValue>& keys_and_values) {
    if (keys_and_values.size() % 2 != 0) damaged();
    for (std::size_t i = 0; i < keys_and_values.size(); i += 2) top().members.emplace_back(keys_and_values[i], keys_and_values[i + 1]);
  }

  bool constant(char operation) {
    switch (operation) {
      case '\x80':
        take(1);
        return true;  // PROTO
      case '\x95':
        take(8);
        return true;  // FRAME
      case 'N':
        push(make(Kind::none));
        return true;  // NONE
      case '\x88':
        push(make_integer(1));
        return true;  // NEWTRUE
      case '\x89':
        push(make_integer(0));
        return true;  // NEWFALSE
      case 'J':
        push(make_integer(number<std::int32_t>()));
        return true;  // BININT
      case 'K':
        push(make_integer(number<std::uint8_t>()));
        return true;  // BININT1
      case 'M':
        push(make_integer(number<std::uint16_t>()));
        return true;  // BININT2
      case '\x8a':
        push(long_integer());
        return true;  // LONG1
      case 'G':
        take(8);
        push(make(Kind::other));
        return true;  // BINFLOAT: no weight is one
      case 'X':
        push(make_text(Kind::text, text(number<std::uint32_t>())));
        return true;  // BINUNICODE
      case '\x8c':
        push(make_text(Kind::text, text(number<std::uint8_t>())));
        return true;  // SHORT_BINUNICODE
      case 'T':
      case 'B':
        push(make_text(Kind::text, text(number<std::uint32_t>())));
        return true;  // BINSTRING, BINBYTES
      case 'U':
      case 'C':
        push(make_text(Kind::text, text(number<std::uint8_t>())));
        return true;  // SHORT_BINSTRING, SHORT_BINBYTES
      case '\x8d':
      case '\x8e':
      case '\x96':
        push(make_text(Kind::text, text(number<std::uint64_t>())));
        return true;  // BINUNICODE8, BINBYTES8, BYTEARRAY8
      default:
        return false;
    }
  }

  /// Two's complement of any length; none that matters is longer than 8 bytes.
  PickleValue long_integer() {
    const auto bytes = take(number<std::uint8_t>());
    if (bytes.size() > 8) return make(Kind::other);
    std::uint64_t value = !bytes.empty() && static_cast<unsigned char>(bytes.back()) >= 0x80 ? ~std::uint64_t{0} : 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return make_integer(static_cast<std::int64_t>(value));
  }

  bool container(char operation) {
    switch (operation) {
      case '(':
        marks_.push_back(stack_.size());
        return true;  // MARK
      case '}':
        push(make(Kind::table));
        return true;  // EMPTY_DICT
      case ']':
      case ')':
      case '\x8f':
        push_list({});
        return true;  // EMPTY_LIST, EMPTY_TUPLE, EMPTY_SET
      case 't':
        push_list(pop_to_mark());
        return true;  // TUPLE
      case '\x85':
        push_list(pop_many(1));
        return true;  // TUPLE1
      case '\x86':
        push_list(pop_many(2));
        return true;  // TUPLE2
      case '\x87':
        push_list(pop_many(3));
        return true;  // TUPLE3
      case 's':
        set_members(pop_many(2));
        return true;  // SETITEM
      case 'u':
        set_members(pop_to_mark());
        return true;  // SETITEMS
      case 'a':
        append(pop_many(1));
        return true;  // APPEND
      case 'e':
      case '\x90':
        append(pop_to_mark());
        return true;  // APPENDS, ADDITEMS
      case '\x91':
        push_list(pop_to_mark());
        return true;  // FROZENSET
      case '0':
        pop();
        return true;  // POP
      case '1':
        pop_to_mark();
        return true;  // POP_MARK
      default:
        return false;
    }
  }
  void append(const std::vector<PickleValue>& values) { top().items.insert(top().items.end(), values.begin(), values.end()); }

  bool memo(char operation) {
    switch (operation) {
      case 'q':
        remember(number<std::uint8_t>());
        return true;  // BINPUT
      case 'r':
        remember(number<std::uint32_t>());
        return true;  // LONG_BINPUT
      case '\x94':
        remember(memo_.size());
        return true;  // MEMOIZE
      case 'h':
        recall(number<std::uint8_t>());
        return true;  // BINGET
      case 'j':
        recall(number<std::uint32_t>());
        return true;  // LONG_BINGET
      default:
        return false;
    }
  }
  void remember(std::size_t key) {
    top();
    budget_.take(bytes_a_memory);
    memo_[key] = stack_.back();
  }
  void recall(std::size_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) damaged();
    push(found->second);
  }

  bool object(char operation) {
    switch (operation) {
      case 'c': {  // GLOBAL
        const std::string module = line();
        push(make_text(Kind::global, module + "." + line()));
        return true;
      }
      case '\x93': {  // STACK_GLOBAL
        const std::vector<PickleValue> names = pop_many(2);
        // Only texts of the file: of two names, each the sum of two before, every operation would double the length.
        if (names[0]->kind != Kind::text || names[1]->kind != Kind::text) damaged();
        push(make_text(Kind::global, names[0]->text + "." + names[1]->text));
        return true;
      }
      case 'R':
      case '\x81': {  // REDUCE, NEWOBJ
        std::vector<PickleValue> call = pop_many(2);
        push(make(Kind::call));
        top().items = std::move(call);
        return true;
      }
      case '\x92': {  // NEWOBJ_EX
        const std::vector<PickleValue> call = pop_many(3);
        push(make(Kind::call));
        top().items = {call[0], call[1]};
        return true;
      }
      case 'Q': {  // BINPERSID
        std::vector<PickleValue> identity = pop_many(1);
        push(make(Kind::persistent));
        top().items = std::move(identity);
        return true;
      }
      case 'b':
        pop();
        return true;  // BUILD: attributes of an object, which no weight is in
      default:
        return false;
    }
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::deque<PickleItem> items_;
  const std::string& origin_;
  UnpackBudget& budget_;
  std::vector<PickleValue> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::size_t, PickleValue> memo_;
};

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& origin, UnpackBudget& budget) {
  return Machine{bytes, origin, budget}.run();
}

}  // namespace lensfind::network
