#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lensfind::cutouts {

/// Files in folders of cutouts that are no cutouts.
struct PassedOver {
  std::int64_t count = 0;
  std::vector<std::string> examples = {};  ///< names of at most three, the first in natural order

  void add(const std::string& name);
  /// Adds those of a folder `inside` this one ("sub/").
  void add(const PassedOver& more, const std::string& inside);
  /// "4 files are no images and passed over: README.txt, notes.md, t.csv and 1 more". Empty where there is none.
  [[nodiscard]] std::string text() const;
};

}  // namespace lensfind::cutouts
