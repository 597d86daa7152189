#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/version.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/pairing.h"
#include "lensfind/workflows/comparison.h"

namespace lensfind::workflows {
namespace {

/// The tables' rows, with corrected labels, and what was assumed about them.
std::vector<evaluate::Scores> read_tables(const CompareOptions& options, std::vector<std::string>& notes) {
  std::vector<evaluate::Scores> tables;
  for (const std::filesystem::path& path : options.scores) {
    evaluate::ScoreTable table = evaluate::read_score_table(path, options.columns);
    if (!table.id_column) throw Error{path.string() + ": has no column of ids, by which tables are paired", "name it with --id-column"};
    const std::string changed = relabel_scores(table.scores, options.on.relabel, {.id = options.columns.id});
    if (!changed.empty()) notes.push_back(path.string() + ": " + changed);
    if (table.not_a_number > 0)
      notes.push_back(fmt::format("{}: {} rows have no number as score and are left out of all", path.string(), table.not_a_number));
    for (std::string& note : table.notes) notes.push_back(std::move(note));
    tables.push_back(std::move(table.scores));
  }
  return tables;
}

std::vector<std::string> names_of_tables(const std::vector<std::filesystem::path>& tables) {
  std::vector<std::filesystem::path> stems;
  for (const std::filesystem::path& path : tables) stems.push_back(path.parent_path() / path.stem());
  return model_names(stems);
}

}  // namespace

report::ReportInput compare_scores(const CompareOptions& options, Progress& progress, const StopFlag& stop) {
  std::vector<std::string> notes;
  const std::vector<std::string> names = names_of_tables(options.scores);
  evaluate::PairedScores paired = evaluate::pair_scores(read_tables(options, notes), names);
  notes.insert(notes.end(), paired.notes.begin(), paired.notes.end());
  evaluate::EvaluationOptions evaluation{.seed = options.on.seed};
  add_prevalence(options.on.prevalence, evaluation);
  report::ReportInput input{.title = fmt::format("{} finders on {} samples", names.size(), paired.tables.front().size()),
                            .data = fmt::format("the {} samples that all of them scored", paired.tables.front().size()),
                            .command = options.command};
  input.provenance = empty_object().set("lensfind", version());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (stop) throw Stopped{"stopped between two tables", "start it again"};
    report::ReportModel model{.name = names[i], .scores = std::move(paired.tables[i])};
    model.evaluation = evaluate::evaluate(model.scores, evaluation, progress);
    model.provenance.set("scores", options.scores[i].string());
    input.models.push_back(std::move(model));
  }
  input.differences = differences_of(input.models, options.on.seed, progress);
  for (const std::string& note : notes) {
    progress.warn(note);
    input.models.front().evaluation.warnings.push_back(note);
  }
  return input;
}

}  // namespace lensfind::workflows
