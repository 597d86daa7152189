#include "lensfind/train/keep.h"

#include <limits>

namespace lensfind::train {

EarlyStopping early_stopping(const Recipe& recipe, const std::vector<model::EpochRecord>& history) {
  EarlyStopping result;
  double lowest_loss = std::numeric_limits<double>::infinity();
  double highest_auc = -std::numeric_limits<double>::infinity();
  double highest_precision = -std::numeric_limits<double>::infinity();
  int epochs_without = 0;
  for (const model::EpochRecord& epoch : history) {
    const bool better_auc = epoch.validation_auc > highest_auc;
    const bool improved = epoch.validation_loss < lowest_loss || better_auc;
    lowest_loss = std::min(lowest_loss, epoch.validation_loss);
    highest_auc = std::max(highest_auc, epoch.validation_auc);
    epochs_without = improved ? 0 : epochs_without + 1;
    const bool keep = recipe.keep == KeepRule::last || (recipe.keep == KeepRule::auc && better_auc) ||
                      (recipe.keep == KeepRule::study && improved) ||
                      (recipe.keep == KeepRule::average_precision && epoch.validation_average_precision > highest_precision);
    highest_precision = std::max(highest_precision, epoch.validation_average_precision);
    if (keep || result.kept_epoch == 0) result.kept_epoch = epoch.epoch;
  }
  result.out_of_patience = recipe.patience > 0 && epochs_without >= recipe.patience;
  return result;
}

bool chooses_on_validation(const Recipe& recipe) {
  return recipe.keep != KeepRule::last || recipe.schedule == ScheduleKind::plateau ||
         (recipe.patience > 0 && recipe.patience < recipe.epochs);
}

}  // namespace lensfind::train
