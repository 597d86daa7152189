#include "lensfind/combine/workflow.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/table.h"

namespace lensfind::combine {
namespace {

std::vector<std::size_t> all_finders(std::size_t n) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(i);
  return out;
}

void note_reversed_finders(const Study& study, Fitted& out) {
  for (const Judged& finder : study.finders)
    if (finder.auc < .5)
      out.notes.push_back(
          fmt::format("{}: its higher scores mean fewer lenses (AUC {:.3f}); every rule turns them round", finder.name, finder.auc));
}

Value figures_of(const Judged& judged) {
  return empty_object()
      .set("name", judged.name)
      .set("auc", judged.auc)
      .set("average_precision", judged.average_precision)
      .set("tpr_at_fpr_1e-2", judged.tpr_at_fpr_1e_2);
}

Value intervals_of(const std::vector<evaluate::PairedDifference>& differences) {
  Value out = empty_object();
  for (const evaluate::PairedDifference& d : differences)
    out.set(d.figure, empty_object().set("value", d.difference.value).set("low", d.difference.low).set("high", d.difference.high));
  return out;
}

std::string gain_sentence(const Judged& chosen, const evaluate::Estimate& gain, const std::string& than) {
  const std::string numbers = fmt::format("average precision {:.3f}, {:+.3f} (95% {:+.3f} to {:+.3f}) against {}", chosen.average_precision,
                                          gain.value, gain.low, gain.high, than);
  if (gain.low == 0 && gain.high == 0) return numbers + ": it orders all objects alike.";
  if (gain.low > 0) return numbers + ": the gain excludes 0.";
  if (gain.high < 0) return numbers + ": combining LOSES here.";
  return numbers + ": the interval includes 0, these labels do not show a gain.";
}

std::vector<std::string> fields_of(const Applied::Row& row, bool labels) {
  const auto number = [](double value) { return std::isnan(value) ? std::string{} : fmt::format("{}", value); };
  std::vector<std::string> out{row.id, number(row.log_likelihood_ratio), number(row.probability), row.finders};
  if (labels) out.emplace_back(row.label == Label::unknown ? "" : row.label == Label::lens ? "1" : "0");
  return out;
}

void write_csv(const std::filesystem::path& path, const std::vector<std::string>& names, const Applied& applied, bool labels) {
  AtomicFile file{path};
  file.write(fmt::format("{}\n", fmt::join(names, ",")));
  for (const Applied::Row& row : applied.rows) {
    std::vector<std::string> fields = fields_of(row, labels);
    for (std::string& field : fields) field = csv_field(field);
    file.write(fmt::format("{}\n", fmt::join(fields, ",")));
  }
  file.commit();
}

}  // namespace

Fitted fit_finders(const FitOptions& options, Progress& progress) {
  if (options.tables.size() < 2) throw Error{"one finder cannot be combined", "give two or more, as NAME=FILE NAME=FILE"};
  JoinedTables joined = join_finder_tables(options.tables, options.columns);
  Fitted out{.objects = static_cast<std::int64_t>(joined.scores.rows()), .notes = std::move(joined.notes)};
  if (!options.labels.empty()) out.unmatched = label_rows(joined.scores, options.labels, options.columns).unmatched;
  out.labelled = std::ranges::count_if(joined.scores.labels, [](Label label) { return label != Label::unknown; });
  if (out.labelled == 0)
    throw Error{"no object that a finder scored has a label", "give labels (id,label) with --labels; ids must be those of the tables"};
  const LabelledRows rows = labelled_rows(joined.scores, all_finders(joined.finders.size()));
  out.left_out = out.labelled - static_cast<std::int64_t>(rows.size());
  out.study = study_rules(rows, joined.scores.finders, options.choice, progress);
  note_reversed_finders(out.study, out);
  out.combination = fit_combination(joined.scores, std::move(joined.finders), out.study.choice.kind, options.choice, progress);
  return out;
}

