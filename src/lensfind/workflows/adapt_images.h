#pragma once

#include "lensfind/dataset/dataset.h"
#include "lensfind/model/model.h"
#include "lensfind/workflows/adapt.h"

namespace lensfind::workflows {

/// A user's own images as a model takes them: in its bands, size, pixel scale and flux unit, all in memory.
struct OwnImages {
  dataset::Dataset data;               ///< labelled ones first
  std::vector<std::int64_t> labelled;  ///< those to judge on; copies of one image have one group
  /// Labelled too, but the model was trained on them already, or the label is doubtful: they train, and judge nothing.
  std::vector<std::int64_t> learnt;
  std::vector<std::int64_t> unlabelled;  ///< no copies of labelled ones, and no known lenses
  std::vector<float> targets;            ///< of each sample of the data: the probability of a lens that is learnt; .5 where none is known
  std::int64_t inputs = 0;               ///< how many images there are in all
  std::vector<std::string> notes;

  [[nodiscard]] std::vector<Label> labels() const;  ///< of `labelled`
};

/// Reads all images that the table of labels names, and up to options.max_images of the others, evenly spread over them. Throws Error where
/// none can be read, labels name no image, or there are fewer than 10 of a class that the model was not trained on; Stopped.
OwnImages read_own_images(const AdaptOptions& options, const model::Model& model, Progress& progress, const StopFlag& stop);

}  // namespace lensfind::workflows
