#include "lensfind/cutouts/list_print.h"

#include <span>
#include <utility>

#include <fmt/format.h>

namespace lensfind::cutouts {

void ListPrint::add(const Input& input, std::int64_t place) {
  // Of a stack its first image and the first in the part stand for all: the next file's place tells how many there were.
  if (place != 0 && input.index != 0) return;
  mix(fmt::format("{}{}\n{}\n", input.id, input.columns, place));
}

Hash128 ListPrint::take(std::int64_t count) {
  mix(fmt::format("{}", count));
  return std::exchange(hash_, Hash128{});
}

void ListPrint::mix(std::string_view text) { hash_ = hash128(std::as_bytes(std::span{text}), hash_.low ^ (hash_.high << 1)); }

}  // namespace lensfind::cutouts
