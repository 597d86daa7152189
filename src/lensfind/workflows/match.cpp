#include "lensfind/workflows/match.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/score/top_rows.h"
#include "lensfind/sky/catalogue.h"
#include "lensfind/sky/matching.h"
#include "lensfind/sky/table.h"

namespace lensfind::workflows {
namespace {

namespace fs = std::filesystem;

struct Candidate {
  std::string id, probability;
  double logit = 0;
  sky::Position position;
  std::int64_t row = 0;
  std::size_t group = 0;
  std::string known;
  double separation_arcsec = 0;
};

struct KnownList {
  std::vector<KnownLens> lenses;
  std::vector<sky::Position> positions;  ///< of those that have one
  std::vector<std::size_t> places;       ///< in `lenses`, a position each
};

/// Throws Error for names that neither table has.
void require_columns(const MatchOptions& options) {
  const sky::ColumnNames& names = options.columns;
  if (names.id.empty() && names.ra.empty() && names.dec.empty()) return;
  const auto of_scores = sky::names_in(sky::open_table(options.scores)->columns(), names);
  const auto of_known = sky::names_in(sky::open_table(options.known)->columns(), names);
  for (const auto name : {&sky::ColumnNames::id, &sky::ColumnNames::ra, &sky::ColumnNames::dec})
    if ((of_scores.*name).empty() && (of_known.*name).empty() && !(names.*name).empty())
      throw Error{fmt::format("neither {} nor {} has a column `{}`", options.scores.string(), options.known.string(), names.*name),
                  "name a column of one of them"};
}

KnownList read_known(const MatchOptions& options, std::vector<std::string>& notes) {
  const fs::path& path = options.known;
  KnownList list;
  sky::Catalogue catalogue{path, sky::names_in(sky::open_table(path)->columns(), options.columns)};
  while (const auto object = catalogue.next()) {
    list.lenses.push_back({.id = object->id, .outcome = object->position ? "not scored" : "no position"});
    if (!object->position) continue;
    list.positions.push_back(*object->position);
    list.places.push_back(list.lenses.size() - 1);
  }
  if (list.lenses.empty()) throw Error{path.string() + ": lists no lenses", "give a catalogue with positions and ids"};
  for (std::string& note : catalogue.notes()) notes.push_back(std::move(note));
  return list;
}

std::size_t logit_column(const MatchOptions& options, const std::vector<std::string>& columns) {
  if (!options.score_column.empty()) return sky::column_named(columns, options.score_column, options.scores);
  for (const char* name : {"logit", "score"})
    if (const auto found = std::ranges::find(columns, name); found != columns.end())
      return static_cast<std::size_t>(found - columns.begin());
  return sky::column_named(columns, "logit", options.scores);
}

/// The table of scores, with the places of what is needed of it.
struct ScoreRows {
  std::unique_ptr<sky::TableReader> table;
  std::size_t logit = 0;
  std::vector<std::string_view> fields = {};

  explicit ScoreRows(const MatchOptions& options)
      : table{sky::open_table(options.scores)}, logit{logit_column(options, table->columns())} {}

