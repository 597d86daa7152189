#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/base/label.h"
#include "lensfind/inspect/merge.h"
#include "lensfind/inspect/pictures.h"

namespace lensfind::inspect {

/// Which objects become labels.
enum class LabelRule {
  settled,  ///< by the consensus and its interval
  grade     ///< by the label that the scheme gives the median grade
};
constexpr auto enum_names(LabelRule) { return names_of<LabelRule>({{LabelRule::settled, "settled"}, {LabelRule::grade, "grade"}}); }

/// What people's grades say of one candidate.
struct ObjectLabel {
  std::string id;
  Label label = Label::unknown;  ///< lens or non_lens
  double weight = 1;             ///< (0, 1]: the probability that the label is right, by the consensus; without one the fraction of its
                                 ///< labelling grades that agree
  double logit = 0;              ///< the finder's; NaN: not known
};

/// Of the candidates that the rule decides, in the order of the merged objects.
std::vector<ObjectLabel> labels_of(const Merged& merged, LabelRule rule);

/// Writes `id,label,weight,logit`: `evaluate --relabel` and `match` read it as labels, `train --mine` its non-lenses as hard negatives, and
/// every table that takes ids and labels.
void write_labels(const std::filesystem::path& path, const std::vector<ObjectLabel>& labels);

/// What became of labels whose cutouts were looked for.
struct TrainingSet {
  std::int64_t lenses = 0, nonlenses = 0;
  std::int64_t without_image = 0;  ///< no image has the id
  std::int64_t unfit = 0;          ///< it cannot be read, or has other bands or another size than the most
};

/// Leaves FOLDER/train.npy (n, bands, height, width) and train.csv (id,label,weight): labelled cutouts as `train`, `check` and `evaluate`
/// read them, pixels as they are in the images. Throws Error where none is left.
TrainingSet write_training_set(const std::filesystem::path& folder, const std::vector<ObjectLabel>& labels, const PictureOptions& images);

}  // namespace lensfind::inspect
