#include "lensfind/score/symmetry.h"

#include <utility>

namespace lensfind::score {
namespace {

/// Where pixel (row, column) comes from.
std::size_t moved(int number, int side, int row, int column) {
  if (number & 2) row = side - 1 - row;
  if (number & 4) column = side - 1 - column;
  if (number & 1) std::swap(row, column);
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(side) + static_cast<std::size_t>(column);
}

}  // namespace

std::vector<std::size_t> symmetry(int number, int side) {
  std::vector<std::size_t> from;
  for (int row = 0; row < side; ++row)
    for (int column = 0; column < side; ++column) from.push_back(moved(number, side, row, column));
  return from;
}

}  // namespace lensfind::score