Value to_json_value(const Study& study) {
  Value::Array rules, finders, picked;
  const auto with_gains = [&](const Judged& judged, const Study::Gain& gain) {
    return figures_of(judged)
        .set("minus_plain_mean", intervals_of(gain.over_mean))
        .set("minus_best_finder", intervals_of(gain.over_finder));
  };
  for (std::size_t i = 0; i < study.choice.rules.size(); ++i) rules.push_back(with_gains(study.choice.rules[i], study.gains[i]));
  for (const Judged& finder : study.finders) finders.push_back(figures_of(finder));
  for (const RuleKind kind : study.picked) picked.emplace_back(name_of(kind));
  Value::Array words;
  for (std::string& sentence : gains_in_words(study)) words.emplace_back(std::move(sentence));
  return empty_object()
      .set("rule", name_of(study.choice.kind))
      .set("best_finder", study.finders[study.best_finder].name)
      .set("finders", std::move(finders))
      .set("rules", std::move(rules))
      .set("chosen", with_gains(study.chosen, study.gains.back()).set("picked_in_folds", std::move(picked)))
      .set("in_words", std::move(words));
}

std::vector<std::string> gains_in_words(const Study& study) {
  const Study::Gain& gain = study.gains.back();
  return {gain_sentence(study.chosen, gain.over_finder[1].difference,
                        fmt::format("the best finder alone ({})", study.finders[study.best_finder].name)),
          gain_sentence(study.chosen, gain.over_mean[1].difference, "the plain mean")};
}

Applied apply_combination(const Combination& combination, const ApplyOptions& options) {
  const JoinedTables joined = join_finder_tables(options.tables, options.columns, &combination);
  Applied out{.prevalence = options.prevalence.value_or(combination.prevalence), .notes = joined.notes};
  const double prior = std::log(out.prevalence) - std::log1p(-out.prevalence);
  std::map<std::string, std::int64_t> counts;
  for (std::size_t row = 0; row < joined.scores.rows(); ++row) {
    const auto scores = joined.scores.table.row(row);
    Applied::Row& combined = out.rows.emplace_back(Applied::Row{.id = joined.scores.ids[row], .label = joined.scores.labels[row]});
    const Subset* subset = combination.subset_for(scores);
    if (!subset) {
      combined.log_likelihood_ratio = combined.probability = std::nan("");
      ++out.without_rule;
      continue;
    }
    combined.log_likelihood_ratio = log_likelihood_ratio(*subset, scores);
    combined.probability = 1 / (1 + std::exp(-combined.log_likelihood_ratio - prior));
    std::vector<std::string> names;
    for (const std::size_t finder : subset->finders) names.push_back(combination.finders[finder].name);
    combined.finders = fmt::format("{}", fmt::join(names, "+"));
    ++counts[combined.finders];
  }
  out.by_finders.assign(counts.begin(), counts.end());
  std::ranges::stable_sort(out.by_finders, std::greater{}, [](const auto& entry) { return entry.second; });
  return out;
}

void write_combined(const std::filesystem::path& path, const Applied& applied) {
  const bool labels = std::ranges::any_of(applied.rows, [](const Applied::Row& row) { return row.label != Label::unknown; });
  std::vector<std::string> names{"id", "logit", "probability", "finders"};
  if (labels) names.emplace_back("label");
  if (sky::table_format(path) == sky::TableFormat::csv) return write_csv(path, names, applied, labels);
  sky::ColumnKinds kinds{names};
  for (const Applied::Row& row : applied.rows) kinds.add(fields_of(row, labels));
  const auto table = sky::create_table(path, kinds.columns(), static_cast<std::int64_t>(applied.rows.size()),
                                       {{"PREVAL", applied.prevalence, "fraction of lenses meant by probability"}});
  for (const Applied::Row& row : applied.rows) table->add(fields_of(row, labels));
  table->commit();
}

}  // namespace lensfind::combine
