#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/image.h"

namespace lensfind::cutouts {

/// A cutout in its own size, and what its file says about the pixels.
struct Cutout {
  image::Image image;
  image::PixelFacts facts = {};
};

/// How a cutout becomes what the network takes.
struct PixelRules {
  enum class OtherScale { resample, refuse, ignore };
  friend constexpr auto enum_names(OtherScale) {
    return names_of<OtherScale>({{OtherScale::resample, "resample"}, {OtherScale::refuse, "refuse"}, {OtherScale::ignore, "ignore"}});
  }

  std::vector<std::string> bands;  ///< the model's, in its order; empty: unknown
  double max_missing = .1;         ///< up to this fraction of a band's pixels may be missing; they get the median of the others
  std::vector<std::string> mask_planes{"BAD", "NO_DATA"};  ///< pixels with one of these in a file's mask are missing
  bool pad = false;                                        ///< cutouts that are too small get the median around them
  double max_oversize = 0;  ///< a side over so many times the size wanted is no cutout's but a field's, and refused; 0: cut at the middle
  std::optional<double> pixel_scale_arcsec;       ///< the model's; none: unknown, and cutouts are taken as they are
  OtherScale other_scale = OtherScale::resample;  ///< what is done with cutouts whose scale differs by more than 1%
  std::optional<double> zero_point;               ///< the model's; none: flux is taken as it is
  bool zero_point_may_lack = false;               ///< flux of inputs whose zero point is not known is taken as it is, not refused
  std::vector<double> input_zero_points;          ///< of inputs whose headers give none: one for all, or one a band
  std::vector<float> input_seeing = {};           ///< FWHM in arcsec a band, of inputs of which nothing else says it; empty: not known
  image::PixelFacts of_set = {};  ///< of the simulated set that the inputs are of (set_facts.h), where their headers say nothing

  static void describe(auto& field) {
    field(&PixelRules::max_missing, "max_missing", Range{.min = 0, .max = 1, .below_max = true}.taking("FRACTION"),
          "set a cutout aside where more of a band's pixels are NaN or masked; others get the band's median");
    field(&PixelRules::mask_planes, "mask_planes", any().as("--mask-plane").taking("NAME"),
          "pixels with this plane (MP_NAME) in a FITS file's mask are missing; may be repeated (default BAD and NO_DATA)");
    field(&PixelRules::pad, "pad", any(), "fill up around cutouts that are too small with their median, instead of setting them aside");
    field(&PixelRules::pixel_scale_arcsec, "pixel_scale_arcsec", positive().as("--pixel-scale").in("arcsec"),
          "of the cutouts the model was trained on, where it does not know");
    field(&PixelRules::other_scale, "other_scale", any(),
          "cutouts whose header gives another pixel scale than the model's (resampled, their flux is kept)");
    field(&PixelRules::zero_point, "zero_point", any().as("--model-zero-point").in("mag"),
          "AB magnitude of one unit of flux the model was trained on, where it does not know");
    field(&PixelRules::input_zero_points, "input_zero_points", any().as("--zero-point").in("mag"),
          "of inputs whose headers give none; once, or once each band");
  }
};

/// Pixel scales that differ by less than this fraction are one.
constexpr double same_scale = .01;

/// Whether a file names each of its bands, and each differently: then it is to be believed.
bool names_all(const std::vector<std::string>& filters);

/// Puts a cutout's bands in the order of `bands` where its file names each of its own, others left out; else leaves it as it is. Throws
/// Error where the file names its bands and has not these.
void choose_bands(Cutout& cutout, const std::vector<std::string>& bands);

/// Fills what a file's own header does not say of its `bands` bands with what the set says.
void take_facts_of_set(image::PixelFacts& facts, const image::PixelFacts& set, int bands);

/// Whether cutouts without a header, of the wanted shape, are what the network takes as they are.
bool takes_as_they_are(const PixelRules& rules, image::ImageShape wanted);

/// All that changes pixels, in words: a resumed run must read them alike.
std::string rules_text(const PixelRules& rules);

/// How many pixels of a side of `scale` arcsec (0: unknown) give `size` of the model's.
int pixels_needed(int size, double scale_arcsec, const PixelRules& rules);

/// What was done to a cutout, or assumed of it, to fit it to the model.
struct Fitting {
  double missing = 0;             ///< largest fraction of missing pixels in a band, which were filled; without those that padding adds
  bool padded = false;            ///< it was too small, and filled up around
  bool resampled = false;         ///< its pixel scale was another one
  bool no_scale = false;          ///< its file gives no pixel scale: taken as the model's
  bool bands_by_order = false;    ///< its file does not name its bands: taken in the order they are in
  bool other_zero_point = false;  ///< its flux had another unit
  bool left_out = false;          ///< its file holds images that are no bands
  /// Its bands' FWHM in arcsec, as its header says it; empty: it says none.
  std::vector<std::optional<double>> seeing_fwhm_arcsec = {};
  /// Where the network's seeing came from. not_asked: it is not told it.
  enum class SeeingFrom { not_asked, table, header, given, unknown };
  SeeingFrom seeing_from = SeeingFrom::not_asked;

  bool operator==(const Fitting&) const = default;
};

/// What is assumed of a cutout whose file says `facts`; `named_bands`: its bands were told apart by the names of files or arrays.
Fitting assumed_of(const image::PixelFacts& facts, const PixelRules& rules, int bands, bool named_bands = false);

/// Fills `wanted` from a cutout: its bands in the model's order, in the model's flux unit and pixel scale, cut at the middle (or padded),
/// with missing pixels (NaN, where `may_miss` says that these are no fault) filled. Throws Error with the reason where it does not fit,
/// without the input's name.
Fitting apply_rules(Cutout cutout, const PixelRules& rules, bool may_miss, image::MutableImageView wanted);

/// Copies a cutout into one of the wanted shape, cut at its centre where it is larger. Throws Error (without a file's name: "has 1 band, 3
/// wanted") where it is smaller or has other bands.
void fit_pixels(image::ImageView image, image::MutableImageView out);

/// Whether a cutout has the bands, size and pixel scale wanted, so that its pixels can be read to where they are wanted. Throws Error where
/// its bands are not the model's.
bool is_as_wanted(image::ImageShape shape, const image::PixelFacts& facts, const PixelRules& rules, image::ImageShape wanted);
/// apply_rules() of such a cutout, whose pixels are where they are wanted.
Fitting apply_in_place(const image::PixelFacts& facts, const PixelRules& rules, bool may_miss, image::MutableImageView cutout);

}  // namespace lensfind::cutouts
