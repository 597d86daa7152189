#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/base/unpack_budget.h"

namespace lensfind::network {

struct PickleItem;
using PickleValue = PickleItem*;

/// One object of a pickle, as data.
struct PickleItem {
  enum class Kind {
    none,
    integer,
    text,
    list,
    table,
    global,      ///< the name of a class or function, in `text`: "torch._utils._rebuild_tensor_v2"
    call,        ///< what a call of items[0] (a global) with the arguments items[1] would give; nothing is called
    persistent,  ///< an object outside the pickle, whose identity is items[0]
    other,
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  std::string text;
  std::vector<PickleValue> items;                            ///< list, tuple, call, persistent
  std::vector<std::pair<PickleValue, PickleValue>> members;  ///< table
};

/// A pickle's objects and the outermost of them. They point at each other, even in circles, so they are owned here and not by each other.
struct Pickle {
  std::deque<PickleItem> items;
  PickleValue root = nullptr;
  std::size_t length = 0;  ///< bytes that it took; more may stand behind it
};

/// Reads a pickle (Python's serialisation, protocols 2 to 5) without running anything it names. What its objects take in memory comes out
/// of `budget`. Throws Error for damage, and for operations that torch.save does not write.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& origin, UnpackBudget& budget);

}  // namespace lensfind::network
