#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/label.h"
#include "lensfind/image/image.h"

namespace lensfind {

/// Which folders of a set are meant: those named `train_...` (or train.npy), those named `test_...`, or all.
enum class Split { train, test, all };

/// "train", "test" or "all".
const char* split_name(Split split);
/// Throws Error for any other text.
Split split_from_name(const std::string& name);

/// One labelled (or not) cutout, not its pixels.
struct Sample {
  std::string id;              ///< path relative to the input folder without suffix ("test_lenses/12"), or "stack.npy#12"
  std::filesystem::path path;  ///< of the file
  std::int64_t index = -1;     ///< in a stack, from 0; -1: the file is one cutout
  Label label = Label::unknown;
  std::string group;         ///< the sky object: splits never part a group; by default the id
  Split split = Split::all;  ///< of its set that it belongs to; all: the set has no parts
};

/// An input that could not be used, and why.
struct Rejected {
  std::string input;
  std::string reason;
};

/// Samples with their pixels in memory, float32, (n, bands, height, width).
struct Batch {
  ImageShape shape;                   ///< of one cutout
  std::vector<float> pixels;          ///< (n, bands, height, width)
  std::vector<Label> labels;          ///< (n)
  std::vector<std::int64_t> samples;  ///< (n) index of each in its dataset

  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] MutableImageView image(std::size_t i) { return {shape, pixels.data() + i * shape.values()}; }
  [[nodiscard]] ImageView image(std::size_t i) const { return {shape, pixels.data() + i * shape.values()}; }
};

}  // namespace lensfind
