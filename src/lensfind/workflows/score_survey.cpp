#include "lensfind/workflows/score_survey.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/number_text.h"
#include "lensfind/score/about.h"
#include "lensfind/score/table.h"
#include "lensfind/workflows/candidate_page.h"

namespace lensfind::workflows {
namespace {

/// Pictures of the best as their files have them; where that is gone, as the network saw them.
std::vector<std::optional<score::CandidatePicture>> pictures_of(const score::RunSummary& summary, const score::RunOptions& options,
                                                                score::CandidateList& list) {
  score::PictureSources sources{.bands = options.bands, .pattern = options.pattern};
  (options.catalogue ? sources.fields : sources.images) = options.inputs;
  std::vector<std::optional<score::CandidatePicture>> pictures(list.candidates.size());
  try {
    if (const auto about = score::read_about(summary.table); about && sources.bands.empty()) sources.bands = about->bands;
    pictures = score::candidate_pictures(list, sources);
  } catch (const Error&) {
    // The scores are there; a page with fewer pictures is no reason to fail.
  }
  for (std::size_t i = 0; i < std::min(pictures.size(), summary.top.size()); ++i)
    if (!pictures[i] && summary.top[i].image.shape().values() > 0) pictures[i] = score::CandidatePicture{.image = summary.top[i].image};
  return pictures;
}

void write_page(const score::RunSummary& summary, const score::RunOptions& options, const std::filesystem::path& page) {
  score::CandidateList list = score::list_candidates({.scores = *summary.top_table, .top = summary.top.size()});
  std::vector<std::string> notes{prevalence_text(summary, options.prevalence.has_value())};
  for (std::string& sentence : summary.images.text()) notes.push_back(std::move(sentence));
  const std::string title = fmt::format("The {} best of {} cutouts", list.candidates.size(), with_commas(summary.scored));
  auto pictures = pictures_of(summary, options, list);
  write_candidate_page(page, title, list, std::move(pictures), notes);
}

}  // namespace

std::string prevalence_text(const score::RunSummary& summary, bool asked) {
  if (!summary.prevalence) return "no probabilities: the model is not calibrated";
  return fmt::format("probabilities are for a fraction of {:g} lenses among the objects{}", *summary.prevalence,
                     asked ? "" : " (what the model states for surveys; --prevalence gives another)");
}

ScoreResult score_survey(const std::filesystem::path& model, const score::RunOptions& options, Progress& progress, const StopFlag& stop) {
  ScoreResult result{.summary = score::run_score(model, options, progress, stop)};
  const bool is_first = options.ranks == nullptr || options.ranks->rank() == 0;
  if (!is_first || options.top == 0 || !result.summary.top_table) return result;
  result.page = score::TableNames{options.out}.page;
  write_page(result.summary, options, *result.page);
  return result;
}

}  // namespace lensfind::workflows
