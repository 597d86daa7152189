#include "lensfind/simulate/measure_survey.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/base/median.h"
#include "lensfind/cutouts/file_kind.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/image/fits_keywords.h"
#include "lensfind/simulate/star_fit.h"

namespace lensfind::simulate {
namespace {

/// 1.4826 times the median of the distances from the median: the standard deviation of a normal distribution.
double robust_std(const std::vector<double>& values) {
  const double middle = median(values);
  std::vector<double> distances;
  for (const double value : values) distances.push_back(std::abs(value - middle));
  return 1.4826 * median(distances);
}

/// Pixels of background: none lies within five of one that is more than four `rms` over `level`. All pixels where fewer than a fifth are
/// left.
std::vector<char> away_from_objects(image::ImageView image, int band, double level, double rms) {
  const int height = image.shape.height, width = image.shape.width;
  std::vector<char> out(image.shape.pixels(), 1);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      if (!(static_cast<double>(image.at(band, row, column)) > level + 4 * rms)) continue;
      for (int y = std::max(0, row - 5); y < std::min(height, row + 6); ++y) {
        for (int x = std::max(0, column - 5); x < std::min(width, column + 6); ++x) out[static_cast<std::size_t>(y * width + x)] = 0;
      }
    }
  }
  if (5 * std::ranges::count(out, 1) < static_cast<std::ptrdiff_t>(out.size())) std::ranges::fill(out, 1);
  return out;
}

/// Mean product of pixels `shift` apart in x and in y, of those that are `counted` and within `clip` of `level`.
double mean_product(image::ImageView image, int band, const std::vector<char>& counted, double level, double clip, int shift) {
  double sum = 0;
  std::int64_t count = 0;
  const int width = image.shape.width;
  const auto add = [&](int row, int column, int next_row, int next_column) {
    if (!counted[static_cast<std::size_t>(row * width + column)] || !counted[static_cast<std::size_t>(next_row * width + next_column)])
      return;
    const double a = static_cast<double>(image.at(band, row, column)) - level,
                 b = static_cast<double>(image.at(band, next_row, next_column)) - level;
    if (!(std::abs(a) < clip && std::abs(b) < clip)) return;
    sum += a * b;
    ++count;
  };
  for (int row = 0; row < image.shape.height; ++row) {
    for (int column = 0; column < width; ++column) {
      if (column + shift < width) add(row, column, row, column + shift);
      if (row + shift < image.shape.height) add(row, column, row + shift, column);
    }
  }
  return count > 0 ? sum / static_cast<double>(count) : 0;
}

/// Of a normal distribution that is cut off at three standard deviations, the part of its variance that is left.
constexpr double clipped_variance = 0.9733;

}  // namespace

