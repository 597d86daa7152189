#pragma once

#include <filesystem>
#include <optional>

#include "lensfind/base/output_folder.h"
#include "lensfind/train/checkpoint.h"
#include "lensfind/train/prepare.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

/// RUN, which grows under its name, and what is read for it.
Output output_of(const TrainOptions& options);

/// The first key of two resolved recipes whose values differ ("rate", "simulate.reuse"), or empty. A key that came with a later version
/// than `before` stands for what `defaults` say of it: the fields of the same struct, untouched.
std::string changed_key(const Value& before, const Value& now, const Value& defaults = write_fields(Recipe{}));

/// Whether the run in RUN has ended: then it holds the model.
bool is_finished(const std::filesystem::path& out);

/// Writes into RUN what is known before training: recipe.toml, split.csv, seen.csv, rejected.csv.
void write_beginning(const TrainOptions& options, const Prepared& run);

/// The checkpoint to go on from, if there is one and the run is resumed. Throws Error where data or recipe have changed since.
std::optional<Checkpoint> checkpoint_to_resume(const TrainOptions& options, const Prepared& run);

}  // namespace lensfind::train
