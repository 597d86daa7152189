#include "lensfind/workflows/candidate_page.h"

#include <algorithm>

#include "lensfind/report/candidates.h"
#include "lensfind/score/best.h"

namespace lensfind::workflows {
namespace {

report::Candidate on_page(const score::ListedCandidate& candidate, std::optional<score::CandidatePicture> picture, std::int64_t rank,
                          const std::vector<std::string>& columns) {
  report::Candidate shown{.rank = rank, .id = candidate.id, .logit = candidate.logit, .probability = candidate.probability};
  if (candidate.position) shown.place = report::SkyPlace{candidate.position->ra_deg, candidate.position->dec_deg};
  shown.known = candidate.known;
  shown.also = candidate.also;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == score::stage_column) shown.stage = candidate.values[i];
    shown.columns.emplace_back(columns[i], candidate.values[i]);
  }
  if (!picture) return shown;
  shown.image = std::move(picture->image);
  shown.bands = std::move(picture->facts);
  shown.pixel_scale_arcsec = picture->pixel_scale_arcsec;
  shown.north_up = picture->north_up;
  return shown;
}

}  // namespace

void write_candidate_page(const std::filesystem::path& page, const std::string& title, const score::CandidateList& list,
                          std::vector<std::optional<score::CandidatePicture>> pictures, const std::vector<std::string>& notes) {
  std::vector<report::Candidate> shown;
  for (std::size_t i = 0; i < list.candidates.size(); ++i)
    shown.push_back(on_page(list.candidates[i], std::move(pictures[i]), static_cast<std::int64_t>(i) + 1, list.columns));
  report::write_candidates_page(page, title, shown, notes);
}

}  // namespace lensfind::workflows
