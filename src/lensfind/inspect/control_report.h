#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/inspect/export.h"
#include "lensfind/inspect/merge.h"

namespace lensfind::inspect {

/// Stands for the graders together, by the median grade.
inline constexpr const char* all_graders = "all";

/// Whether an object is a control that is a lens.
bool is_control_lens(const MergedObject& object);
/// Whether a grader, or all_graders, found the lens: whether the grade counts as a lens. Nothing where they did not grade it.
std::optional<bool> found_by(const MergedObject& object, const std::string& grader, const Scheme& scheme);

/// How many of the control lenses in one range of one property a grader finds.
struct ControlCompleteness {
  std::string grader;    ///< "all": the graders together, by the median grade
  std::string property;  ///< "theta_e_arcsec", "arc_snr", "source_mag"
  double low = 0, high = 0;
  int lenses = 0, found = 0;  ///< found: those whose grade counts as a lens
  evaluate::Estimate completeness;
};

/// Completeness of each grader on the control lenses whose property is known. At most `bins` ranges hold about equally many lenses, five or
/// more, and are the same for all graders. Ranges without a graded lens are left out.
std::vector<ControlCompleteness> control_completeness(const Merged& merged, std::size_t bins = 4);

/// The same as a table: grader,property,low,high,lenses,found,completeness,completeness_low,completeness_high.
ResultTable control_table(const std::vector<ControlCompleteness>& rows);

}  // namespace lensfind::inspect
