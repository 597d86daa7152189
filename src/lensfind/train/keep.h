#pragma once

#include <vector>

#include "lensfind/train/recipe.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

/// What the history says so far: which epoch's weights to keep, and whether to go on. Both follow from the epochs alone, so nothing of it
/// needs a checkpoint.
struct EarlyStopping {
  int kept_epoch = 0;  ///< from 1; 0 before the first
  bool out_of_patience = false;
};

/// - auc: the first epoch of the highest validation AUC, as the published study;
/// - study: the last epoch at which the validation loss fell below, or the AUC rose above, all before it;
/// - average_precision: the first epoch of the highest validation average precision;
/// - last: the last.
/// Patience counts epochs in which neither loss nor AUC improved, whatever the rule.
EarlyStopping early_stopping(const Recipe& recipe, const std::vector<model::EpochRecord>& history);

/// Whether epoch or learning rate hang on validation figures, so that the same samples are no fair judge of them any more.
bool chooses_on_validation(const Recipe& recipe);

}  // namespace lensfind::train
