#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace at {
class Tensor;
}

namespace lensfind::train {

/// BYOL's loss of one view: the mean over rows of |p/|p| - t/|t||^2 = 2 - 2 cos(p, t) (Grill et al. 2020, eq. 2), a 0-d tensor from 0 to 4.
/// `predicted` and `target` are (n, d); no gradient goes into `target`.
at::Tensor view_loss(const at::Tensor& predicted, const at::Tensor& target);

/// Mean of |predicted - pixels| over the pixels that are hidden, all bands (SimMIM's, Xie et al. 2022). `predicted` and `pixels` are
/// (n, bands, h, w), `hidden` (n, 1, h, w) is 1 where a pixel is hidden and 0 elsewhere. At least one is hidden.
at::Tensor hidden_pixel_loss(const at::Tensor& predicted, const at::Tensor& pixels, const at::Tensor& hidden);

/// How far features (n, d) of different cutouts point apart: each row is brought to length 1, and the standard deviations of its d numbers
/// over the rows are averaged and multiplied by sqrt(d). 0: all are alike, the network has collapsed; 1: they point evenly everywhere
/// (Chen & He 2021, arXiv:2011.10566, section 4.1). n >= 2.
double feature_spread(const at::Tensor& features);

/// Which blocks a cutout is to be hidden by.
struct BlockGrid {
  int size = 64;         ///< a side of the cutout, pixels
  int block = 8;         ///< a side of a block; divides size
  double fraction = .6;  ///< of the blocks, rounded to a whole number of them; at least one and not all

  [[nodiscard]] int hidden() const;  ///< blocks that are hidden
};

/// 1 for a hidden pixel, 0 elsewhere, (n, size, size), for the cutouts at places first, first + 1, ... of an epoch. A place's blocks hang
/// on (seed, epoch, place) alone.
std::vector<float> hidden_pixels(const BlockGrid& grid, std::uint64_t seed, int epoch, std::size_t first, std::size_t count);

/// Fraction of the target network's weights that is kept at a step of `steps`: 1 - (1 - first) (cos(pi step / steps) + 1) / 2, from
/// `first` to 1 (Grill et al. 2020, section 3.2).
double target_momentum(double first, std::int64_t step, std::int64_t steps);

}  // namespace lensfind::train
