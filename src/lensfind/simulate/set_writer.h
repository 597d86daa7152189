#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/simulate/simulate.h"
#include "lensfind/simulate/truth_csv.h"

namespace lensfind::simulate {

/// One of a set's images.
struct Place {
  std::int64_t index = 0;  ///< in the set: lenses and non-lenses of train, then of test
  CutoutRequest request;
  std::string folder;         ///< "train_lenses"
  std::int64_t in_split = 0;  ///< row of the split's stack
};

/// Where each image of a set belongs.
class SetLayout {
 public:
  explicit SetLayout(const SimulateOptions& options) : options_{options} {}
  [[nodiscard]] std::int64_t size() const;
  [[nodiscard]] std::int64_t size(Split split) const;
  [[nodiscard]] Place place(std::int64_t index) const;
  /// "train_lenses/12", or "train.npy#11" in stacks.
  [[nodiscard]] std::string id(const Place& place) const;

 private:
  const SimulateOptions& options_;
};

/// Writes the images of a set. Each appears whole or not at all. Writes from any thread.
class SetWriter {
 public:
  /// `work`: the folder for unfinished files.
  SetWriter(const SimulateOptions& options, const SetLayout& layout, const std::filesystem::path& work);
  ~SetWriter();
  SetWriter(const SetWriter&) = delete;
  SetWriter& operator=(const SetWriter&) = delete;

  void write(const Place& place, const SimulatedCutout& cutout);
  /// Gives stacks their names and writes their tables of labels.
  void finish();

 private:
  [[nodiscard]] std::filesystem::path stack(Split split) const;

  const SimulateOptions& options_;
  const SetLayout& layout_;
  std::filesystem::path work_;
  int descriptors_[2] = {-1, -1};
  std::int64_t data_offsets_[2] = {0, 0};
};

}  // namespace lensfind::simulate
