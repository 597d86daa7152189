#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "lensfind/cutouts/inputs.h"

namespace lensfind::score {

/// How long to wait before each further try where the machine, and not an input, was at fault.
using Patience = std::vector<std::chrono::milliseconds>;
const Patience& usual_patience();

/// Whether nearly as many files are open as this process may open (`ulimit -n`). Libraries then fail in ways that look like faults of a
/// file.
bool descriptors_are_scarce();

/// Reads inputs and tells their own faults from the machine's (too many open files, no memory, a disk that fails). After a fault of the
/// machine it tries again, alone: copies of one reader, each in a thread of its own, wait for it. An input's own faults never throw,
/// whatever they are.
class PatientReader {
 public:
  explicit PatientReader(Patience patience = usual_patience()) : patience_{std::move(patience)}, turns_{std::make_shared<Turns>()} {}

  struct Reading {
    std::optional<cutouts::Fitting> fitting;  ///< nothing: the input cannot be used, and `reason` says why
    std::string reason = {};                  ///< why it cannot be used
    std::string columns = {};                 ///< cutouts::further_fields()
  };
  /// Reads an input's pixels as the network takes them. Throws Error where the machine stays at fault.
  Reading read(const cutouts::Input& input, image::MutableImageView wanted) const;

 private:
  struct Turns {
    std::mutex gate;             ///< every reader passes it; one that wants to be alone keeps it, so that no others come
    std::shared_mutex together;  ///< one that is alone holds it exclusively
  };

  Patience patience_;
  std::shared_ptr<Turns> turns_;
};

}  // namespace lensfind::score
