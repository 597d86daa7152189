#include "lensfind/dataset/shortcut_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "lensfind/base/parallel.h"
#include "lensfind/base/random.h"
#include "lensfind/cutouts/faults.h"
#include "lensfind/dataset/drawn_cutouts.h"
#include "lensfind/dataset/header_facts.h"
#include "lensfind/dataset/shortcuts.h"

namespace lensfind::dataset {
namespace {

constexpr std::int64_t fewest_a_class = 4;

/// Lenses first.
struct Drawn : DrawnCutouts {
  std::vector<char> positive;
};

std::vector<ListedSample> draw(const Listing& listing, Split split, Label label, const ShortcutOptions& options) {
  return draw_samples(listing, options.max_a_class, RandomStream{options.seed, Purpose::split, static_cast<std::uint64_t>(label)},
                      [&](const Sample& sample) { return sample.label == label && (split == Split::all || sample.split == split); });
}

FeatureTable table_of(const Shortcut& shortcut, const Drawn& drawn, int threads, const StopFlag& stop) {
  std::vector<std::vector<double>> rows(drawn.images.size());
  parallel_for(
      static_cast<std::int64_t>(rows.size()), threads,
      [&](std::int64_t i) { rows[static_cast<std::size_t>(i)] = shortcut.features(drawn.images[static_cast<std::size_t>(i)].view()); },
      no_progress(), stop);
  FeatureTable table{rows.front().size(), {}};
  for (const std::vector<double>& row : rows) table.values.insert(table.values.end(), row.begin(), row.end());
  return table;
}

double median_of(const std::vector<double>& column, const std::vector<char>& positive, char wanted) {
  std::vector<double> values;
  for (std::size_t r = 0; r < column.size(); ++r)
    if (positive[r] == wanted) values.push_back(column[r]);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The noise shortcuts are logarithms of a few numbers that mean something each.
std::vector<ShortcutNumber> numbers_of(std::string_view shortcut, const FeatureTable& table, const std::vector<char>& positive) {
  const bool ratios = shortcut == "noise_ratios";
  if (!ratios && shortcut != "background_noise") return {};
  std::vector<ShortcutNumber> out;
  for (std::size_t c = 0; c < table.columns; ++c) {
    std::vector<double> column;
    for (std::size_t r = 0; r < table.rows(); ++r) column.push_back(table.row(r)[c]);
    const std::string name = ratios ? fmt::format("noise of band {} / band {}", c + 2, c + 1) : fmt::format("noise of band {}", c + 1);
    out.push_back(
        {name, std::exp(median_of(column, positive, 1)), std::exp(median_of(column, positive, 0)), estimate_auc(column, positive)});
  }
  return out;
}

std::string text(const evaluate::Estimate& auc) { return fmt::format("{:.3f} ({:.3f} to {:.3f})", auc.value, auc.low, auc.high); }

/// Whether an interval `widened` times as long excludes chance.
bool excludes_chance(const evaluate::Estimate& auc, double widened) {
  return auc.value - widened * (auc.value - auc.low) > .5 || auc.value + widened * (auc.high - auc.value) < .5;
}

}  // namespace

bool ShortcutFinding::tells_classes_apart() const {
  // The normal quantile at .05 / numbers over that at .05 (Bonferroni), for up to five bands.
  constexpr std::array<double, 6> widened{1, 1, 2.2414 / 1.96, 2.394 / 1.96, 2.4977 / 1.96, 2.5758 / 1.96};
  const double width = widened[std::min(numbers.size(), widened.size() - 1)];
  return auc.low > .5 || std::ranges::any_of(numbers, [&](const ShortcutNumber& number) { return excludes_chance(number.auc, width); });
}

ShortcutReport check_shortcuts(const std::filesystem::path& path, const ShortcutOptions& options, Progress& progress,
                               const StopFlag& stop) {
  const Listing listing = list_samples(path, Split::all, options.bands);
  const cutouts::PixelRules rules = rules_of(listing, options.bands);
  const bool has_train =
      std::ranges::any_of(listing.samples, [](const ListedSample& listed) { return listed.sample.split == Split::train; });
  ShortcutReport report{.split = has_train ? Split::train : Split::all};
  const image::ImageShape shape = common_shape(listing.samples, rules, options.wanted, options.threads);
  Drawn drawn;
  read_usable(draw(listing, report.split, Label::lens, options), rules, shape, options.threads, progress, stop, drawn);
  report.lenses = static_cast<std::int64_t>(drawn.images.size());
  read_usable(draw(listing, report.split, Label::non_lens, options), rules, shape, options.threads, progress, stop, drawn);
  drawn.positive.assign(static_cast<std::size_t>(report.lenses), 1);
  drawn.positive.resize(drawn.images.size(), 0);
  report.nonlenses = static_cast<std::int64_t>(drawn.images.size()) - report.lenses;
  if (std::min(report.lenses, report.nonlenses) < fewest_a_class) return report;
  for (const Shortcut& shortcut : shortcuts()) {
    if (shape.bands < 2 && std::string_view{shortcut.name} == "noise_ratios") continue;
    const FeatureTable table = table_of(shortcut, drawn, options.threads, stop);
    report.findings.push_back({shortcut.name, shortcut.what,
                               cross_validated_auc(table, drawn.positive, drawn.groups, {.seed = options.seed}),
                               numbers_of(shortcut.name, table, drawn.positive)});
  }
  return report;
}

Value to_value(const ShortcutReport& report) {
  Value findings{Value::Array{}};
  for (const ShortcutFinding& finding : report.findings) {
    Value numbers{Value::Array{}};
    for (const ShortcutNumber& number : finding.numbers) {
      numbers.push_back(empty_object()
                            .set("name", number.name)
                            .set("lens_median", number.lens_median)
                            .set("non_lens_median", number.non_lens_median)
                            .set("auc", evaluate::to_json_value(number.auc)));
    }
    findings.push_back(empty_object()
                           .set("name", finding.name)
                           .set("what", finding.what)
                           .set("auc", evaluate::to_json_value(finding.auc))
                           .set("tells_classes_apart", finding.tells_classes_apart())
                           .set("numbers", numbers));
  }
  return empty_object()
      .set("part", name_of(report.split))
      .set("lenses", report.lenses)
      .set("nonlenses", report.nonlenses)
      .set("findings", findings);
}

std::string summary(const ShortcutReport& report) {
  if (report.findings.empty()) return "shortcuts: not tried, a class has too few labelled cutouts\n";
  std::string out = fmt::format(
      "shortcuts: how well numbers that hold no lensing, or little, tell {} lenses from {} non-lenses ({})\n{:<30} {:>24}   {:>21}\n",
      report.lenses, report.nonlenses, report.split == Split::train ? "train split" : "all parts", "", "AUC (95% interval)",
      "median lens, non-lens");
  bool any = false;
  for (const ShortcutFinding& finding : report.findings) {
    any = any || finding.tells_classes_apart();
    out += fmt::format("{:<30} {:>24}   {}\n", finding.name, text(finding.auc),
                       finding.tells_classes_apart() ? "tells the classes apart" : "");
    for (const ShortcutNumber& number : finding.numbers) {
      out +=
          fmt::format("  {:<28} {:>24}   {:>10.4g} {:>10.4g}\n", number.name, text(number.auc), number.lens_median, number.non_lens_median);
    }
  }
  out += any ? "What tells the classes apart here, a network can learn in place of lensing. Noise that differs by class in cutouts scaled\n"
               "to [0, 1] may be the brightness of their objects: compare with cutouts in units of flux. Light of lenses themselves\n"
               "shows in core and power_spectrum.\n"
             : "None of these tells the classes apart.\n";
  return out;
}

}  // namespace lensfind::dataset