Sky measure_sky(image::ImageView image, int band) {
  std::vector<double> values;
  double lowest = 0, highest = 0;
  for (const float value : image.band(band)) {
    if (!std::isfinite(value)) continue;
    lowest = std::min(lowest, static_cast<double>(value));
    highest = std::max(highest, static_cast<double>(value));
  }
  std::int64_t at_lowest = 0, finite = 0;
  for (const float value : image.band(band)) {
    if (!std::isfinite(value)) continue;
    ++finite;
    if (static_cast<double>(value) == lowest) ++at_lowest;
    if (value != 0 || lowest >= 0) values.push_back(static_cast<double>(value));
  }
  if (values.size() < 100) throw Error{"has fewer than 100 pixels of background", "give larger cutouts, or the fields that they come from"};
  Sky out{.clipped = lowest == 0 ? static_cast<double>(at_lowest) / static_cast<double>(finite) : 0};
  if (out.clipped > 0.05) {
    // What was cut off lies below; the median, or 0 where it was cut off there, and what lies a standard deviation above it are left.
    out.level = median(values);
    const auto above = values.begin() + static_cast<std::ptrdiff_t>(0.8413 * static_cast<double>(values.size()));
    std::nth_element(values.begin(), above, values.end());
    out.rms = *above - out.level;
  } else {
    out.level = median(values);
    out.rms = robust_std(values);
  }
  for (int round = 0; round < 4 && out.clipped <= 0.05; ++round) {
    std::vector<double> near;
    for (const double value : values) {
      if (std::abs(value - out.level) < 3 * out.rms) near.push_back(value);
    }
    if (near.size() < 50) break;
    out.level = median(near);
    out.rms = robust_std(near) / 0.985;  // of a distribution cut off at three
  }
  if (!(out.rms > 0)) throw Error{"has no noise: most of its pixels are the same", "give images as the telescope took them"};
  const std::vector<char> counted = away_from_objects(image, band, out.level, out.rms);
  const auto product = [&](int shift) { return mean_product(image, band, counted, out.level, 3 * out.rms, shift); };
  const double far = std::max(0.0, product(4)), noise = product(0) - far;
  if (noise > 0) {
    out.correlation = std::clamp((product(1) - far) / noise, 0.0, 0.7);
    out.two_apart = std::clamp((product(2) - far) / noise, -0.5, 0.7);
    if (out.clipped <= 0.05) out.rms = std::sqrt(noise / clipped_variance);
  }
  return out;
}

