#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/inspect/grade.h"
#include "lensfind/sky/columns.h"

namespace lensfind::inspect {

/// An object that is shown, with the row of the table that named it.
struct Listed {
  GradedObject object;
  std::vector<std::string> values;  ///< of CandidateList::columns
  std::string for_grader = {};      ///< who alone is to grade it on blind pages; empty: anybody
};

/// What is to be graded, in the order of the table.
struct CandidateList {
  std::vector<std::string> columns;  ///< what the table says beside id, score and position
  std::vector<Listed> objects;
  std::vector<std::string> notes;
};

/// Which candidates are read.
struct CandidateOptions {
  std::filesystem::path table;  ///< of scores or any catalogue; empty: every image is a candidate
  std::size_t top = 0;          ///< the best K by score; 0: all
  sky::ColumnNames columns = {};
};

/// Reads a table of candidates of any kind: ids, and where they are there the columns logit (or score), probability, ra, dec and
/// for_grader. Throws Error where it cannot be read, has no ids or names one twice.
CandidateList read_candidates(const CandidateOptions& options);

/// Controls, by the id of their image. The columns are label (or truth: 1 lens, 0 not) and optionally role, theta_e_arcsec, arc_snr (else
/// the largest of arc_snr_<band>) and source_mag (else the first of source_mag_<band>), as `simulate` leaves them in truth.csv. Without a
/// role an object is `painted` where it has an Einstein radius, else `known` where it is a lens, else `random`. Throws Error.
std::vector<GradedObject> read_controls(const std::filesystem::path& table);

/// Marks those candidates as known that lie within `radius_arcsec` of an object of a list, or have its id. The list's column `label` says
/// what they are; without it they are lenses. Returns how many were marked.
std::int64_t mark_known(std::vector<Listed>& candidates, const std::filesystem::path& list, double radius_arcsec);

}  // namespace lensfind::inspect
