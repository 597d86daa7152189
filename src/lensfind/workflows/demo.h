#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/score/run.h"
#include "lensfind/train/train.h"
#include "lensfind/workflows/evaluate_finder.h"

namespace lensfind::workflows {

struct DemoOptions {
  std::filesystem::path out = "demo";                                 ///< the folder to make
  bool overwrite = false;                                             ///< replace `out`
  std::uint64_t seed = 0;                                             ///< below 2^63
  int threads = 0;                                                    ///< 0: all cores
  std::vector<std::filesystem::path> survey_folders, recipe_folders;  ///< where `hsc` and `demo` are looked for
  std::vector<std::filesystem::path> model_folders;  ///< where `deeplense` is looked for, whose weights training begins with
};

/// What the demo did, step by step, and what it came to.
struct DemoResult {
  train::TrainResult training;    ///< of out/model on out/cutouts
  EvaluateResult evaluation;      ///< in out/evaluation
  score::RunSummary scores;       ///< of out/survey.npy, in out/scores.csv
  std::filesystem::path page;     ///< of the best candidates
  int galaxies = 0, hidden = 0;   ///< of the survey: galaxies, and lenses among them
  int candidates = 0, found = 0;  ///< the best-scored, and lenses among them
};

/// The whole way once: simulates labelled cutouts and a small survey with lenses hidden in it, trains on (from the weights of the
/// model `deeplense`, where it is installed), evaluates, scores the survey and
/// writes the reports; a few minutes on 2 cores. Progress::line tells each step as a user would give it to the program. Throws Error where
/// `out` exists without `overwrite`; Stopped.
DemoResult run_demo(const DemoOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

/// The steps of the demo as commands of the program, in their order.
std::vector<std::string> demo_commands(const DemoOptions& options);

}  // namespace lensfind::workflows
