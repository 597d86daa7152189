#include "lensfind/dataset/set_comparison.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/median.h"
#include "lensfind/base/parallel.h"
#include "lensfind/dataset/drawn_cutouts.h"
#include "lensfind/dataset/header_facts.h"
#include "lensfind/dataset/image_numbers.h"

namespace lensfind::dataset {
namespace {

constexpr std::int64_t fewest_to_compare = 10;
constexpr double ridge_of_sets = 10;
constexpr std::size_t most_in_json = 20;
constexpr double same_pixel_scale = .01;

/// A set as it is listed.
struct Side {
  std::filesystem::path path;
  Listing listing;
  HeaderFacts facts;
  Split split = Split::all;
  cutouts::PixelRules rules;
  image::ImageShape shape;

  Side(const std::filesystem::path& set, const ComparisonOptions& options)
      : path{set}, listing{list_samples(set, Split::all, options.bands)}, facts{header_facts(listing)} {
    rules = rules_of(listing, options.bands);
    const bool has_train = std::ranges::any_of(listing.samples, [](const auto& listed) { return listed.sample.split == Split::train; });
    if (has_train) split = Split::train;
    shape = common_shape(listing.samples, rules, {}, options.threads);
  }
  [[nodiscard]] bool takes(const Sample& sample, std::optional<Label> label) const {
    return (split == Split::all || sample.split == split) && (!label || sample.label == *label);
  }
  [[nodiscard]] bool has(Label label) const {
    return std::ranges::any_of(listing.samples, [&](const ListedSample& listed) { return takes(listed.sample, label); });
  }
  [[nodiscard]] DrawnCutouts draw(std::optional<Label> label, image::ImageShape wanted, const ComparisonOptions& options,
                                  Progress& progress, const StopFlag& stop) const {
    DrawnCutouts drawn;
    const auto item = static_cast<std::uint64_t>(label ? static_cast<int>(*label) + 1 : 3);
    read_usable(draw_samples(listing, options.max_a_class, RandomStream{options.seed, Purpose::split, item},
                             [&](const Sample& sample) { return takes(sample, label); }),
                rules, wanted, options.threads, progress, stop, drawn);
    return drawn;
  }
};

image::ImageShape shape_of_both(const Side& here, const Side& there, SetComparison& out) {
  if (here.shape.bands != there.shape.bands) {
    throw Error{fmt::format("{} has {} bands, {} has {}", here.path.string(), here.shape.bands, there.path.string(), there.shape.bands),
                "compare sets of the same bands; --band names those of FITS files"};
  }
  const image::ImageShape shape{here.shape.bands, std::min(here.shape.height, there.shape.height),
                                std::min(here.shape.width, there.shape.width)};
  if (std::min(shape.height, shape.width) < 16)
    throw Error{fmt::format("cutouts of {} x {} pixels are too small to compare", shape.width, shape.height), "give 16 a side at least"};
  if (here.shape.height != there.shape.height || here.shape.width != there.shape.width)
    out.notes.push_back(fmt::format("both were cut at their centres to {} x {} pixels", shape.width, shape.height));
  const auto mine = here.facts.pixel_scale_arcsec, theirs = there.facts.pixel_scale_arcsec;
  if (mine && theirs && std::abs(*mine / *theirs - 1) > same_pixel_scale)
    out.notes.push_back(fmt::format("pixels of {:g} and {:g} arcsec are compared as they are: sizes differ by that", *mine, *theirs));
  return shape;
}

/// By which the pixels of `there` are multiplied.
double factor_of_units(const Side& here, const Side& there, SetComparison& out) {
  const auto mine = here.facts.zero_point, theirs = there.facts.zero_point;
  if (mine && theirs) return std::pow(10, .4 * (*mine - *theirs));
  if (mine.has_value() != theirs.has_value()) {
    out.notes.push_back(
        fmt::format("the zero point of {} is not known: its unit of flux is taken for the other's", (mine ? there : here).path.string()));
  }
  return 1;
}

/// Rows of numbers of a set's cutouts, and their names.
struct NumberRows {
  std::vector<ImageNumber> names;
  std::vector<std::vector<double>> rows;
};

NumberRows number_rows_of(const DrawnCutouts& drawn, const std::vector<std::string>& bands, int threads, const StopFlag& stop) {
  NumberRows out{.names = {}, .rows = std::vector<std::vector<double>>(drawn.images.size())};
  parallel_for(
      static_cast<std::int64_t>(drawn.images.size()), threads,
      [&](std::int64_t index) {
        const auto i = static_cast<std::size_t>(index);
        for (const ImageNumber& number : image_numbers(drawn.images[i].view(), bands)) out.rows[i].push_back(number.value);
      },
      no_progress(), stop);
  if (!drawn.images.empty()) out.names = image_numbers(drawn.images.front().view(), bands);
  return out;
}

NumberInSets in_both(const NumberRows& here, const NumberRows& there, std::size_t column) {
  const ImageNumber& about = here.names[column];
  NumberInSets out{.name = about.name, .here = {}, .there = {}};
  std::vector<double> all;
  std::vector<char> is_here;
  for (const std::vector<double>& row : here.rows) out.here.push_back(row[column]);
  for (const std::vector<double>& row : there.rows) out.there.push_back(row[column]);
  all.insert(all.end(), out.here.begin(), out.here.end());
  all.insert(all.end(), out.there.begin(), out.there.end());
  is_here.assign(out.here.size(), 1);
  is_here.resize(all.size(), 0);
  const auto plain = [&](double value) { return about.is_logarithm ? std::exp(value) : value; };
  out.here_median = plain(median(out.here));
  out.there_median = plain(median(out.there));
  out.auc = estimate_auc(all, is_here);
  return out;
}

ClassInSets compare_class(std::optional<Label> label, const DrawnCutouts& here, const DrawnCutouts& there,
                          const std::vector<std::string>& bands, const ComparisonOptions& options, const StopFlag& stop) {
  ClassInSets out{.label = label,
                  .here = static_cast<std::int64_t>(here.images.size()),
                  .there = static_cast<std::int64_t>(there.images.size()),
                  .auc = {.5, 0, 1}};
  const auto first = [&](const std::vector<image::Image>& images) {
    return std::vector<image::Image>{images.begin(),
                                     images.begin() + std::min(static_cast<std::ptrdiff_t>(images.size()), options.pictures)};
  };
  out.here_pictures = first(here.images);
  out.there_pictures = first(there.images);
  if (std::min(out.here, out.there) < fewest_to_compare) return out;
  const NumberRows mine = number_rows_of(here, bands, options.threads, stop), theirs = number_rows_of(there, bands, options.threads, stop);
  FeatureTable table{mine.names.size(), {}};
  std::vector<char> is_here;
  std::vector<std::string> groups;
  const auto add = [&](const NumberRows& rows, const DrawnCutouts& drawn, char positive) {
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      table.values.insert(table.values.end(), rows.rows[i].begin(), rows.rows[i].end());
      is_here.push_back(positive);
      groups.push_back((positive ? "here/" : "there/") + drawn.groups[i]);
    }
  };
  add(mine, here, 1);
  add(theirs, there, 0);
  out.auc = cross_validated_auc(table, is_here, groups, {.ridge = ridge_of_sets, .seed = options.seed});
  for (std::size_t column = 0; column < mine.names.size(); ++column) out.numbers.push_back(in_both(mine, theirs, column));
  std::ranges::stable_sort(out.numbers, std::greater{}, [](const NumberInSets& number) { return std::abs(number.auc.value - .5); });
  return out;
}

std::string text_of(const evaluate::Estimate& auc) { return fmt::format("{:.3f} ({:.3f} to {:.3f})", auc.value, auc.low, auc.high); }

}  // namespace

