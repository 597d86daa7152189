#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lensfind/dataset/augment.h"

namespace lensfind::dataset {

/// How one augmentation is done: `step` has its range filled in; `apply` draws its numbers and changes the image.
struct AugmentationMethod {
  AugmentationKind kind;
  void (*check)(const AugmentationStep& step);  ///< throws Error where the range is impossible
  void (*apply)(const AugmentationStep& step, image::MutableImageView image, RandomStream& random);
};

/// All methods but one_of, mixup and arc_cutmix, which do not change a single image.
const std::vector<AugmentationMethod>& augmentation_methods();

}  // namespace lensfind::dataset
