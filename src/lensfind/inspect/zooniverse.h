#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "lensfind/inspect/candidate_list.h"
#include "lensfind/inspect/grade.h"
#include "lensfind/inspect/pictures.h"
#include "lensfind/inspect/scheme.h"

namespace lensfind::inspect {

/// Writes what Panoptes uploads as subjects: manifest.csv (`image`, `#lensfind_id`: a column whose name begins with # is hidden from
/// volunteers) and a PNG an object, enlarged to `side` pixels or more. Objects whose picture cannot be drawn are left out; returns how many
/// are in. Throws Error.
std::int64_t write_subjects(const std::filesystem::path& folder, const std::vector<Listed>& objects,
                            const std::function<Drawn(std::size_t object)>& draw, int side = 400);

/// The grades in Panoptes' export of classifications (CSV with annotations and subject_data as JSON): the first answer of a task that is
/// one of the scheme's grades, its meaning, or begins with the grade and a colon. Graders are user_name; the object is `#lensfind_id` (or
/// lensfind_id) of the subject. `passed_over`: classifications without such an answer or id. Throws Error.
struct Classifications {
  std::vector<Grade> grades;
  std::int64_t passed_over = 0;
};
Classifications read_classifications(const std::filesystem::path& csv, const Scheme& scheme);

/// Whether a table's columns are those of such an export.
bool is_classification_export(const std::vector<std::string>& columns);

}  // namespace lensfind::inspect
