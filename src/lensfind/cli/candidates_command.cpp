#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/output_folder.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/score/candidate_pictures.h"
#include "lensfind/score/candidates.h"
#include "lensfind/workflows/candidate_page.h"

namespace lensfind::cli {
namespace {

constexpr const char* examples =
    R"(Examples:
  lensfind candidates scores.csv --top 50 --images cutouts --out best
      the 50 best with their pictures
  lensfind candidates scores.fits --threshold fpr_1e-3 --prevalence 1e-4 --out strict
      all from the model's own operating point on, with probabilities for a survey with one lens in 10,000 galaxies
  lensfind candidates scores.csv --collapse 2 --known known_lenses.csv --fields tiles --out new
      one candidate for each place on the sky, known lenses tagged, pictures cut from the survey's tiles
Nothing is scored again, and the table may be anybody's: CSV, FITS, Parquet, VOTable or ECSV with ids and a logit or score.
OUT/candidates.csv may be given to `candidates`, `match` and `evaluate --scores` again.)";

/// "threshold 1.5 (f1)".
std::string chosen_text(const score::CandidateOptions& options, const score::CandidateList& list) {
  if (!list.threshold) return "the best";
  const std::string logit = fmt::format("{:.4g}", *list.threshold);
  return options.threshold == logit ? fmt::format("with a logit of at least {}", logit)
                                    : fmt::format("with a logit of at least {} ({})", logit, options.threshold);
}

std::string prevalence_text(const score::CandidateList& list) {
  const auto has_one = [](const score::ListedCandidate& candidate) { return !std::isnan(candidate.probability); };
  if (std::ranges::none_of(list.candidates, has_one)) return "no probabilities: the table has none, and none can be made of its scores";
  if (!list.prevalence) return "probabilities are those of the table, for a fraction of lenses that it does not say";
  double sum = 0;
  for (const score::ListedCandidate& candidate : list.candidates) sum += std::isnan(candidate.probability) ? 0 : candidate.probability;
  return fmt::format("probabilities are for a fraction of {:g} lenses among the objects: by them {:.2g} of the {} candidates are lenses",
                     *list.prevalence, sum, with_commas(static_cast<std::int64_t>(list.candidates.size())));
}

void write_page(const std::filesystem::path& page, const score::CandidateOptions& options, const score::CandidateList& list,
                std::vector<std::optional<score::CandidatePicture>> pictures) {
  std::vector<std::string> notes{prevalence_text(list)};
  if (list.about && list.about->images.like_training)
    for (std::string& sentence : list.about->images.text()) notes.push_back(std::move(sentence));
  const std::string title =
      list.threshold ? fmt::format("{} of {} objects, {}", list.candidates.size(), with_commas(list.rows), chosen_text(options, list))
                     : fmt::format("The {} best of {} objects", list.candidates.size(), with_commas(list.rows));
  workflows::write_candidate_page(page, title, list, std::move(pictures), notes);
}

Value summary_value(const score::CandidateList& list, const std::filesystem::path& out) {
  Value notes{Value::Array{}};
  for (const std::string& note : list.notes) notes.push_back(note);
  std::int64_t known = 0;
  for (const score::ListedCandidate& candidate : list.candidates) known += candidate.known.empty() ? 0 : 1;
  return empty_object()
      .set("table", (out / "candidates.csv").string())
      .set("page", (out / "candidates.html").string())
      .set("rows", list.rows)
      .set("rows_without_score", list.rows_without_score)
      .set("candidates", list.candidates.size())
      .set("known", known)
      .set("threshold", list.threshold ? Value{*list.threshold} : Value{})
      .set("prevalence", list.prevalence ? Value{*list.prevalence} : Value{})
      .set("notes", notes);
}

std::vector<std::filesystem::path> what_is_read(const score::CandidateOptions& options, const score::PictureSources& sources) {
  std::vector<std::filesystem::path> paths{options.scores};
  for (const std::filesystem::path& path : {options.model, options.known})
    if (!path.empty()) paths.push_back(path);
  paths.insert(paths.end(), sources.images.begin(), sources.images.end());
  paths.insert(paths.end(), sources.fields.begin(), sources.fields.end());
  return paths;
}

}  // namespace

int candidates_command(const std::vector<std::string>& words) {
  score::CandidateOptions options;
  score::PictureSources sources;
  std::filesystem::path out;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"candidates",
                      "The candidates of a finished table of scores, without scoring again: a table with probabilities for the fraction of "
                      "lenses that is expected, one row for each object, known lenses tagged, and a page with their pictures and links to "
                      "what others know of their places."};
  arguments.positional(options.scores, "SCORES", "a table of scores of any kind");
  arguments.option(out, "--out", "DIR", "folder to make: candidates.csv and candidates.html", true);
  arguments.fields(options);
  arguments.fields(sources);
  arguments.flag(overwrite, "--overwrite", "replace OUT");
  common.declare(arguments);
  arguments.footer(examples);
  arguments.parse(words);

  Console console{common};
  AtomicFolder folder{{.path = out,
                       .kind = FolderKind::candidates,
                       .command = "candidates",
                       .overwrite = overwrite,
                       .inputs = what_is_read(options, sources)}};
  score::CandidateList list = score::list_candidates(options);
  if (sources.bands.empty() && list.about) sources.bands = list.about->bands;
  auto pictures = score::candidate_pictures(list, sources);
  score::write_candidates(folder.path() / "candidates.csv", list);
  write_page(folder.path() / "candidates.html", options, list, std::move(pictures));
  folder.commit();

  console.say(fmt::format("{} candidates of {} objects, {}", with_commas(static_cast<std::int64_t>(list.candidates.size())),
                          with_commas(list.rows), chosen_text(options, list)));
  console.say(prevalence_text(list));
  if (list.about && list.about->images.like_training == false)
    for (const std::string& sentence : list.about->images.text()) console.say("warning: " + sentence);
  if (list.rows_without_score > 0)
    console.say(fmt::format("note: {} rows have no number as score and are no candidates", with_commas(list.rows_without_score)));
  for (const std::string& note : list.notes) console.say("note: " + note);
  console.say(fmt::format("table: {}\npage: {}", (out / "candidates.csv").string(), (out / "candidates.html").string()));
  console.result(summary_value(list, out));
  return 0;
}

}  // namespace lensfind::cli
