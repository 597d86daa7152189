#include "lensfind/score/candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/score/best.h"
#include "lensfind/score/repricing.h"
#include "lensfind/score/top_rows.h"
#include "lensfind/sky/catalogue.h"
#include "lensfind/sky/matching.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t usual_top = 100;
constexpr std::array own_columns{"rank", "id", "logit", "probability", "ra", "dec", "known", "separation_arcsec", "detections", "also"};

/// A table of scores with the places of what is needed of it.
class ScoreRows {
 public:
  ScoreRows(const CandidateOptions& options, std::vector<std::string>& notes) : path_{options.scores}, table_{sky::open_table(path_)} {
    const std::vector<std::string>& columns = table_->columns();
    const auto id = sky::find_id_column(columns, options.columns.id, path_, notes);
    if (!id) throw Error{path_.string() + ": has no column of ids", "name it with --id-column"};
    id_ = *id;
    logit_ = logit_column(columns, options.score_column);
    probability_ = find(columns, "probability");
    stage_ = find(columns, stage_column);
    if (sky::PositionColumns::are_in(table_->heads(), options.columns)) position_.emplace(table_->heads(), path_, options.columns, notes);
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (i != id_ && i != logit_ && std::ranges::find(own_columns, columns[i]) == own_columns.end()) passed_.push_back(i);
  }

  [[nodiscard]] bool has_positions() const { return position_.has_value(); }
  [[nodiscard]] std::vector<std::string> passed() const {
    std::vector<std::string> names;
    for (const std::size_t i : passed_) names.push_back(table_->columns()[i]);
    return names;
  }
  bool next() { return table_->next(fields_); }
  /// NaN where the score is no number. Throws Error where it is a text.
  [[nodiscard]] double logit() const {
    if (fields_[logit_].empty()) return std::nan("");
    const auto number = parse_number(fields_[logit_]);
    if (!number) throw Error{fmt::format("{}: the score is '{}'", table_->where(), fields_[logit_]), "check the table"};
    return *number;
  }
  [[nodiscard]] ListedCandidate candidate(double logit, std::int64_t row, const Repricing& repricing) const {
    const double own = probability_ ? parse_number(fields_[*probability_]).value_or(std::nan("")) : std::nan("");
    const bool by_odds = stage_ && fields_[*stage_] == "student";
    ListedCandidate candidate{
        .id = std::string{fields_[id_]}, .logit = logit, .probability = repricing.probability(logit, own, by_odds), .row = row};
    if (position_) candidate.position = position_->of(fields_);
    for (const std::size_t i : passed_) candidate.values.emplace_back(fields_[i]);
    return candidate;
  }
  [[nodiscard]] std::vector<std::string> notes() const { return table_->notes(); }

 private:
  static std::optional<std::size_t> find(const std::vector<std::string>& columns, const char* name) {
    const auto found = std::ranges::find(columns, name);
    return found == columns.end() ? std::nullopt : std::optional{static_cast<std::size_t>(found - columns.begin())};
  }
  [[nodiscard]] std::size_t logit_column(const std::vector<std::string>& columns, const std::string& given) const {
    if (!given.empty()) return sky::column_named(columns, given, path_);
    for (const char* name : {"logit", "score"})
      if (const auto found = find(columns, name)) return *found;
    return sky::column_named(columns, "logit", path_);
  }

  fs::path path_;
  std::unique_ptr<sky::TableReader> table_;
  std::size_t id_ = 0, logit_ = 0;
  std::optional<std::size_t> probability_, stage_;
  std::optional<sky::PositionColumns> position_;
  std::vector<std::size_t> passed_;
  std::vector<std::string_view> fields_;
};

/// The rows from the threshold on, at most `most` of them (0: all), best first.
std::vector<ListedCandidate> best_rows(const CandidateOptions& options, const Repricing& repricing, std::size_t max, CandidateList& list) {
  list.notes.clear();
  ScoreRows rows{options, list.notes};
  if (!rows.has_positions() && (options.collapse_arcsec || !options.known.empty()))
    throw Error{options.scores.string() + ": has no positions, so nothing can be matched or collapsed",
                "name its columns with --ra-column and --dec-column"};
  list.columns = rows.passed();
  list.rows = list.rows_without_score = 0;
  const double threshold = list.threshold.value_or(-std::numeric_limits<double>::infinity());
  TopRows<ListedCandidate> top{max};
  for (; rows.next(); ++list.rows) {
    const double logit = rows.logit();
    if (std::isnan(logit)) ++list.rows_without_score;
    if (logit >= threshold && top.wants(logit)) top.add(rows.candidate(logit, list.rows, repricing));
  }
  for (std::string& note : rows.notes()) list.notes.push_back(std::move(note));
  return top.take();
}

