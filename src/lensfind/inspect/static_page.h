#pragma once

#include <filesystem>
#include <functional>

#include "lensfind/inspect/candidate_list.h"
#include "lensfind/inspect/pictures.h"
#include "lensfind/inspect/scheme.h"
#include "lensfind/inspect/showing.h"

namespace lensfind::inspect {

/// What a static page shows, and to whom.
struct StaticOptions {
  Scheme scheme = abcx();
  ShowingOptions showing = {};
  std::string grader, title;
};

/// One HTML file with everything in it, for a grader who can reach no server. Pictures (asinh colours, square root, and without the smooth
/// galaxy), keys and order are those of the server's page. Grades stay in the browser until they are saved as a table that `grades` reads.
/// Blind pages do not show ids, yet whoever reads the file's source finds them. Throws Error.
void write_static_page(const std::filesystem::path& html, const CandidateList& objects,
                       const std::function<Drawn(std::size_t object, const View& view)>& draw, const StaticOptions& options);

}  // namespace lensfind::inspect
