#include "lensfind/cutouts/pixel_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/faults.h"
#include "lensfind/image/fits_cards.h"
#include "lensfind/image/missing.h"
#include "lensfind/image/resample.h"
#include "lensfind/image/scaling.h"

namespace lensfind::cutouts {
namespace {

constexpr double max_ratio = 64;          // between scales; what is beyond says that one of them is wrong
constexpr double same_zero_point = 5e-4;  // in magnitudes
constexpr int margin = 3;                 // pixels around what is resampled, for the interpolation

/// The place of each of the model's bands among the file's; nothing where the file does not name every one of them once.
std::optional<std::vector<std::size_t>> places_of_bands(const std::vector<std::string>& filters, const std::vector<std::string>& bands) {
  std::vector<std::size_t> places;
  for (const std::string& band : bands) {
    const std::string name = image::filter_name(band);
    if (name.empty() || std::ranges::count(filters, name) != 1) return {};
    places.push_back(static_cast<std::size_t>(std::ranges::find(filters, name) - filters.begin()));
  }
  return places;
}

/// The places of the model's bands among the file's; empty where the file's are taken as they are.
std::vector<std::size_t> chosen_bands(const std::vector<std::string>& filters, const std::vector<std::string>& bands) {
  if (filters.empty() || bands.empty()) return {};
  auto places = places_of_bands(filters, bands);
  if (!places) {
    const bool model_has_filters = std::ranges::none_of(bands, [](const std::string& band) { return image::filter_name(band).empty(); });
    if (model_has_filters && filters.size() > 1 && names_all(filters))
      throw Error{fmt::format("holds the bands {}, the model takes {}", fmt::join(filters, ", "), fmt::join(bands, ", ")),
                  "give cutouts in the model's bands"};
    return {};
  }
  if (places->size() == filters.size() && std::ranges::is_sorted(*places)) return {};  // the model's order
  return std::move(*places);
}

/// Returns whether the flux had another unit.
bool to_model_flux(image::MutableImageView image, const image::PixelFacts& facts, const PixelRules& rules) {
  if (!rules.zero_point) return false;
  bool other = false;
  for (int b = 0; b < image.shape.bands; ++b) {
    const auto i = static_cast<std::size_t>(b);
    std::optional<double> zero_point = i < facts.zero_points.size() ? facts.zero_points[i] : std::nullopt;
    if (!zero_point && rules.input_zero_points.size() == 1) zero_point = rules.input_zero_points[0];
    if (!zero_point && i < rules.input_zero_points.size()) zero_point = rules.input_zero_points[i];
    if (!zero_point && rules.zero_point_may_lack) continue;
    if (!zero_point) throw Error{fmt::format("band {} has no zero point", b), "give it with --zero-point"};
    other = other || std::abs(*rules.zero_point - *zero_point) > same_zero_point;
    const auto factor = static_cast<float>(std::pow(10, .4 * (*rules.zero_point - *zero_point)));
    for (float& value : image.band(b)) value *= factor;
  }
  return other;
}

/// How many times as wide as the cutout's the model's pixels are; 1 where they are alike or not known.
double ratio_of(std::optional<double> scale, const PixelRules& rules) {
  if (!rules.pixel_scale_arcsec || !scale || rules.other_scale == PixelRules::OtherScale::ignore) return 1;
  const double ratio = *rules.pixel_scale_arcsec / *scale;
  if (!(ratio <= max_ratio && ratio >= 1 / max_ratio)) {
    throw Error{
        fmt::format("its pixels are {:.4g} arcsec wide, the model's {:.4g}: too different to resample", *scale, *rules.pixel_scale_arcsec),
        "correct the coordinates in its header, or give --other-scale ignore"};
  }
  return std::abs(ratio - 1) <= same_scale ? 1 : ratio;
}

/// Throws Error where the cutout's pixel scale counts and its header states one that cannot be.
void check_scale(const image::PixelFacts& facts, const PixelRules& rules) {
  if (rules.pixel_scale_arcsec && rules.other_scale != PixelRules::OtherScale::ignore && !facts.scale_fault.empty())
    throw Error{facts.scale_fault, "correct its header, or take the pixels as they are with --other-scale ignore"};
}

/// Throws Error that says how many bands a cutout has, and which images in its file are none.
[[noreturn]] void refuse_bands(const Cutout& cutout, image::ImageShape wanted) {
  const int bands = cutout.image.shape().bands;
  std::string text = fmt::format("has {} {}, {} wanted", bands, bands == 1 ? "band" : "bands", wanted.bands);
  if (!cutout.facts.left_out.empty()) text += fmt::format(" ({} in it: no bands)", fmt::join(cutout.facts.left_out, ", "));
  throw Error{text, "give cutouts in the bands of the set"};
}

/// Fills missing pixels and returns the largest fraction of them in a band; throws Error where that is too large.
double fill_allowed(image::MutableImageView image, const PixelRules& rules, bool may_miss) {
  const double missing = may_miss ? image::fill_missing(image) : 0;
  if (missing > rules.max_missing)
    throw Error{fmt::format("{:.0f}% of a band's pixels are missing", 100 * missing),
                "give another cutout of it, or allow more with --max-missing"};
  return missing;
}

/// The largest square of at most `size` pixels around the middle, so cut that the middle stays where it is.
image::Image cut_middle(image::Image image, int size) {
  const auto [bands, height, width] = image.shape();
  if (height <= size && width <= size) return image;
  const auto side = [&](int has) { return has <= size ? has : has - (has - size) / 2 * 2; };
  image::Image out{image::ImageShape{bands, side(height), side(width)}};
  image::centre_crop(image.view(), out.view());
  return out;
}

/// A larger image with the cutout in the middle and NaN around it.
image::Image padded(const image::Image& image, image::ImageShape wanted) {
  const auto [bands, height, width] = image.shape();
  const image::ImageView view = image.view();
  image::Image out{{bands, std::max(height, wanted.height), std::max(width, wanted.width)}, std::numeric_limits<float>::quiet_NaN()};
  const int top = (out.shape().height - height) / 2;
  const int left = (out.shape().width - width) / 2;
  for (int b = 0; b < bands; ++b) {
    for (int row = 0; row < height; ++row) std::copy_n(&view.at(b, row, 0), width, &out.at(b, top + row, left));
  }
  return out;
}

[[noreturn]] void refuse_small(int height, int width, image::ImageShape wanted) {
  throw Error{fmt::format("is {} x {} of the model's pixels, {} x {} wanted: give larger cutouts, --pad to fill up around them, or "
                          "--pixel-scale to resample to the model's",
                          height, width, wanted.height, wanted.width),
              "give larger cutouts, or --pad"};
}

void refuse_field(image::ImageShape shape, int size, const PixelRules& rules) {
  if (rules.max_oversize <= 0 || std::max(shape.height, shape.width) <= rules.max_oversize * size) return;
  throw Error{
      fmt::format("is {} x {} pixels, over {:g} times the {} that the model takes: a field? Give --catalogue to cut objects out of it, "
                  "or --crop to take the middle of each",
                  shape.height, shape.width, rules.max_oversize, size),
      "give --catalogue, or --crop"};
}

image::Image to_model_scale(const image::Image& image, double ratio, const PixelRules& rules, image::ImageShape wanted) {
  if (rules.other_scale == PixelRules::OtherScale::refuse) {
    throw Error{
        fmt::format("its pixels are {:.4g} arcsec wide, the model's {:.4g}", *rules.pixel_scale_arcsec / ratio, *rules.pixel_scale_arcsec),
        "resample it first, or leave --other-scale refuse out"};
  }
  const int height = image::resampled_size(image.shape().height, ratio);
  const int width = image::resampled_size(image.shape().width, ratio);
  if (!rules.pad && (height < wanted.height || width < wanted.width)) refuse_small(height, width, wanted);
  return image::resample_flux(image.view(), ratio, wanted.width);
}

}  // namespace

bool names_all(const std::vector<std::string>& filters) {
  return !filters.empty() &&
         std::ranges::all_of(filters, [&](const std::string& name) { return !name.empty() && std::ranges::count(filters, name) == 1; });
}

void take_facts_of_set(image::PixelFacts& facts, const image::PixelFacts& set, int bands) {
  if (set.filters.size() != static_cast<std::size_t>(bands)) return;
  if (std::ranges::all_of(facts.filters, &std::string::empty)) {
    facts.filters.clear();
    for (const std::string& name : set.filters) facts.filters.push_back(image::filter_name(name));
  }
  if (!facts.pixel_scale_arcsec && facts.scale_fault.empty()) facts.pixel_scale_arcsec = set.pixel_scale_arcsec;
  facts.zero_points.resize(set.zero_points.size());
  for (std::size_t b = 0; b < set.zero_points.size(); ++b) {
    if (!facts.zero_points[b]) facts.zero_points[b] = set.zero_points[b];
  }
}

bool takes_as_they_are(const PixelRules& rules, image::ImageShape wanted) {
  if (rules.zero_point) return false;
  image::PixelFacts facts;
  take_facts_of_set(facts, rules.of_set, wanted.bands);
  return is_as_wanted(wanted, facts, rules, wanted);
}

void choose_bands(Cutout& cutout, const std::vector<std::string>& bands) {
  const std::vector<std::size_t> places = chosen_bands(cutout.facts.filters, bands);
  if (places.empty()) return;
  const image::ImageShape shape{static_cast<int>(places.size()), cutout.image.shape().height, cutout.image.shape().width};
  Cutout chosen{image::Image{shape}, std::move(cutout.facts)};
  const std::vector<std::string> filters = std::exchange(chosen.facts.filters, {});
  const std::vector<std::optional<double>> zero_points = std::exchange(chosen.facts.zero_points, {});
  const std::vector<std::optional<double>> seeing = std::exchange(chosen.facts.seeing_fwhm_arcsec, {});
  for (std::size_t b = 0; b < places.size(); ++b) {
    if (!seeing.empty()) chosen.facts.seeing_fwhm_arcsec.push_back(seeing[places[b]]);
    std::ranges::copy(cutout.image.band(static_cast<int>(places[b])), chosen.image.band(static_cast<int>(b)).begin());
    chosen.facts.filters.push_back(filters[places[b]]);
    chosen.facts.zero_points.push_back(zero_points[places[b]]);
  }
  cutout = std::move(chosen);
}

void fit_pixels(image::ImageView image, image::MutableImageView out) {
  const image::ImageShape from = image.shape;
  const image::ImageShape to = out.shape;
  const auto text = [](const image::ImageShape& shape) { return fmt::format("({}, {}, {})", shape.bands, shape.height, shape.width); };
  if (from.bands != to.bands) {
    throw Error{fmt::format("has {} {}, {} wanted", from.bands, from.bands == 1 ? "band" : "bands", to.bands),
                "give cutouts in the bands of the set"};
  }
  if (from.height < to.height || from.width < to.width) {
    throw Error{fmt::format("is {}, smaller than the {} wanted", text(from), text(to)), "make larger cutouts"};
  }
  if (from == to) {
    std::ranges::copy(image.values(), out.data);
  } else {
    image::centre_crop(image, out);
  }
}

std::string rules_text(const PixelRules& rules) {
  constexpr const char* scale_words[] = {"resampled", "refused", "ignored"};
  return fmt::format("bands {}; most missing {}; mask planes {}; {}{}; pixel scale {}, others {}; zero point {}, of inputs without {}",
                     fmt::join(rules.bands, ","), rules.max_missing, fmt::join(rules.mask_planes, ","), rules.pad ? "padded" : "not padded",
                     rules.max_oversize > 0 ? fmt::format(", fields over {:g} times refused", rules.max_oversize) : "",
                     rules.pixel_scale_arcsec.value_or(0), scale_words[static_cast<std::size_t>(rules.other_scale)],
                     rules.zero_point ? fmt::format("{}{}", *rules.zero_point, rules.zero_point_may_lack ? " where known" : "") : "none",
                     fmt::join(rules.input_zero_points, ",")) +
         (rules.input_seeing.empty() ? "" : fmt::format("; seeing {}", fmt::join(rules.input_seeing, ",")));
}

int pixels_needed(int size, double scale_arcsec, const PixelRules& rules) {
  const double ratio = ratio_of(scale_arcsec > 0 ? std::optional{scale_arcsec} : std::nullopt, rules);
  return ratio == 1 ? size : static_cast<int>(std::ceil(size * ratio)) + 2 * margin;
}

bool is_as_wanted(image::ImageShape shape, const image::PixelFacts& facts, const PixelRules& rules, image::ImageShape wanted) {
  check_scale(facts, rules);
  return shape == wanted && ratio_of(facts.pixel_scale_arcsec, rules) == 1 && chosen_bands(facts.filters, rules.bands).empty();
}

Fitting assumed_of(const image::PixelFacts& facts, const PixelRules& rules, int bands, bool named_bands) {
  return {.no_scale = rules.pixel_scale_arcsec && !facts.pixel_scale_arcsec && rules.other_scale != PixelRules::OtherScale::ignore,
          .bands_by_order = bands > 1 && !rules.bands.empty() && !named_bands && !places_of_bands(facts.filters, rules.bands),
          .left_out = !facts.left_out.empty(),
          .seeing_fwhm_arcsec = facts.seeing_fwhm_arcsec};
}

Fitting apply_in_place(const image::PixelFacts& facts, const PixelRules& rules, bool may_miss, image::MutableImageView cutout) {
  Fitting fitting = assumed_of(facts, rules, cutout.shape.bands);
  fitting.other_zero_point = to_model_flux(cutout, facts, rules);
  fitting.missing = fill_allowed(cutout, rules, may_miss);
  return fitting;
}

Fitting apply_rules(Cutout cutout, const PixelRules& rules, bool may_miss, image::MutableImageView wanted) {
  take_facts_of_set(cutout.facts, rules.of_set, cutout.image.shape().bands);
  choose_bands(cutout, rules.bands);
  Fitting fitting = assumed_of(cutout.facts, rules, cutout.image.shape().bands);
  if (cutout.image.shape().bands != wanted.shape.bands) refuse_bands(cutout, wanted.shape);
  check_scale(cutout.facts, rules);
  fitting.other_zero_point = to_model_flux(cutout.image.view(), cutout.facts, rules);
  const double ratio = ratio_of(cutout.facts.pixel_scale_arcsec, rules);
  const int needed = pixels_needed(wanted.shape.width, cutout.facts.pixel_scale_arcsec.value_or(0), rules);
  refuse_field(cutout.image.shape(), needed, rules);
  image::Image image = cut_middle(std::move(cutout.image), needed);
  fitting.missing = fill_allowed(image.view(), rules, may_miss);
  // Padding would hide what is no number; resampling spreads it, and it is found in the end.
  if (rules.pad) {
    if (const Finding finding = find_fault(image.view()); finding.fault == Fault::not_finite)
      throw Error{finding.text, "mask or replace such pixels"};
  }
  fitting.resampled = ratio != 1;
  if (ratio != 1) image = to_model_scale(image, ratio, rules, wanted.shape);
  const auto [bands, height, width] = image.shape();
  if (height < wanted.shape.height || width < wanted.shape.width) {
    if (!rules.pad) refuse_small(height, width, wanted.shape);
    image = padded(image, wanted.shape);
    fitting.padded = true;
  }
  fit_pixels(image.view(), wanted);
  if (rules.pad) image::fill_missing(wanted);
  return fitting;
}

}  // namespace lensfind::cutouts
