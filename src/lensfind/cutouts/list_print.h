#pragma once

#include <cstdint>

#include "lensfind/base/hash128.h"
#include "lensfind/cutouts/inputs.h"

namespace lensfind::cutouts {

/// The fingerprint of a part of a list of inputs. It changes where an id, a catalogue's columns, the order, the length of a stack or their
/// number does. It is the same whether inputs are given one by one, or the rest of a stack is passed over.
class ListPrint {
 public:
  /// The input at `place` of the part, counted from 0.
  void add(const Input& input, std::int64_t place);
  /// The fingerprint of a part of `count` inputs. Then it begins anew.
  Hash128 take(std::int64_t count);

 private:
  void mix(std::string_view text);

  Hash128 hash_{};
};

}  // namespace lensfind::cutouts
