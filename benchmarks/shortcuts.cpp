// Lens scenes whose source is switched off against non-lenses of the lenses' own galaxy type: classifiers that see only borders, noise,
// the power spectrum, the core, the neighbours or the centre must not tell them apart. Then lenses against non-lenses of all kinds of the
// survey, by what truth.csv says alone: the target's magnitude in i (VIS), its magnitude and colours, and its neighbours. Prints rows of
// docs/realism.md. Arguments: number of scenes of each class (2000), survey (hsc), minmax, none or display (minmax).
#include "lensfind/dataset/shortcuts.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/parallel.h"
#include "lensfind/simulate/cutout.h"

namespace {

using namespace lensfind;
using namespace lensfind::simulate;

struct Scenes {
  std::vector<image::Image> images;
  std::vector<char> lens;
};

Scenes draw_scenes(const Survey& survey, Scaling scaling, std::int64_t of_each) {
  const CutoutMaker maker{survey_of_scaling(survey, scaling)};
  Scenes out{std::vector<image::Image>(static_cast<std::size_t>(2 * of_each)), std::vector<char>(static_cast<std::size_t>(2 * of_each))};
  parallel_for(2 * of_each, 0, [&](std::int64_t k) {
    thread_local render::Renderer renderer;
    const bool lens = k % 2 == 0;
    const CutoutRequest request{.lens = lens, .number = k / 2, .scaling = scaling, .seed = 11, .hide_source = true};
    out.images[static_cast<std::size_t>(k)] = maker.make(request, renderer).image;
    out.lens[static_cast<std::size_t>(k)] = lens ? 1 : 0;
  });
  return out;
}

void print_row(const Survey& survey, Scaling scaling, const char* name, const evaluate::Estimate& auc) {
  fmt::print("| {} | {} | {} | {:.3f} ({:.3f} to {:.3f}) |\n", survey.name, name_of(scaling), name, auc.value, auc.low, auc.high);
}

/// What the truth says of targets of all kinds.
struct Targets {
  dataset::FeatureTable magnitude, colours, around;
  std::vector<char> lens;
};

void add_row(dataset::FeatureTable& table, const std::vector<double>& row) {
  table.columns = row.size();
  table.values.insert(table.values.end(), row.begin(), row.end());
}

Targets draw_targets(const Survey& survey, Scaling scaling, std::int64_t of_each) {
  const CutoutMaker maker{survey_of_scaling(survey, scaling)};
  std::vector<Truth> truths(static_cast<std::size_t>(2 * of_each));
  parallel_for(2 * of_each, 0, [&](std::int64_t k) {
    thread_local render::Renderer renderer;
    const CutoutRequest request{.lens = k % 2 == 0, .number = k / 2, .scaling = scaling, .seed = 12};
    truths[static_cast<std::size_t>(k)] = maker.make(request, renderer).truth;
  });
  // In the band by which targets are selected, or the nearest: in others their colours count too.
  const auto i_band = std::ranges::find(survey.bands, "i");
  const auto band = static_cast<std::size_t>(i_band == survey.bands.end() ? 0 : i_band - survey.bands.begin());
  Targets out;
  for (const Truth& truth : truths) {
    const double magnitude = truth.deflector.mag[band];
    std::vector<double> colours{magnitude};
    for (std::size_t b = 1; b < truth.deflector.mag.size(); ++b) colours.push_back(truth.deflector.mag[b - 1] - truth.deflector.mag[b]);
    add_row(out.magnitude, {magnitude});
    add_row(out.colours, colours);
    add_row(out.around, {static_cast<double>(truth.neighbours), static_cast<double>(truth.environment.members)});
    out.lens.push_back(truth.lens ? 1 : 0);
  }
  return out;
}

void print_targets(const std::string& name, Scaling scaling, std::int64_t of_each) {
  const Survey survey = find_survey(name, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"});
  const Targets targets = draw_targets(survey, scaling, of_each);
  print_row(survey, scaling, "all kinds: magnitude", dataset::cross_validated_auc(targets.magnitude, targets.lens));
  print_row(survey, scaling, "all kinds: magnitude and colours", dataset::cross_validated_auc(targets.colours, targets.lens));
  print_row(survey, scaling, "all kinds: neighbours and members", dataset::cross_validated_auc(targets.around, targets.lens));
}

void print_rows(const std::string& name, Scaling scaling, std::int64_t of_each) {
  const Survey survey = find_survey(name, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
                                    {R"(population.nonlens_kinds=[{kind="elliptical",fraction=1}])"});
  const Scenes scenes = draw_scenes(survey, scaling, of_each);
  for (const dataset::Shortcut& shortcut : dataset::shortcuts()) {
    const dataset::FeatureTable table =
        dataset::shortcut_table(shortcut, scenes.images.size(), [&](std::size_t i) { return scenes.images[i].view(); });
    const evaluate::Estimate auc = dataset::cross_validated_auc(table, scenes.lens);
    print_row(survey, scaling, shortcut.name, auc);
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    const std::int64_t of_each = count > 1 ? std::atoll(words[1]) : 2000;
    const std::string survey = count > 2 ? words[2] : "hsc";
    const std::string look = count > 3 ? words[3] : "minmax";
    const Scaling scaling = look == "none" ? Scaling::none : look == "display" ? Scaling::display : Scaling::minmax;
    print_rows(survey, scaling, of_each);
    print_targets(survey, scaling, of_each);
  } catch (const Error& error) {
    fmt::print(stderr, "error: {}\nhint: {}\n", error.what(), error.hint());
    return 1;
  }
  return 0;
}
