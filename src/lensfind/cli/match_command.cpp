#include <algorithm>

#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/workflows/match.h"

namespace lensfind::cli {
namespace {

constexpr std::size_t max_lines = 20;  // of lenses that the summary names

std::int64_t count(const workflows::MatchSummary& summary, const char* outcome) {
  return std::ranges::count(summary.known, outcome, &workflows::KnownLens::outcome);
}

void say_lenses(Console& console, const workflows::MatchSummary& summary, const char* outcome) {
  const std::int64_t all = count(summary, outcome);
  if (all == 0) return;
  console.say(fmt::format("{}: {}", outcome, with_commas(all)));
  std::size_t lines = 0;
  for (const workflows::KnownLens& lens : summary.known) {
    if (lens.outcome != outcome) continue;
    if (++lines > max_lines) {
      console.say(fmt::format("  ... and {} more in {}", all - static_cast<std::int64_t>(max_lines), summary.known_table.string()));
      return;
    }
    console.say(lens.best_rank == 0 ? fmt::format("  {}", lens.id)
                                    : fmt::format("  {}  (rank {}, logit {:.3g}, {:.2f} arcsec away)", lens.id, with_commas(lens.best_rank),
                                                  lens.best_logit, lens.separation_arcsec));
  }
}

Value summary_value(const workflows::MatchSummary& summary) {
  return empty_object()
      .set("table", summary.table.string())
      .set("known_table", summary.known_table.string())
      .set("rows", summary.rows)
      .set("rows_without_position", summary.rows_without_position)
      .set("rows_without_score", summary.rows_without_score)
      .set("candidates", summary.candidates)
      .set("objects", summary.objects)
      .set("known_objects", summary.recovered_objects)
      .set("recovered", count(summary, "recovered"))
      .set("missed", count(summary, "missed"))
      .set("not_scored", count(summary, "not scored"))
      .set("no_position", count(summary, "no position"));
}

}  // namespace

int match_command(const std::vector<std::string>& words) {
  workflows::MatchOptions options;
  CommonArguments common;
  Arguments arguments{"match",
                      "Matches the candidates of a table of scores with a list of known lenses by position: which are recovered, which are "
                      "missed and at what rank, and which candidates are one object seen twice."};
  arguments.positional(options.scores, "SCORES", "a table of scores with positions: CSV, FITS, Parquet, VOTable, ECSV");
  arguments.fields(options);
  arguments.require({"--known", "--out"});
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  const workflows::MatchSummary summary = workflows::match_candidates(options, stop_flag());
  console.say(fmt::format("{} candidates of {} rows are {} objects, {} of them known", with_commas(summary.candidates),
                          with_commas(summary.rows), with_commas(summary.objects), with_commas(summary.recovered_objects)));
  for (const char* outcome : {"recovered", "missed", "not scored", "no position"}) say_lenses(console, summary, outcome);
  if (summary.rows_without_position > 0)
    console.say(fmt::format("note: {} rows have no position and cannot be matched", with_commas(summary.rows_without_position)));
  if (summary.rows_without_score > 0)
    console.say(fmt::format("note: {} rows have no number as score and are no candidates", with_commas(summary.rows_without_score)));
  for (const std::string& note : summary.notes) console.say("note: " + note);
  console.say(fmt::format("candidates: {}; known lenses: {}", summary.table.string(), summary.known_table.string()));
  console.result(summary_value(summary));
  return 0;
}

}  // namespace lensfind::cli
