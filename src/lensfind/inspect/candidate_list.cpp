#include "lensfind/inspect/candidate_list.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/matching.h"
#include "lensfind/sky/table.h"

namespace lensfind::inspect {
namespace {

namespace fs = std::filesystem;

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t max_columns = 40;  // that the page shows of a catalogue

std::optional<std::size_t> find_column(const std::vector<std::string>& columns, std::initializer_list<const char*> names) {
  for (const char* name : names)
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (sky::bare_name(columns[i]) == sky::bare_name(name)) return i;
  return {};
}

/// The rows of a table of objects by the columns that are usual for them.
class ObjectRows {
 public:
  ObjectRows(const fs::path& path, const sky::ColumnNames& names, std::vector<std::string>& notes)
      : table_{sky::open_table(path)}, id_{sky::find_id_column(columns(), names.id, path, notes)} {
    if (!id_) throw Error{path.string() + ": has no column of ids", "name it with --id-column"};
    if (!names.ra.empty() || sky::PositionColumns::are_in(table_->heads(), names)) position_.emplace(table_->heads(), path, names, notes);
  }

  [[nodiscard]] const std::vector<std::string>& columns() const { return table_->columns(); }
  bool next() { return table_->next(fields); }
  [[nodiscard]] std::string id() const { return std::string{fields[*id_]}; }
  [[nodiscard]] std::size_t id_column() const { return *id_; }
  [[nodiscard]] std::optional<sky::Position> position() const { return position_ ? position_->of(fields) : std::nullopt; }
  [[nodiscard]] double number(const std::optional<std::size_t>& column) const {
    return column ? parse_number(fields[*column]).value_or(no_number) : no_number;
  }
  [[nodiscard]] Label label(const std::optional<std::size_t>& column, Label otherwise) const {
    if (!column) return otherwise;
    const auto label = label_from_text(fields[*column]);
    if (!label) throw Error{fmt::format("{}: `{}` is no label", table_->where(), fields[*column]), label_hint};
    return *label;
  }
  [[nodiscard]] std::string where() const { return table_->where(); }

  std::vector<std::string_view> fields;

 private:
  std::unique_ptr<sky::TableReader> table_;
  std::optional<std::size_t> id_;
  std::optional<sky::PositionColumns> position_;
};

void keep_best(std::vector<Listed>& objects, std::size_t top) {
  const auto score = [](const Listed& listed) { return std::isnan(listed.object.logit) ? -INFINITY : listed.object.logit; };
  std::ranges::stable_sort(objects, std::ranges::greater{}, score);
  objects.resize(std::min(objects.size(), top));
}

}  // namespace

CandidateList read_candidates(const CandidateOptions& options) {
  CandidateList list;
  ObjectRows rows{options.table, options.columns, list.notes};
  const auto logit = find_column(rows.columns(), {"logit", "score"}), probability = find_column(rows.columns(), {"probability"});
  const auto for_grader = find_column(rows.columns(), {"for_grader"});
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < rows.columns().size() && shown.size() < max_columns; ++i) {
    if (i == rows.id_column() || i == logit || i == probability || i == for_grader) continue;
    shown.push_back(i);
    list.columns.push_back(rows.columns()[i]);
  }
  std::unordered_set<std::string> seen;
  while (rows.next()) {
    Listed listed{
        .object = {.id = rows.id(), .position = rows.position(), .logit = rows.number(logit), .probability = rows.number(probability)}};
    if (listed.object.id.empty() || !seen.insert(listed.object.id).second)
      throw Error{fmt::format("{}: the id `{}` {}", rows.where(), listed.object.id, listed.object.id.empty() ? "is empty" : "stands twice"),
                  "give each candidate an id of its own; --id-column names another column"};
    if (for_grader) listed.for_grader = rows.fields[*for_grader];
    for (const std::size_t i : shown) listed.values.emplace_back(rows.fields[i]);
    list.objects.push_back(std::move(listed));
  }
  if (list.objects.empty()) throw Error{options.table.string() + ": has no rows", "give a table of candidates"};
  if (options.top > 0) {
    if (!logit) throw Error{options.table.string() + ": has no column `logit` or `score`", "leave --top out"};
    keep_best(list.objects, options.top);
  }
  return list;
}

std::vector<GradedObject> read_controls(const fs::path& table) {
  std::vector<std::string> notes;
  ObjectRows rows{table, {}, notes};
  const std::vector<std::string>& columns = rows.columns();
  const auto label = find_column(columns, {"label", "truth"}), role = find_column(columns, {"role"});
  if (!label) throw Error{table.string() + ": has no column `label`", "give 1 for lenses and 0 for what is none"};
  const auto radius = find_column(columns, {"theta_e_arcsec"}), snr = find_column(columns, {"arc_snr"});
  auto magnitude = find_column(columns, {"source_mag"});
  std::vector<std::size_t> snr_of_bands;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].starts_with("arc_snr_")) snr_of_bands.push_back(i);
    if (!magnitude && columns[i].starts_with("source_mag_")) magnitude = i;
  }
  std::vector<GradedObject> controls;
  while (rows.next()) {
    GradedObject control{.id = rows.id(), .truth = rows.label(label, Label::unknown), .position = rows.position()};
    if (control.truth == Label::unknown) continue;
    control.theta_e_arcsec = rows.number(radius);
    control.arc_snr = rows.number(snr);
    for (const std::size_t i : snr_of_bands)
      if (const double value = rows.number(i); !snr && !std::isnan(value)) control.arc_snr = std::fmax(control.arc_snr, value);
    control.source_mag = rows.number(magnitude);
    const bool is_painted = control.truth == Label::lens && !std::isnan(control.theta_e_arcsec);
    control.role = role && !rows.fields[*role].empty() ? value_named<Role>(std::string{rows.fields[*role]})
                   : is_painted                        ? Role::painted
                   : control.truth == Label::lens      ? Role::known
                                                       : Role::random;
    if (control.role == Role::candidate) throw Error{rows.where() + ": a control is no candidate", "its role is known, painted or random"};
    controls.push_back(std::move(control));
  }
  if (controls.empty()) throw Error{table.string() + ": has no rows with a label", "give controls, with 1 or 0 in the column `label`"};
  return controls;
}

std::int64_t mark_known(std::vector<Listed>& candidates, const fs::path& list, double radius_arcsec) {
  std::vector<std::string> notes;
  ObjectRows rows{list, {}, notes};
  const auto label = find_column(rows.columns(), {"label", "truth"});
  std::unordered_map<std::string, Label> by_id;
  std::vector<sky::Position> positions;
  std::vector<Label> labels;
  while (rows.next()) {
    const Label truth = rows.label(label, Label::lens);
    by_id.emplace(rows.id(), truth);
    if (const auto position = rows.position()) {
      positions.push_back(*position);
      labels.push_back(truth);
    }
  }
  const sky::PositionIndex index{positions, radius_arcsec};
  std::int64_t marked = 0;
  for (Listed& candidate : candidates) {
    Label truth = Label::unknown;
    if (const auto same = by_id.find(candidate.object.id); same != by_id.end()) truth = same->second;
    double nearest = INFINITY;
    if (candidate.object.position)
      index.near(*candidate.object.position, [&](std::size_t i, double separation) {
        if (separation >= nearest) return;
        nearest = separation;
        truth = labels[i];
      });
    if (truth == Label::unknown) continue;
    candidate.object.role = Role::known;
    candidate.object.truth = truth;
    ++marked;
  }
  return marked;
}

}  // namespace lensfind::inspect