/// One candidate for each place on the sky; those without a position stay.
std::vector<ListedCandidate> collapsed(std::vector<ListedCandidate> rows, double radius_arcsec) {
  std::vector<sky::Position> positions;
  for (const ListedCandidate& row : rows)
    if (row.position) positions.push_back(*row.position);
  const std::vector<std::size_t> groups = sky::group_positions(positions, radius_arcsec);
  std::vector<std::optional<std::size_t>> first_of(groups.size());  // groups are at most as many as rows
  std::vector<ListedCandidate> kept;
  std::size_t next = 0;
  for (ListedCandidate& row : rows) {
    if (row.position) {
      std::optional<std::size_t>& first = first_of[groups[next++]];
      if (first) {
        kept[*first].also.push_back(std::move(row.id));
        continue;
      }
      first = kept.size();
    }
    kept.push_back(std::move(row));
  }
  return kept;
}

std::vector<ListedCandidate> choose(const CandidateOptions& options, const Repricing& repricing, CandidateList& list) {
  const std::size_t wanted = options.top > 0 ? options.top : options.threshold.empty() ? usual_top : 0;
  std::size_t max = wanted;
  while (true) {
    std::vector<ListedCandidate> rows = best_rows(options, repricing, max, list);
    const bool all = max == 0 || rows.size() < max;
    if (!options.collapse_arcsec) return rows;
    std::vector<ListedCandidate> kept = collapsed(std::move(rows), *options.collapse_arcsec);
    if (all || kept.size() >= wanted) {
      if (wanted > 0 && kept.size() > wanted) kept.resize(wanted);
      return kept;
    }
    max *= 4;  // too many of them are one object
  }
}

void tag_known(const CandidateOptions& options, CandidateList& list) {
  std::vector<std::string> names;
  std::vector<sky::Position> positions;
  sky::Catalogue catalogue{options.known, sky::names_in(sky::open_table(options.known)->columns(), options.columns)};
  while (auto object = catalogue.next()) {
    if (!object->position) continue;
    names.push_back(std::move(object->id));
    positions.push_back(*object->position);
  }
  if (names.empty()) throw Error{options.known.string() + ": lists no lens with a position", "give a catalogue with positions and ids"};
  const sky::PositionIndex index{positions, options.known_radius_arcsec};
  for (ListedCandidate& candidate : list.candidates) {
    if (!candidate.position) continue;
    index.near(*candidate.position, [&](std::size_t i, double separation) {
      if (separation >= candidate.separation_arcsec) return;
      candidate.known = names[i];
      candidate.separation_arcsec = separation;
    });
  }
  for (std::string& note : catalogue.notes()) list.notes.push_back(std::move(note));
}

double threshold_of(const std::string& text, const Repricing& repricing) {
  const auto number = parse_number(text);
  if (!number) return repricing.threshold(text);
  if (std::isnan(*number)) throw Error{"a threshold of nan leaves nothing", "give a logit or the name of an operating point"};
  return *number;
}

std::string line_of(std::size_t rank, const ListedCandidate& candidate) {
  std::string line = fmt::format("{},{},{},", rank, csv_field(candidate.id), static_cast<float>(candidate.logit));
  const auto out = std::back_inserter(line);
  if (!std::isnan(candidate.probability)) fmt::format_to(out, "{:.6g}", candidate.probability);
  if (candidate.position) {
    fmt::format_to(out, ",{},{}", candidate.position->ra_deg, candidate.position->dec_deg);
  } else {
    line += ",,";
  }
  fmt::format_to(out, ",{},", csv_field(candidate.known));
  if (!candidate.known.empty()) fmt::format_to(out, "{:.3f}", candidate.separation_arcsec);
  fmt::format_to(out, ",{},{}", candidate.also.size() + 1, csv_field(fmt::format("{}", fmt::join(candidate.also, " "))));
  for (const std::string& value : candidate.values) line += "," + csv_field(value);
  return line + "\n";
}

}  // namespace

CandidateList list_candidates(const CandidateOptions& options) {
  CandidateList list;
  list.about = read_about(options.scores);
  const Repricing repricing{list.about, options.model, options.prevalence};
  list.prevalence = repricing.prevalence();
  if (!options.threshold.empty()) list.threshold = threshold_of(options.threshold, repricing);
  list.candidates = choose(options, repricing, list);
  if (!options.known.empty()) tag_known(options, list);
  if (!list.about && options.model.empty())
    list.notes.push_back(options.scores.string() +
                         ": does not say how its logits become probabilities (no OUT.run.json beside it): those in the table were kept; "
                         "--model gives others");
  if (!options.model.empty()) {
    About about = list.about.value_or(About{});
    about.calibration = repricing.calibration();
    about.thresholds = repricing.thresholds();
    list.about = std::move(about);
  }
  if (list.about) list.about->prevalence = list.prevalence;
  return list;
}

void write_candidates(const fs::path& table, const CandidateList& list) {
  AtomicFile file{table};
  std::string header;
  for (const char* name : own_columns) header += (header.empty() ? "" : ",") + std::string{name};
  for (const std::string& name : list.columns) header += "," + csv_field(name);
  file.write(header + "\n");
  for (std::size_t i = 0; i < list.candidates.size(); ++i) file.write(line_of(i + 1, list.candidates[i]));
  if (list.about) write_file(about_file(table), to_json(empty_object().set("about", to_json_value(*list.about))) + "\n");
  file.commit();
}

}  // namespace lensfind::score
