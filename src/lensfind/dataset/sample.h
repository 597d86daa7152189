#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "lensfind/base/enum_names.h"
#include "lensfind/base/label.h"

namespace lensfind::dataset {

/// Which folders of a set are meant: those named `train_...` (or train.npy), those named `test_...`, or all.
enum class Split { train, test, all };
constexpr auto enum_names(Split) { return names_of<Split>({{Split::train, "train"}, {Split::test, "test"}, {Split::all, "all"}}); }

/// One labelled (or not) cutout, not its pixels.
struct Sample {
  std::string id;              ///< path relative to the input folder without suffix ("test_lenses/12"), or "stack.npy#12"
  std::filesystem::path path;  ///< of the file
  std::int64_t index = -1;     ///< in a stack, from 0; -1: the file is one cutout
  Label label = Label::unknown;
  std::string group;         ///< the sky object: splits never part a group; by default the id
  Split split = Split::all;  ///< of its set that it belongs to; all: the set has no parts
};

}  // namespace lensfind::dataset
