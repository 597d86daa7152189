#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/cli/column_arguments.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/score/match.h"

namespace lensfind::cli {
namespace {

constexpr std::size_t max_lines = 20;  // of lenses that the summary names

std::int64_t count(const score::MatchSummary& summary, const char* outcome) {
  return std::ranges::count(summary.known, outcome, &score::KnownLens::outcome);
}

void say_lenses(Console& console, const score::MatchSummary& summary, const char* outcome) {
  const std::int64_t all = count(summary, outcome);
  if (all == 0) return;
  console.say(fmt::format("{}: {}", outcome, with_commas(all)));
  std::size_t lines = 0;
  for (const score::KnownLens& lens : summary.known) {
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

Value summary_value(const score::MatchSummary& summary) {
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
  score::MatchOptions options;
  std::optional<double> radius, grouping, threshold;
  int top = 0;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"match",
                      "Matches the candidates of a table of scores with a list of known lenses by position: which are recovered, which are "
                      "missed and at what rank, and which candidates are one object seen twice."};
  arguments.positional(options.scores, "SCORES", "a table of scores with positions: CSV, FITS, Parquet, VOTable, ECSV");
  arguments.option(options.known, "--known", "LIST", "known lenses with ids and positions, a table of any of these kinds", true);
  arguments.option(options.out, "--out", "FILE", "the candidates, as CSV; the known lenses go beside it, as .known.csv", true);
  arguments.option(radius, "--radius", "ARCSEC", "up to this separation a candidate is a known lens (default 2)");
  arguments.option(grouping, "--group", "ARCSEC", "candidates in chains of such steps are one object (default: the radius)");
  arguments.option(top, "--top", "K", "the K best rows are the candidates (default 1000, without --threshold)");
  arguments.option(threshold, "--threshold", "LOGIT", "rows with at least this logit are the candidates");
  declare_column_names(arguments, options.columns);
  arguments.option(options.score_column, "--score-column", "NAME", "column of the scores in SCORES (default logit or score)");
  arguments.flag(overwrite, "--overwrite", "replace OUT");
  common.declare(arguments);
  arguments.parse(words);

  if (top < 0) throw Usage{"--top takes a number from 1 on"};
  options.radius_arcsec = radius.value_or(2);
  options.group_arcsec = grouping.value_or(options.radius_arcsec);
  options.top = top > 0 ? static_cast<std::size_t>(top) : threshold ? 0 : 1000;
  options.threshold = threshold.value_or(-std::numeric_limits<double>::infinity());
  require_output_file(options.out, overwrite, {options.scores, options.known});

  Console console{common};
  const score::MatchSummary summary = score::match_candidates(options);
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
