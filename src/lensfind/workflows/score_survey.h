#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "lensfind/base/progress.h"
#include "lensfind/score/run.h"

namespace lensfind::workflows {

struct ScoreResult {
  score::RunSummary summary;
  std::optional<std::filesystem::path> page;  ///< of the best candidates, where options.top asked for it and this process wrote it
};

/// score::run_score() and, with options.top > 0, a page with the pictures of the best: as their files have them, or as the network saw them
/// where a file has gone. Throws as run_score().
ScoreResult score_survey(const std::filesystem::path& model, const score::RunOptions& options, Progress& progress = no_progress(),
                         const StopFlag& stop = never_stop());

/// For which fraction of lenses a run's probabilities are, as a sentence; `asked`: the user named it.
std::string prevalence_text(const score::RunSummary& summary, bool asked);

}  // namespace lensfind::workflows
