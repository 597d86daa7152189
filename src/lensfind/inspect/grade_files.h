#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lensfind/inspect/grade.h"
#include "lensfind/inspect/scheme.h"

namespace lensfind::inspect {

/// What several files of grades hold together.
struct GradeSet {
  std::vector<Grade> rows;            ///< all, including what was taken back
  std::vector<GradedObject> objects;  ///< each once, with candidates that only grades name
  std::vector<Scheme> schemes;
  std::vector<std::string> notes;  ///< what a user should know: grades that no scheme knows, rows passed over
};

/// Reads files of grades. They are SQLite as `inspect` leaves them, or tables (CSV in any dialect, FITS, VOTable, Parquet) with columns for
/// the object (id, object_id, ...) and `grade`, optionally grader (else the file's name), time, scheme, kind, note, presentation, seconds,
/// uid, undoes, role, truth, ra, dec, theta_e_arcsec, arc_snr. Where there is no column `grade`, `grade_column` names it. `scheme` is that
/// of rows that name none. Throws Error where a file cannot be read or has no grades' columns.
GradeSet read_grades(std::span<const std::filesystem::path> files, const Scheme& scheme, const std::string& grade_column = {});

/// Whether a file is an SQLite one, by its first bytes.
bool is_sqlite(const std::filesystem::path& path);

/// The rows as CSV, which read_grades() reads back.
std::string grades_csv(std::span<const Grade> rows);

}  // namespace lensfind::inspect
