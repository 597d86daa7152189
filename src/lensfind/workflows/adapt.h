#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/cutouts/pixel_rules.h"
#include "lensfind/evaluate/intervals.h"
#include "lensfind/simulate/simulate.h"
#include "lensfind/sky/columns.h"

namespace lensfind::workflows {

/// What adaptation does, in this order. Those that look at labelled images come last: what comes before never saw them.
enum class AdaptStep { survey, hosts, consistency, statistics, joint, head, labels, mined };
constexpr auto enum_names(AdaptStep) {
  return names_of<AdaptStep>({{AdaptStep::survey, "survey"},
                              {AdaptStep::hosts, "hosts"},
                              {AdaptStep::consistency, "consistency"},
                              {AdaptStep::statistics, "statistics"},
                              {AdaptStep::joint, "joint"},
                              {AdaptStep::head, "head"},
                              {AdaptStep::labels, "labels"},
                              {AdaptStep::mined, "mined"}});
}
/// A line on a step, for help and reports.
std::string about_step(AdaptStep step);

struct AdaptOptions {
  std::filesystem::path model;                          ///< a model folder with a network of its own
  std::filesystem::path out;                            ///< the model folder that is made
  std::vector<std::filesystem::path> images;            ///< as `score` takes INPUT
  std::optional<std::filesystem::path> catalogue;       ///< then the images are fields, and its objects are taken
  sky::ColumnNames columns;                             ///< of the catalogue, labels and known lenses
  std::vector<std::string> bands;                       ///< as NAME_<band>.fits has them; default the model's names
  std::string pattern;                                  ///< how files of one band are named
  cutouts::PixelRules rules;                            ///< how pixels are brought to the model's
  std::filesystem::path labels;                         ///< a table id,label; empty: there are none, and nothing can be judged
  std::filesystem::path known;                          ///< known lenses, by position or id: never taken for non-lenses
  std::string steps;                                    ///< names, with a comma between; empty: all, without labels `statistics` alone
  int folds = 0;                                        ///< of cross-validation; 0: 5, from 500 labels on 3
  double ridge = 30;                                    ///< penalty of the last layer fitted anew
  std::vector<double> rates{3e-4, 1e-3};                ///< learning rates that cross-validation chooses among
  int epochs = 30;                                      ///< the most epochs on the labels
  std::int64_t max_images = 5000;                       ///< of unlabelled images, evenly spread over them
  int rounds = 3;                                       ///< of mining, at most
  bool average_symmetries = false;                      ///< the adapted model scores means over the eight symmetries of the square
  std::string survey = "measure";                       ///< what is simulated: an installed survey, a TOML file, or measured on the images
  simulate::Scaling scaling = simulate::Scaling::none;  ///< of what is simulated
  std::int64_t simulated = 3000;                        ///< cutouts that `survey` and `joint` simulate, a third of them lenses
  std::filesystem::path replay;                         ///< a training set for `joint`; empty: simulated as the model's was
  std::vector<std::filesystem::path> survey_folders;    ///< where surveys are looked for by name
  std::uint64_t seed = 0;
  std::string device = "cpu";
  int threads = 0;
  bool resume = false, overwrite = false;