std::string ClassInSets::name() const { return !label ? "cutouts" : *label == Label::lens ? "lenses" : "non-lenses"; }

SetComparison compare_sets(const std::filesystem::path& here_path, const std::filesystem::path& there_path,
                           const ComparisonOptions& options, Progress& progress, const StopFlag& stop) {
  const Side here{here_path, options}, there{there_path, options};
  SetComparison out;
  out.bands = !options.bands.empty() ? options.bands : !here.facts.bands.empty() ? here.facts.bands : there.facts.bands;
  const image::ImageShape shape = shape_of_both(here, there, out);
  const auto factor = static_cast<float>(factor_of_units(here, there, out));
  std::vector<std::optional<Label>> classes;
  for (const Label label : {Label::lens, Label::non_lens})
    if (here.has(label) && there.has(label)) classes.emplace_back(label);
  if (classes.empty()) classes.emplace_back(std::nullopt);
  for (const std::optional<Label> label : classes) {
    const DrawnCutouts mine = here.draw(label, shape, options, progress, stop);
    DrawnCutouts theirs = there.draw(label, shape, options, progress, stop);
    for (image::Image& image : theirs.images)
      for (float& value : image.values()) value *= factor;
    out.classes.push_back(compare_class(label, mine, theirs, out.bands, options, stop));
  }
  const auto none = [](const ClassInSets& of) { return std::min(of.here, of.there) == 0; };
  if (std::ranges::all_of(out.classes, none)) {
    throw Error{fmt::format("{} and {}: one of them has no usable cutout of a class of the other", here_path.string(), there_path.string()),
                "`lensfind check` on each alone says what is wrong"};
  }
  return out;
}

Value to_value(const SetComparison& comparison) {
  Value classes{Value::Array{}}, notes{Value::Array{}};
  for (const std::string& note : comparison.notes) notes.push_back(note);
  for (const ClassInSets& of : comparison.classes) {
    Value numbers{Value::Array{}};
    for (std::size_t i = 0; i < std::min(of.numbers.size(), most_in_json); ++i) {
      const NumberInSets& number = of.numbers[i];
      numbers.push_back(empty_object()
                            .set("name", number.name)
                            .set("median", number.here_median)
                            .set("other_median", number.there_median)
                            .set("auc", evaluate::to_json_value(number.auc)));
    }
    classes.push_back(empty_object()
                          .set("class", of.name())
                          .set("cutouts", of.here)
                          .set("other_cutouts", of.there)
                          .set("auc", evaluate::to_json_value(of.auc))
                          .set("numbers", numbers));
  }
  return empty_object().set("classes", classes).set("notes", notes);
}

std::string summary(const SetComparison& comparison, std::size_t most) {
  std::string out = "against: how well a logistic model of image statistics tells the two sets apart (.5: it cannot)\n";
  for (const ClassInSets& of : comparison.classes) {
    if (of.numbers.empty()) {
      out += fmt::format("{:<56} {} and {} are too few: {} of each are the least\n", of.name(), of.here, of.there, fewest_to_compare);
      continue;
    }
    out += fmt::format("{:<56} {:>24}   {:>21}\n", fmt::format("{}: {} against {}", of.name(), of.here, of.there), text_of(of.auc),
                       "median here, there");
    for (std::size_t i = 0; i < std::min(of.numbers.size(), most); ++i) {
      const NumberInSets& number = of.numbers[i];
      out +=
          fmt::format("  {:<54} {:>24}   {:>10.4g} {:>10.4g}\n", number.name, text_of(number.auc), number.here_median, number.there_median);
    }
  }
  for (const std::string& note : comparison.notes) out += "note: " + note + "\n";
  return out;
}

}  // namespace lensfind::dataset