namespace {

/// Values of one band, an image each.
struct BandValues {
  std::vector<double> level, rms, correlation, two_apart, clipped, zero_points, gains, peaks;
  std::vector<Stamp> stamps;
  std::map<float, std::int64_t> brightest;  ///< the value of each image's brightest pixels, and how many pixels have it
};

bool is_scaled(const image::Image& image) {
  for (int b = 0; b < image.shape().bands; ++b) {
    const auto [lowest, highest] = std::ranges::minmax(image.band(b));
    if (lowest != 0 || highest != 1) return false;
  }
  return true;
}

/// Pixels of one image at its greatest value: two or more say that it is full there.
void look_for_saturation(std::span<const float> band, BandValues& into) {
  float greatest = -std::numeric_limits<float>::infinity();
  std::int64_t count = 0;
  for (const float value : band) {
    if (!std::isfinite(value) || value < greatest) continue;
    count = value == greatest ? count + 1 : 1;
    greatest = value;
  }
  if (count > 2) into.brightest[greatest] += count;
  into.peaks.push_back(static_cast<double>(greatest));
}

/// The lowest value that several images' brightest pixels share, or many pixels of one.
double saturation_of(const BandValues& values) {
  for (const auto& [value, count] : values.brightest) {
    if (count >= 5 && static_cast<double>(value) > 20 * median(values.rms)) return static_cast<double>(value);
  }
  return 0;
}

/// One scale for all: fluxes of images of another zero point are turned into the median's unit.
void to_common_zero_point(BandValues& values, MeasuredBand& band) {
  if (values.zero_points.size() != values.rms.size()) return;
  band.zero_point = median(values.zero_points);
  for (std::size_t k = 0; k < values.rms.size(); ++k) {
    const double unit = std::pow(10, 0.4 * (*band.zero_point - values.zero_points[k]));
    values.level[k] *= unit;
    values.rms[k] *= unit;
  }
}

/// The exponent that leaves the least of the stars, all together.
double best_beta(const std::vector<Stamp>& stamps, const std::vector<std::size_t>& stars) {
  double best = 3, min = std::numeric_limits<double>::infinity();
  for (const double beta : {1.8, 2.1, 2.4, 2.7, 3.0, 3.4, 3.8, 4.4, 5.2, 7.0, 12.0}) {
    double left = 0;
    for (const std::size_t k : stars) left += std::pow(fit_star(stamps[k], beta).residual, 2);
    if (left < min) min = left, best = beta;
  }
  return best;
}

void measure_seeing(BandValues& values, MeasuredBand& band) {
  constexpr std::size_t max_stamps = 1000, max_for_beta = 40;
  std::ranges::stable_sort(values.stamps, std::greater{}, &Stamp::peak);
  if (values.stamps.size() > max_stamps) values.stamps.resize(max_stamps);
  std::vector<StarFit> fits;
  std::vector<Stamp> sharp;
  for (const Stamp& stamp : values.stamps) {
    const StarFit fit = fit_star(stamp, 3);
    // Narrower than any optics: a cosmic ray or a hot pixel.
    if (fit.fwhm_pixels < 0.9 || fit.residual > 0.05) continue;
    fits.push_back(fit);
    sharp.push_back(stamp);
  }
  band.objects = static_cast<std::int64_t>(fits.size());
  if (fits.empty()) return;
  Crowd crowd = star_crowd(fits);
  band.stars = static_cast<std::int64_t>(crowd.members.size());
  if (crowd.members.empty()) {
    std::vector<double> widths;
    for (const StarFit& fit : fits) widths.push_back(fit.fwhm_pixels);
    std::ranges::sort(widths);
    band.fwhm_pixels = widths[widths.size() / 10];
    return;
  }
  std::vector<std::size_t> bright(crowd.members);
  std::ranges::sort(bright, std::greater{}, [&](std::size_t k) { return sharp[k].peak; });
  if (bright.size() > max_for_beta) bright.resize(max_for_beta);
  band.beta = best_beta(sharp, bright);
  std::vector<double> logarithms;
  for (const std::size_t k : crowd.members) logarithms.push_back(std::log(fit_star(sharp[k], band.beta).fwhm_pixels));
  band.fwhm_pixels = std::exp(median(logarithms));
  band.fwhm_scatter = robust_std(logarithms);
}

MeasuredBand summary_of(BandValues& values, const std::string& name) {
  MeasuredBand out{.name = name};
  to_common_zero_point(values, out);
  out.sky_level = median(values.level);
  out.rms = median(values.rms);
  out.correlation = median(values.correlation);
  out.two_apart = median(values.two_apart);
  out.clipped = median(values.clipped);
  if (!values.gains.empty()) out.gain = median(values.gains);
  std::vector<double> logarithms;
  for (const double rms : values.rms) logarithms.push_back(2.5 * std::log10(rms));
  if (logarithms.size() >= 5) out.rms_scatter_mag = robust_std(logarithms);
  out.saturation = saturation_of(values);
  measure_seeing(values, out);
  return out;
}

/// Names of an image's bands: as it was asked for, as headers say, else numbers.
std::vector<std::string> band_names_of(const MeasureOptions& options, const cutouts::Cutout& cutout) {
  const int bands = cutout.image.shape().bands;
  if (options.bands.size() == static_cast<std::size_t>(bands)) return options.bands;
  if (cutouts::names_all(cutout.facts.filters) && cutout.facts.filters.size() == static_cast<std::size_t>(bands))
    return cutout.facts.filters;
  if (!options.bands.empty()) {
    throw Error{fmt::format("has {} bands and not {}", bands, options.bands.size()), "name one band a plane with --band"};
  }
  std::vector<std::string> out;
  for (int b = 0; b < bands; ++b) out.push_back(fmt::format("band{}", b + 1));
  return out;
}

class Measuring {
 public:
  explicit Measuring(const MeasureOptions& options) : options_{options} {}

  void look_at(const cutouts::Input& input) {
    cutouts::Cutout cutout = input.source->read(input.index);
    if (!options_.bands.empty()) cutouts::choose_bands(cutout, options_.bands);
    const std::vector<std::string> names = band_names_of(options_, cutout);
    if (names_.empty()) {
      names_ = names;
      values_.resize(names.size());
    }
    if (names.size() != names_.size())
      throw Error{fmt::format("has {} bands, and those before {}", names.size(), names_.size()), "measure sets of one kind by themselves"};
    if (is_scaled(cutout.image)) ++scaled_;
    if (cutout.facts.pixel_scale_arcsec) scales_.push_back(*cutout.facts.pixel_scale_arcsec);
    const auto gain = cutouts::kind_by_name(input.path.string()) == cutouts::FileKind::fits
                          ? image::read_fits_number(input.path, image::keywords::gain)
                          : std::nullopt;
    for (std::size_t b = 0; b < names_.size(); ++b) look_at_band(cutout, b, gain);
    ++images_;
  }

