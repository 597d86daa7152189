#pragma once

#include <cstdint>
#include <vector>

#include "lensfind/base/ranks.h"
#include "lensfind/train/executor.h"

namespace lensfind::train {

/// What a step knows beside the gradients: of one rank's part of a batch, or of the whole batch.
struct StepSummary {
  double loss = 0;         ///< mean
  double weight = 0;       ///< of the part in the batch's loss (loss_weight); 0: the part is empty
  std::int64_t count = 0;  ///< cutouts
  bool stop = false;       ///< this rank, or one of all, was told to stop
};

/// Ranks that train one network, each on its part of every batch, tell each other what they found: one sum over all ranks a step.
class SharedStep {
 public:
  /// Both must outlive this.
  SharedStep(const Executor& executor, Ranks& ranks);

  /// Puts the whole batch's gradients in place of this part's, and in place of the batch norms' running statistics their mean over the
  /// cutouts. The same numbers in every rank. Returns the whole batch's summary.
  StepSummary exchange(const StepSummary& own);

 private:
  const Executor& executor_;
  Ranks& ranks_;
  std::vector<float> message_;  ///< gradients times weight, running statistics times count, then the summary
};

}  // namespace lensfind::train
