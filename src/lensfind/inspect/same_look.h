#pragma once

#include <string>
#include <vector>

#include "lensfind/inspect/pictures.h"

namespace lensfind::inspect {

/// Makes pictures of candidates and of controls say the same of themselves: scale bar, compass, names of bands and colours must not tell
/// which is which. Controls often lie in other files, with less in their headers.
class SameLook {
 public:
  /// Of a candidate's picture and of a control's.
  SameLook(const Drawn& candidate, const Drawn& control);

  [[nodiscard]] Drawn of_candidate(Drawn drawn) const;
  /// What its file does not say is as with candidates.
  [[nodiscard]] Drawn of_control(Drawn drawn) const;
  /// What still tells controls from candidates, in words; empty: nothing that is known.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  double pixel_scale_arcsec_;
  bool north_up_;
  std::vector<std::string> bands_;
  std::string colours_;
  std::vector<std::string> warnings_;
};

}  // namespace lensfind::inspect