  MeasuredSurvey finish() {
    if (images_ == 0) throw Error{"no image could be measured", "the notes say why"};
    MeasuredSurvey out{.images = images_, .scaled = 2 * scaled_ > images_};
    out.pixel_scale_arcsec = scales_.empty() ? options_.pixel_scale_arcsec : median(scales_);
    for (std::size_t b = 0; b < names_.size(); ++b) out.bands.push_back(summary_of(values_[b], names_[b]));
    return out;
  }

 private:
  void look_at_band(const cutouts::Cutout& cutout, std::size_t b, std::optional<double> gain) {
    const int band = static_cast<int>(b);
    BandValues& into = values_[b];
    const Sky sky = measure_sky(cutout.image.view(), band);
    into.level.push_back(sky.level);
    into.rms.push_back(sky.rms);
    into.correlation.push_back(sky.correlation);
    into.two_apart.push_back(sky.two_apart);
    into.clipped.push_back(sky.clipped);
    if (gain && *gain > 0) into.gains.push_back(*gain);
    const auto& zero_points = cutout.facts.zero_points;
    if (b < zero_points.size() && zero_points[b]) {
      into.zero_points.push_back(*zero_points[b]);
    } else if (!options_.zero_point.empty()) {
      into.zero_points.push_back(options_.zero_point[options_.zero_point.size() == 1 ? 0 : b]);
    }
    look_for_saturation(cutout.image.band(band), into);
    for (Stamp& stamp : bright_stamps(cutout.image.view(), band, sky.level, sky.rms, 0)) into.stamps.push_back(std::move(stamp));
  }

  const MeasureOptions& options_;
  std::vector<std::string> names_;
  std::vector<BandValues> values_;
  std::vector<double> scales_;
  std::int64_t images_ = 0, scaled_ = 0;
};

}  // namespace

MeasuredSurvey measure_survey(const MeasureOptions& options, Progress& progress, const StopFlag& stop) {
  if (!options.zero_point.empty() && options.zero_point.size() != 1 && options.zero_point.size() != options.bands.size())
    throw Error{fmt::format("{} zero points for {} bands", options.zero_point.size(), options.bands.size()), "give one, or one a --band"};
  cutouts::InputStream stream{{.arguments = options.inputs, .bands = options.bands, .long_ids = options.inputs.size() > 1}};
  Measuring measuring{options};
  std::vector<std::string> notes;
  std::int64_t left_out = 0;
  progress.start("measuring", options.max_images, "images");
  for (std::int64_t k = 0; k < options.max_images; ++k) {
    if (stop) throw Stopped{"stopped while measuring", "run it again; --max-images makes it shorter"};
    const std::optional<cutouts::Input> input = stream.next();
    if (!input) break;
    try {
      measuring.look_at(*input);
    } catch (const Error& error) {
      if (left_out++ == 0) notes.push_back(fmt::format("{}: {} ({})", input->name, error.what(), error.hint()));
    }
    progress.advance(1);
  }
  progress.finish();
  MeasuredSurvey out = [&] {
    try {
      return measuring.finish();
    } catch (const Error&) {
      if (notes.empty()) throw Error{"there is no image to measure", "give cutouts, fields, or a folder that holds such"};
      throw Error{"no image could be measured: " + notes.front(), "give images of one kind"};
    }
  }();
  if (left_out > 1) notes.push_back(fmt::format("{} images were left out; the first is named above", left_out));
  out.notes = std::move(notes);
  return out;
}

}  // namespace lensfind::simulate
