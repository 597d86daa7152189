#pragma once

#include <span>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/random.h"
#include "lensfind/image/image.h"

namespace lensfind::simulate {

/// How often survey images are spoiled, whatever they show: rates of cutouts of either class, each kind by itself. A survey's file sets
/// them in its table [faults]. Nobody has published such rates: the defaults are assumed.
struct FaultRates {
  double halo = 0.004;
  double trail = 0.003;
  double mask = 0.003;
  double bleed = 0.003;
  double oversubtracted = 0.005;
  double clipped_sky = 0;
  double cosmic_ray = 0.005;
  double gap = 0.003;
  double uneven_depth = 0.005;
  double gradient = 0.01;
  double poor_seeing = 0.005;

  static void describe(auto& field) {
    const auto rate = between(0, 1);
    field(&FaultRates::halo, "halo", rate, "rate of cutouts with the scattered light of a bright star beyond the edge");
    field(&FaultRates::trail, "trail", rate, "with the trail of a satellite through one band");
    field(&FaultRates::mask, "mask", rate, "with pixels that the pipeline has masked and set to 0 in all bands");
    field(&FaultRates::bleed, "bleed", rate, "with a saturated star whose charge bleeds along its columns");
    field(&FaultRates::oversubtracted, "oversubtracted", rate,
          "whose sky was taken from near bright galaxies: rings of negative sky round them");
    field(&FaultRates::clipped_sky, "clipped_sky", rate, "whose negative pixels were set to 0");
    field(&FaultRates::cosmic_ray, "cosmic_ray", rate, "with what is left of cosmic rays in one band");
    field(&FaultRates::gap, "gap", rate, "with the edge of a chip or a gap between two: a strip without data in one band or in all");
    field(&FaultRates::uneven_depth, "uneven_depth", rate, "with fewer exposures on one side of an edge between dithers: more noise there");
    field(&FaultRates::gradient, "gradient", rate, "with a sloping background");
    field(&FaultRates::poor_seeing, "poor_seeing", rate, "with one band whose PSF is 1.3 to 2 times as wide as the survey's");
  }
};

/// Spoils a cutout by those kinds that `random` draws, but for poor_seeing, which only a rendering can show. `rms`: of the background, a
/// band, in the image's unit. Returns the names of the kinds that it put in.
std::vector<std::string> add_faults(const FaultRates& rates, image::MutableImageView image, std::span<const double> rms,
                                    RandomStream& random);

/// Pixels of one band over `level` become `level`; what they held more flows up and down their columns, as charge does in a CCD.
void saturate(image::MutableImageView image, int band, double level);

/// Takes from a band `part` of its light as seen through a Gaussian of `sigma_pixels`, pixels under 3 rms left out: the sky of a pipeline
/// that took bright galaxies for sky.
void oversubtract(image::MutableImageView image, int band, double rms, double part, double sigma_pixels);

}  // namespace lensfind::simulate