  /// NaN where the score is no number. Throws Error where it is a text.
  double value() const {
    if (fields[logit].empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto number = parse_number(fields[logit]);
    if (!number) throw Error{fmt::format("{}: the score is '{}'", table->where(), fields[logit]), "check the table"};
    return *number;
  }
};

/// 0: all from the threshold on.
std::size_t rows_wanted(const MatchOptions& options) {
  constexpr std::size_t usual_top = 1000;
  return options.top > 0 ? static_cast<std::size_t>(options.top) : options.threshold ? 0 : usual_top;
}

/// Goes through the table once: what are the candidates, and what is the best row at each known lens.
std::vector<Candidate> read_scores(const MatchOptions& options, const sky::PositionIndex& index, KnownList& known, MatchSummary& summary,
                                   const StopFlag& stop) {
  ScoreRows rows{options};
  const std::vector<std::string>& columns = rows.table->columns();
  const sky::ColumnNames names = sky::names_in(columns, options.columns);
  const auto id = sky::find_id_column(columns, names.id, options.scores, summary.notes);
  if (!id) throw Error{options.scores.string() + ": has no column of ids", "name it with --id-column"};
  const auto probability = std::ranges::find(columns, "probability") - columns.begin();
  const bool has_probability = static_cast<std::size_t>(probability) < columns.size();
  const sky::PositionColumns position{rows.table->heads(), options.scores, names, summary.notes};
  const double threshold = options.threshold.value_or(-std::numeric_limits<double>::infinity());
  score::TopRows<Candidate> best{rows_wanted(options)};
  for (std::vector<std::string_view>& fields = rows.fields; rows.table->next(fields); ++summary.rows) {
    if (stop) throw Stopped{"stopped while the table was read", "nothing was written; start it again"};
    const double value = rows.value();
    if (std::isnan(value)) {
      ++summary.rows_without_score;
      continue;
    }
    const auto place = position.of(fields);
    if (!place) {
      ++summary.rows_without_position;
      continue;
    }
    index.near(*place, [&](std::size_t i, double separation) {
      KnownLens& lens = known.lenses[known.places[i]];
      if (lens.outcome == "missed" && lens.best_logit >= value) return;
      lens.outcome = "missed";
      lens.best_id = fields[*id];
      lens.best_logit = value;
      lens.separation_arcsec = separation;
    });
    if (value < threshold || !best.wants(value)) continue;
    best.add({.id = std::string{fields[*id]},
              .probability = has_probability ? std::string{fields[static_cast<std::size_t>(probability)]} : std::string{},
              .logit = value,
              .position = *place,
              .row = summary.rows});
  }
  for (std::string& note : rows.table->notes()) summary.notes.push_back(std::move(note));
  return best.take();
}

/// The ranks of the known lenses need all rows once more: how many have a higher logit.
void rank_known(const MatchOptions& options, KnownList& known) {
  std::vector<double> logits;
  for (const KnownLens& lens : known.lenses)
    if (!std::isnan(lens.best_logit)) logits.push_back(lens.best_logit);
  std::ranges::sort(logits);
  std::vector<std::int64_t> above(logits.size() + 1);  // rows whose logit is higher than exactly so many of `logits`
  ScoreRows rows{options};
  while (rows.table->next(rows.fields)) {
    const double value = rows.value();
    if (!std::isnan(value)) ++above[static_cast<std::size_t>(std::ranges::lower_bound(logits, value) - logits.begin())];
  }
  for (KnownLens& lens : known.lenses) {
    if (std::isnan(lens.best_logit)) continue;
    const auto place = std::ranges::upper_bound(logits, lens.best_logit) - logits.begin();
    lens.best_rank = 1;
    for (auto i = static_cast<std::size_t>(place); i < above.size(); ++i) lens.best_rank += above[i];
  }
}

/// Names the nearest known lens of each candidate, and counts a lens recovered where a candidate is near it.
void match(std::vector<Candidate>& candidates, const sky::PositionIndex& index, KnownList& known) {
  for (Candidate& candidate : candidates) {
    candidate.separation_arcsec = std::numeric_limits<double>::infinity();
    index.near(candidate.position, [&](std::size_t i, double separation) {
      KnownLens& lens = known.lenses[known.places[i]];
      lens.outcome = "recovered";
      if (separation >= candidate.separation_arcsec) return;
      candidate.separation_arcsec = separation;
      candidate.known = lens.id;
    });
  }
}

void group(std::vector<Candidate>& candidates, double radius_arcsec) {
  std::vector<sky::Position> positions;
  for (const Candidate& candidate : candidates) positions.push_back(candidate.position);
  const std::vector<std::size_t> groups = sky::group_positions(positions, radius_arcsec);
  for (std::size_t i = 0; i < candidates.size(); ++i) candidates[i].group = groups[i];
}

void write_candidates(const fs::path& path, const std::vector<Candidate>& candidates, MatchSummary& summary) {
  AtomicFile file{path};
  file.write("rank,id,logit,probability,ra,dec,group,first_of_group,known,separation_arcsec\n");
  std::vector<bool> known;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    const bool first = candidate.group == known.size();
    if (first) known.push_back(false);
    if (!candidate.known.empty()) known[candidate.group] = true;
    file.write(fmt::format("{},{},{},{},{},{},{},{},{},{}\n", i + 1, csv_field(candidate.id), static_cast<float>(candidate.logit),
                           candidate.probability, candidate.position.ra_deg, candidate.position.dec_deg, candidate.group + 1, first ? 1 : 0,
                           csv_field(candidate.known),
                           candidate.known.empty() ? std::string{} : fmt::format("{:.3f}", candidate.separation_arcsec)));
  }
  file.commit();
  summary.candidates = static_cast<std::int64_t>(candidates.size());
  summary.objects = static_cast<std::int64_t>(known.size());
  summary.recovered_objects = std::ranges::count(known, true);
}

void write_known(const fs::path& path, const KnownList& known) {
  AtomicFile file{path};
  file.write("id,ra,dec,outcome,best_id,best_logit,best_rank,separation_arcsec\n");
  std::size_t next = 0;
  for (std::size_t i = 0; i < known.lenses.size(); ++i) {
    const KnownLens& lens = known.lenses[i];
    std::string line = csv_field(lens.id) + ",";
    if (next < known.places.size() && known.places[next] == i) {
      fmt::format_to(std::back_inserter(line), "{},{}", known.positions[next].ra_deg, known.positions[next].dec_deg);
      ++next;
    } else {
      line += ",";
    }
    line += "," + lens.outcome + ",";
    if (lens.best_rank > 0) {
      fmt::format_to(std::back_inserter(line), "{},{},{},{:.3f}\n", csv_field(lens.best_id), static_cast<float>(lens.best_logit),
                     lens.best_rank, lens.separation_arcsec);
    } else {
      line += ",,,\n";
    }
    file.write(line);
  }
  file.commit();
}

}  // namespace

MatchSummary match_candidates(const MatchOptions& options, const StopFlag& stop) {
  require_output_file(options.out, options.overwrite, {options.scores, options.known});
  MatchSummary summary{.table = options.out};
  require_columns(options);
  KnownList known = read_known(options, summary.notes);
  const sky::PositionIndex index{known.positions, options.radius_arcsec};
  std::vector<Candidate> candidates = read_scores(options, index, known, summary, stop);
  rank_known(options, known);
  match(candidates, index, known);
  group(candidates, options.group_arcsec.value_or(options.radius_arcsec));
  fs::path known_table = options.out;
  summary.known_table = known_table.replace_extension("known.csv");
  write_known(summary.known_table, known);
  write_candidates(options.out, candidates, summary);
  summary.known = std::move(known.lenses);
  return summary;
}

}  // namespace lensfind::workflows
