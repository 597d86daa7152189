#include "lensfind/image/symmetry.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::image {

void flip_horizontal(MutableImageView image) {
  const int width = image.shape.width;
  float* const end = image.data + image.shape.values();
  for (float* row = image.data; row != end; row += width) std::reverse(row, row + width);
}

void flip_vertical(MutableImageView image) {
  const int height = image.shape.height;
  for (int b = 0; b < image.shape.bands; ++b) {
    for (int row = 0; row < height / 2; ++row) {
      float* const above = &image.at(b, row, 0);
      std::swap_ranges(above, above + image.shape.width, &image.at(b, height - 1 - row, 0));
    }
  }
}

void transpose(MutableImageView image) {
  const int side = image.shape.height;
  if (side != image.shape.width) {
    throw Error{fmt::format("an image of {} x {} pixels cannot be transposed in place", side, image.shape.width),
                "take square cutouts, or leave transpose, rotate90 and d4 out of the augmentation"};
  }
  // Block by block: a column of a block stays in the cache while the block's rows are written.
  constexpr int block = 16;
  for (int b = 0; b < image.shape.bands; ++b) {
    float* const band = image.band(b).data();
    for (int top = 0; top < side; top += block) {
      for (int left = top; left < side; left += block) {
        const int bottom = std::min(top + block, side);
        const int right = std::min(left + block, side);
        for (int row = top; row < bottom; ++row) {
          for (int column = std::max(left, row + 1); column < right; ++column)
            std::swap(band[row * side + column], band[column * side + row]);
        }
      }
    }
  }
}

void rotate90(MutableImageView image, int quarters) {
  switch (quarters & 3) {
    case 1:
      transpose(image);
      flip_vertical(image);
      break;
    case 2:
      flip_vertical(image);
      flip_horizontal(image);
      break;
    case 3:
      flip_vertical(image);
      transpose(image);
      break;
    default:
      break;
  }
}

void apply_d4(MutableImageView image, int element) {
  rotate90(image, element % 4);
  if (element >= 4) flip_horizontal(image);
}

}  // namespace lensfind::image
