#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/base/hash128.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/dataset/split.h"

namespace lensfind::model {

/// What a cutout did for a model, the gravest use first.
enum class SeenFor {
  training,    ///< weights were fitted to it
  validation,  ///< it chose the epoch
  calibration  ///< only calibration and thresholds come from it
};
constexpr auto enum_names(SeenFor) {
  return names_of<SeenFor>({{SeenFor::training, "training"}, {SeenFor::validation, "validation"}, {SeenFor::calibration, "calibration"}});
}

/// Every cutout with which a model was made, by a hash of its pixels: whatever its name and folder are now, it is found again, flipped and
/// quarter-turned copies too. Cut, scaled or otherwise turned copies are not.
struct SeenCutouts {
  using Uses = std::map<Hash128, SeenFor>;
  Uses cutouts;  ///< by hash_of_any_rotation()
  /// From records that earlier versions began, by MurmurHash3 (dataset/earlier_hashes.h). The oldest hold hashes of the pixels as they
  /// stood, and find no turned copies.
  Uses of_earlier_versions = {};

  [[nodiscard]] bool empty() const { return cutouts.empty() && of_earlier_versions.empty(); }
  bool operator==(const SeenCutouts&) const = default;
};

/// Adds a cutout by its hash_of_any_rotation(); of two uses the graver stays.
void add_seen(SeenCutouts& seen, const Hash128& pixels, SeenFor use);
/// What any of two models saw.
SeenCutouts merge_seen(SeenCutouts seen, const SeenCutouts& more);

/// Writes FOLDER/seen.csv (pixels,used_for,hash), sorted by hash and pixels. `hash` is xxh3 or murmur3.
void write_seen(const std::filesystem::path& folder, const SeenCutouts& seen);
/// The record of a model folder, or of the one in which its model.onnx, its model.safetensors or the weights of its checkpoint lie; empty
/// where there is none, as for a model from elsewhere. A record without the column `hash` is of murmur3. Throws Error with the line of what
/// cannot be read.
SeenCutouts read_seen(const std::filesystem::path& model);

/// How many cutouts of a data set a model saw before.
struct SeenAmong {
  std::int64_t training = 0, validation = 0, calibration = 0;
  std::string first;  ///< id of the first one

  [[nodiscard]] std::int64_t all() const { return training + validation + calibration; }
  /// "90 to train, 10 to choose the epoch (the first: train_lenses/1)".
  [[nodiscard]] std::string text() const;
};
SeenAmong seen_among(const dataset::Dataset& data, const SeenCutouts& seen);

/// Where each sample of a data set stood when the model was made, so that a split for further training can hold to it.
std::vector<dataset::StoodIn> stood_in(const dataset::Dataset& data, const SeenCutouts& seen);

}  // namespace lensfind::model
