#include "lensfind/train/fresh_cutouts.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"
#include "lensfind/base/parallel.h"
#include "lensfind/base/value.h"
#include "lensfind/dataset/earlier_hashes.h"
#include "lensfind/render/render.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/display_look.h"

namespace lensfind::train {
namespace {

/// Of the streams of second views, those of pixels that are strewn: a bit that no item has.
constexpr std::uint64_t randomised_bit = std::uint64_t{1} << 59;

constexpr std::string_view simulate_prefix = "simulate:";

/// The survey as one variant of `count` has it: pixel scales evenly spread, neighbours at random.
simulate::Survey variant_of(simulate::Survey survey, const FreshSettings& settings, int variant, std::uint64_t seed) {
  if (settings.variants > 1) survey.pixel_scale_arcsec *= 1 + settings.pixel_scale * (2. * variant / (settings.variants - 1) - 1);
  RandomStream random{seed, Purpose::randomised, std::uint64_t{1} << 63 | static_cast<std::uint64_t>(variant)};
  const double more = random.uniform(1 - settings.neighbours, 1 + settings.neighbours);
  survey.population.source_count_amplitude *= more;
  survey.population.star_density_arcmin2 *= more;
  survey.seeing_scatter = std::max(survey.seeing_scatter, settings.seeing);
  survey.depth_scatter_mag = std::max(survey.depth_scatter_mag, settings.depth_mag);
  return survey;
}

void check_settings(const FreshSettings& settings, const simulate::Survey& survey) {
  if (settings.scaling == simulate::Scaling::minmax && settings.changes_pixels()) {
    throw Error{
        "`simulate.level`, `gradient`, `saturated` and `eight_bits` change pixels in units of flux, and `simulate.scaling` is minmax",
        "set simulate.scaling = \"none\": the network scales what it gets by the recipe's `scaling`"};
  }
  if (settings.scaling == simulate::Scaling::display && survey.display.weights.empty())
    throw Error{fmt::format("survey {} has no display look", survey.name), "give it a table [display] (docs/surveys.md), as cfhtls has"};
}

}  // namespace

std::optional<std::string> simulated_survey(const std::filesystem::path& data) {
  const std::string text = data.string();
  if (!text.starts_with(simulate_prefix)) return std::nullopt;
  return text.substr(simulate_prefix.size());
}

void through_eight_bits(image::MutableImageView image, std::span<const double> softening) {
  constexpr double steps = 255;
  for (int band = 0; band < image.shape.bands; ++band) {
    const double soft = softening[static_cast<std::size_t>(band)];
    const auto pixels = image.band(band);
    const double white = std::asinh(static_cast<double>(*std::ranges::max_element(pixels)) / soft);
    for (float& value : pixels) {
      const double shown = white > 0 ? std::clamp(std::asinh(static_cast<double>(value) / soft) / white, 0., 1.) : 0;
      value = static_cast<float>(soft * std::sinh(std::round(steps * shown) / steps * white));
    }
  }
}

/// A renderer for each thread that makes cutouts at a time.
struct FreshCutouts::Renderers {
  std::mutex mutex;
  std::vector<std::unique_ptr<render::Renderer>> idle;

