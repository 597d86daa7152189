#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/score/candidate_pictures.h"
#include "lensfind/score/candidates.h"

namespace lensfind::workflows {

/// Writes the page of candidates with their pictures, a picture or nothing a candidate; `notes` are plain sentences above them.
void write_candidate_page(const std::filesystem::path& page, const std::string& title, const score::CandidateList& list,
                          std::vector<std::optional<score::CandidatePicture>> pictures, const std::vector<std::string>& notes);

}  // namespace lensfind::workflows
