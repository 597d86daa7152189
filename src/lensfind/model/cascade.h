#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "lensfind/base/fields.h"

namespace lensfind::model {

/// A small network, the student, stands before a model, its teacher. What the student takes for no lens the teacher never sees. Logits are
/// the teacher's. Those of cutouts that it did not see lie below all others, in the student's order.
struct Cascade {
  double cut = 0;                                      ///< the teacher sees cutouts whose student logit is at least this
  double floor = 0;                                    ///< no cutout that the teacher sees has a lower logit, and no other one reaches it
  double slope = 1;                                    ///< how many of the teacher's logits one of the student's is worth: the student's
                                                       ///< calibration slope over the teacher's
  double threshold = 0;                                ///< the teacher finds a lens where its logit is at least this
  double max_lost = .01;                               ///< fraction of the lenses it finds that the cut was allowed to lose
  std::int64_t lenses = 0;                             ///< how many lenses the cut was chosen on: those that the teacher finds
  double lost = 0, lost_low = 0, lost_high = 0;        ///< expected fraction of them that the cut loses, with a 95% interval
  double passed = 0, passed_low = 0, passed_high = 0;  ///< fraction of the non-lenses that the teacher sees

  [[nodiscard]] bool passes(double student_logit) const { return student_logit >= cut; }
  /// The logit of a cutout that the teacher saw.
  [[nodiscard]] float seen(double teacher_logit) const { return static_cast<float>(std::max(teacher_logit, floor)); }
  /// The logit of a cutout that the teacher did not see.
  [[nodiscard]] float cut_off(double student_logit) const {
    const float below = std::nextafter(static_cast<float>(floor), -std::numeric_limits<float>::infinity());
    return std::min(below, static_cast<float>(floor + slope * (student_logit - cut)));
  }

  static void describe(auto& field) {
    field(&Cascade::cut, "cut", any(), "the teacher sees cutouts whose student logit is at least this");
    field(&Cascade::floor, "floor", any(), "lowest logit of a cutout that the teacher sees");
    field(&Cascade::slope, "slope", positive(), "teacher's logits for one of the student's");
    field(&Cascade::threshold, "threshold", any(), "the teacher finds a lens where its logit is at least this");
    field(&Cascade::max_lost, "max_lost", between(0, 1), "fraction of the lenses it finds that the cut was allowed to lose", "most_lost");
    field(&Cascade::lenses, "lenses", at_least(0), "how many lenses that the teacher finds chose the cut");
    field(&Cascade::lost, "lost", between(0, 1), "expected fraction of them that is lost");
    field(&Cascade::lost_low, "lost_low", between(0, 1), "its 95% interval");
    field(&Cascade::lost_high, "lost_high", between(0, 1), "its 95% interval");
    field(&Cascade::passed, "passed", between(0, 1), "fraction of the non-lenses that the teacher sees");
    field(&Cascade::passed_low, "passed_low", between(0, 1), "its 95% interval");
    field(&Cascade::passed_high, "passed_high", between(0, 1), "its 95% interval");
  }
};

/// The student's model folder in a cascade's.
constexpr const char* student_folder = "student";

}  // namespace lensfind::model
