#pragma once

#include <vector>

#include "lensfind/base/random.h"
#include "lensfind/dataset/augment.h"
#include "lensfind/image/image.h"

namespace lensfind::dataset {

// Augmentations that know what a cutout shows: a galaxy in the middle, arcs about it, and a seeing and a noise that each band has for
// itself. The centre of an image is ((height - 1) / 2, (width - 1) / 2). All change the image in place.

/// Erases the disk of `radius` pixels (at least 1) about the centre, as random erasing does (Zhong et al. 2020), so that what is left to
/// learn from are the arcs. In each band its pixels become the median of the ring around it, up to sqrt(2) radius + 1 pixels, and Gaussian
/// noise of the band's own scatter (network::pixel_scatter): neither their value nor their smoothness tells that they were erased. Throws
/// Error where the image holds no such ring.
void erase_core(image::MutableImageView image, double radius, RandomStream& random);

/// Throws Error as erase_core() does where an image of `shape` cannot lose a core of `radius`.
void check_core(double radius, image::ImageShape shape);

/// check_core() for the largest radius of every step core_erasing among `steps`, also in groups one_of.
void check_cores(const std::vector<AugmentationStep>& steps, image::ImageShape shape);

/// Blurs each band by its own Gaussian, whose standard deviation is drawn evenly from 0 to `max_sigma` pixels (0 to 10), as if its seeing
/// had been worse (image::discrete_gaussian_blur). The noise is smoothed with it.
void mismatch_psf(image::MutableImageView image, double max_sigma, RandomStream& random);

/// Adds white Gaussian noise to each band, its standard deviation drawn evenly from 0 to `max_scatters` times the band's own scatter
/// (network::pixel_scatter), as if each exposure had been shorter. Pixels go below 0 where their noise does.
void inject_noise(image::MutableImageView image, double max_scatters, RandomStream& random);

/// The pixels at `inner` to `outer` pixels from the centre become those of `other`, an image of the same shape: CutMix (Yun et al. 2019)
/// with a region that holds the arcs.
void paste_annulus(image::ImageView other, double inner, double outer, image::MutableImageView image);

}  // namespace lensfind::dataset
