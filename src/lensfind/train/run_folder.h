#pragma once

#include <filesystem>
#include <optional>

#include "lensfind/train/checkpoint.h"
#include "lensfind/train/prepare.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

/// Throws Error where RUN is in the way: it exists and neither --resume nor --overwrite was given, or it is no run at all and would be
/// replaced. To be asked before data are loaded; writes nothing.
void check_run_folder(const TrainOptions& options);

/// The first key of two resolved recipes whose values differ, or empty.
std::string changed_key(const Value& before, const Value& now);

/// Whether the run in RUN has ended: its model stands there.
bool is_finished(const std::filesystem::path& out);

/// Makes RUN, or empties the one that is replaced, and writes what is known before training: recipe.toml, split.csv, seen.csv,
/// rejected.csv.
void begin_run_folder(const TrainOptions& options, const Prepared& run);

/// The checkpoint to go on from, if there is one and the run is resumed. Throws Error where data or recipe have changed since.
std::optional<Checkpoint> checkpoint_to_resume(const TrainOptions& options, const Prepared& run);

}  // namespace lensfind::train
