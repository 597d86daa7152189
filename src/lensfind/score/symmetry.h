#pragma once

#include <cstddef>
#include <vector>

namespace lensfind::score {

/// The eight turns and reflections of a square image of side `side`: pixel i of the image after number `number` (0-7; 0 is the image
/// itself) is pixel symmetry(number, side)[i] of the image. Bit 0 of the number transposes, bits 1 and 2 flip.
std::vector<std::size_t> symmetry(int number, int side);

}  // namespace lensfind::score
