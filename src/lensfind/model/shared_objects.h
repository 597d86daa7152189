#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "lensfind/dataset/dataset.h"

namespace lensfind::model {

/// Cutouts of a data set whose sky object, by its name in the column `group`, also stands elsewhere: another picture of the same galaxy.
struct SharedObjects {
  std::int64_t cutouts = 0;
  std::string first;  ///< name of the first object
};

/// Objects with which a model was made: those of split.csv in its folder, for an ensemble those of its members. None where there is no such
/// record. Names that are ids of cutouts stand for themselves alone and are no objects.
SharedObjects shared_with_model(const dataset::Dataset& data, const std::filesystem::path& model);

/// Objects of the other split of the same set, as truth.csv beside it says: of the training split for the test split and the other way
/// round. None where all splits are loaded, or there is no such table.
SharedObjects shared_with_other_split(const dataset::Dataset& data);

}  // namespace lensfind::model