  std::unique_ptr<render::Renderer> take() {
    const std::lock_guard lock{mutex};
    if (idle.empty()) return std::make_unique<render::Renderer>();
    auto one = std::move(idle.back());
    idle.pop_back();
    return one;
  }
  void give(std::unique_ptr<render::Renderer> one) {
    const std::lock_guard lock{mutex};
    idle.push_back(std::move(one));
  }
};

FreshCutouts::FreshCutouts(const FreshSettings& settings, const std::string& survey, const std::vector<std::filesystem::path>& folders,
                           std::uint64_t seed)
    : settings_{settings},
      survey_{simulate::survey_of_scaling(simulate::find_survey(survey, folders, settings.survey), settings.scaling)},
      seed_{seed},
      renderers_{std::make_unique<Renderers>()} {
  check_survey(survey_, survey_.name);
  check_settings(settings_, survey_);
  const bool alike = settings_.pixel_scale == 0 && settings_.neighbours == 0;
  if (alike) settings_.variants = 1;
  if (settings_.reuse > 1) in_use_.fill(std::vector<Drawn>(static_cast<std::size_t>(settings_.lenses + settings_.nonlenses)));
  for (int v = 0; v < settings_.variants; ++v) makers_.emplace_back(variant_of(survey_, settings_, v, seed_));
}

FreshCutouts::~FreshCutouts() = default;

Value FreshCutouts::simulation() const {
  return empty_object().set("survey", write_fields(survey_)).set("scaling", name_of(settings_.scaling)).set("seed", std::to_string(seed_));
}

dataset::Dataset FreshCutouts::dataset(View view) {
  const image::ImageShape shape{static_cast<int>(survey_.bands.size()), settings_.size, settings_.size};
  dataset::Dataset data{.root = {}, .split = dataset::Split::train, .shape = shape};
  const std::int64_t count = settings_.lenses + settings_.nonlenses;
  const std::string description = to_json(write_fields(survey_)) + to_json(write_fields(settings_)) + std::to_string(seed_);
  const std::string print = hash128(std::as_bytes(std::span{description})).text();
  for (std::int64_t i = 0; i < count; ++i) {
    const bool lens = i < settings_.lenses;
    dataset::Sample sample{.id = fmt::format("{}/{}", lens ? "lenses" : "nonlenses", (lens ? i : i - settings_.lenses) + 1)};
    sample.label = lens ? Label::lens : Label::non_lens;
    sample.group = sample.id;
    sample.split = dataset::Split::train;
    // No pixels are at hand yet, and those of later rounds never meet a set on disk: what stands for them is the place in the set.
    const std::string place = print + sample.id;
    data.hashes.push_back(hash128(std::as_bytes(std::span{place})));
    data.samples.push_back(std::move(sample));
  }
  data.any_rotation = data.hashes;
  data.bands = survey_.bands;
  data.pixel_scale_arcsec = survey_.pixel_scale_arcsec;
  const bool one_zero_point = std::ranges::adjacent_find(survey_.output_zero_point, std::not_equal_to{}) == survey_.output_zero_point.end();
  if (settings_.scaling == simulate::Scaling::none && one_zero_point) data.zero_point = survey_.output_zero_point.front();
  data.fingerprint = dataset::fingerprint_mark + print;
  data.pixels = dataset::PixelStore{shape, count, [this, view](std::int64_t i, int round, std::span<float> out, std::span<float> seeing) {
                                      make(i, round, out, view, seeing);
                                    }};
  return data;
}

void FreshCutouts::Drawn::copy_to(std::span<float> out, std::span<float> seeing_out) const {
  std::ranges::copy(pixels, out.begin());
  std::ranges::copy(std::span{seeing}.first(std::min(seeing.size(), seeing_out.size())), seeing_out.begin());
}

void FreshCutouts::keep(std::span<const std::int64_t> samples, int threads, Progress& progress, const StopFlag& stop) {
  std::vector<Drawn> drawn(samples.size());
  progress.start("simulating what is held out", static_cast<std::int64_t>(samples.size()), "images");
  parallel_for(
      static_cast<std::int64_t>(samples.size()), threads,
      [&](std::int64_t i) {
        const std::int64_t sample = samples[static_cast<std::size_t>(i)];
        drawn[static_cast<std::size_t>(i)] = make_new(sample, generation(sample, 0), View::first);
      },
      progress, stop);
  progress.finish();
  for (std::size_t i = 0; i < samples.size(); ++i) kept_.emplace(samples[i], std::move(drawn[i]));
}

void FreshCutouts::forget(std::span<const std::int64_t> samples) {
  for (const std::int64_t sample : samples) kept_.erase(sample);
}

void FreshCutouts::make(std::int64_t sample, int round, std::span<float> out, View view, std::span<float> seeing) const {
  if (round == 0 && view == View::first) {
    if (const auto kept = kept_.find(sample); kept != kept_.end()) {
      kept->second.copy_to(out, seeing);
      return;
    }
  }
  const std::int64_t wanted = generation(sample, round);
  std::vector<Drawn>& in_use = in_use_[static_cast<std::size_t>(view)];
  if (in_use.empty()) {
    make_new(sample, wanted, view).copy_to(out, seeing);
    return;
  }
  const std::lock_guard lock{locks_[static_cast<std::size_t>(sample) % locks_.size()]};
  Drawn& have = in_use[static_cast<std::size_t>(sample)];
  if (have.generation != wanted) have = make_new(sample, wanted, view);
  have.copy_to(out, seeing);
}

FreshCutouts::Drawn FreshCutouts::make_new(std::int64_t sample, std::int64_t generation, View view) const {
  const bool lens = sample < settings_.lenses;
  const std::int64_t of_class = lens ? settings_.lenses : settings_.nonlenses, place = lens ? sample : sample - settings_.lenses;
  const bool is_minmax = settings_.scaling == simulate::Scaling::minmax;
  const simulate::CutoutRequest request{.split = simulate::Split::train,
                                        .lens = lens,
                                        .number = place + generation * of_class,
                                        .size = settings_.size,
                                        .scaling = is_minmax ? simulate::Scaling::minmax : simulate::Scaling::none,
                                        .seed = seed_,
                                        .seen_again = view == View::again};
  RandomStream random{seed_, Purpose::randomised, simulate::stream_item(request)};
  const auto variant = static_cast<std::size_t>(random.below(makers_.size()));
  auto renderer = renderers_->take();
  simulate::SimulatedCutout cutout = makers_[variant].make(request, *renderer);
  renderers_->give(std::move(renderer));
  // Both views have the same pixels' size; all else that is strewn differs.
  if (view == View::again) random = RandomStream{seed_, Purpose::second_view, randomised_bit | simulate::stream_item(request)};
  if (settings_.changes_pixels()) randomise(cutout.image.view(), cutout.truth.conditions.background_rms, random);
  if (settings_.scaling == simulate::Scaling::display)
    simulate::apply_display_look(survey_.display, cutout.image.view(), simulate::draw_pixel_shift(survey_.display, random));
  const std::vector<double>& seeing = cutout.truth.conditions.seeing_fwhm_arcsec;
  const std::span<const float> pixels = std::as_const(cutout.image).values();
  return {generation, {pixels.begin(), pixels.end()}, {seeing.begin(), seeing.end()}};
}

void FreshCutouts::randomise(image::MutableImageView image, std::span<const double> rms, RandomStream& random) const {
  const double angle = random.uniform(0, 2 * std::numbers::pi), c = std::cos(angle), s = std::sin(angle);
  const double cut_at = random.chance(settings_.saturated) ? random.uniform(.2, 1) : 1;
  for (int band = 0; band < image.shape.bands; ++band) {
    const double noise = rms[static_cast<std::size_t>(band)];
    const double level = random.uniform(-settings_.level, settings_.level) * noise;
    const double slope = random.uniform(0, settings_.gradient) * noise / image.shape.width;
    const double middle = .5 * (image.shape.width - 1);
    const auto pixels = image.band(band);
    const double full = cut_at * static_cast<double>(*std::ranges::max_element(pixels));
    for (int row = 0; row < image.shape.height; ++row) {
      for (int column = 0; column < image.shape.width; ++column) {
        float& value = image.at(band, row, column);
        const double sky = level + slope * (c * (column - middle) + s * (row - middle));
        value = static_cast<float>(std::min(static_cast<double>(value), full) + sky);
      }
    }
  }
  if (!random.chance(settings_.eight_bits)) return;
  const double softening = std::exp(random.uniform(std::log(2.), std::log(20.)));
  std::vector<double> soft;
  for (const double noise : rms) soft.push_back(softening * noise);
  through_eight_bits(image, soft);
}

}  // namespace lensfind::train