  static void describe(auto& field) {
    field(&AdaptOptions::catalogue, "catalogue", any().taking("FILE"),
          "IMAGES are FITS fields: take its objects (a table with positions and ids)");
    field(&AdaptOptions::labels, "labels", any().taking("F.csv"),
          "a table id,label (1 lens, 0 none; a number between is a doubtful one, which trains and judges nothing), ids as `score` gives "
          "them, "
          "as `grades export` writes it; without it nothing can be judged");
    field(&AdaptOptions::known, "known", any().taking("LIST"),
          "known lenses with ids or positions: these images are never taken for non-lenses");
    field(
        &AdaptOptions::steps, "steps", any().taking("A,B,..."),
        "only these steps of survey, hosts, consistency, statistics, joint, head, labels, mined; default all, without labels `statistics`");
    field(&AdaptOptions::folds, "folds", between(0, 20), "of cross-validation; 0: 5, from 500 labels on 3");
    field(&AdaptOptions::ridge, "ridge", positive(),
          "of the step head: penalty of the last layer's departure from the given one; 10 to 100 gave the same where it was tried");
    field(&AdaptOptions::rates, "rates", inside(0, 1).taking("R"), "learning rates that cross-validation chooses among");
    field(&AdaptOptions::epochs, "epochs", between(1, 1000), "the most epochs on the labels; held-out ones choose how many");
    field(&AdaptOptions::max_images, "max_images", at_least(0).taking("N"), "use so many of the unlabelled images, evenly spread");
    field(&AdaptOptions::rounds, "rounds", between(1, 20), "of mining look-alikes, at most");
    field(&AdaptOptions::average_symmetries, "average_symmetries", any().as("--tta"),
          "judge means over the eight symmetries of the square, and leave a model that scores so by itself: better, and eight times the "
          "work");
    field(&AdaptOptions::survey, "survey", any().taking("NAME"),
          "what the step `survey` simulates: an installed survey, a TOML file, or `measure`: as measured on the images");
    field(&AdaptOptions::scaling, "scaling", any(), "of what is simulated, as `simulate --scaling`");
    field(&AdaptOptions::simulated, "simulated", between(30, 1'000'000).taking("N"),
          "cutouts that `survey` and `joint` simulate, a third are lenses");
    field(
        &AdaptOptions::replay, "replay", any().taking("SET"),
        "of the step joint: cutouts that the network trains on beside the labels, as those that trained it; without it they are simulated "
        "as the model says its own were");
    field(&AdaptOptions::columns, "columns", any(), "of positions and ids");
    field(&AdaptOptions::bands, "bands", any().as("--band").taking("NAME"),
          "a band of NAME_<band>.fits, once each in the model's order (default: the model's names)");
    field(&AdaptOptions::pattern, "pattern", any(), "how files of one band are named, as '{band}/cutout-{id}.fits'");
    field(&AdaptOptions::rules, "rules", any(), "how pixels are brought to the model's");
    field(&AdaptOptions::resume, "resume", any(), "steps that a stopped run finished are not done again");
    field(&AdaptOptions::overwrite, "overwrite", any(), "replace MODEL2");
  }
};

enum class StepOutcome { kept, not_kept, not_judged, not_possible };
constexpr auto enum_names(StepOutcome) {
  return names_of<StepOutcome>({{StepOutcome::kept, "kept"},
                                {StepOutcome::not_kept, "not kept"},
                                {StepOutcome::not_judged, "not judged"},
                                {StepOutcome::not_possible, "not possible"}});
}

/// A figure on the labelled images by models that never saw them, before and after, with the paired difference's 95% interval.
struct FigureGain {
  double before = 0, after = 0;
  evaluate::Estimate gain;
};

/// What a step gave: a row of the report.
struct StepRow {
  std::string step;
  StepOutcome outcome = StepOutcome::not_possible;
  std::optional<FigureGain> auc, average_precision;  ///< none: not judged
  std::string note;                                  ///< what was chosen, or why it was not possible
  double seconds = 0;
};

struct AdaptResult {
  std::vector<StepRow> steps;
  StepRow whole;  ///< the given model against the adapted one
  std::int64_t lenses = 0, nonlenses = 0, unlabelled = 0;
  std::vector<std::string> notes;  ///< what a reader must know; Progress::warn has told each too
};

/// Adapts a model to a user's own images and leaves a model folder with adapt.json, adapt.csv and adapt.md beside the model. Each step is
/// judged on labelled images by models that never saw them, and is kept only where the AUC rises. Throws Error for a model without a
/// network of its own, images that do not fit, labels that name no image, fewer than 10 of a class; Stopped, after which `resume` goes on.
AdaptResult adapt(const AdaptOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

}  // namespace lensfind::workflows
