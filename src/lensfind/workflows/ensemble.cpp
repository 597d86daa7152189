#include "lensfind/workflows/ensemble.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/model/seen.h"
#include "lensfind/score/scorer.h"
#include "lensfind/workflows/model_evaluation.h"

namespace lensfind::workflows {
namespace {

namespace fs = std::filesystem;

/// The members' logits of labelled cutouts to which none was fitted.
struct ValidationRows {
  combine::LabelledRows rows;   ///< a member a column
  evaluate::Scores scores;      ///< their ids, labels and groups
  std::string name;             ///< which cutouts these are
  std::vector<Hash128> pixels;  ///< hashes of those that no member saw
};

void add_row(ValidationRows& validation, const evaluate::Score& row, const std::vector<double>& logits) {
  validation.rows.scores.columns = logits.size();
  validation.rows.scores.values.insert(validation.rows.scores.values.end(), logits.begin(), logits.end());
  validation.rows.lens.push_back(row.label == Label::lens ? 1 : 0);
  validation.rows.groups.push_back(row.group.empty() ? row.id : row.group);
  validation.scores.push_back(row);
}

ValidationRows score_data(const EnsembleOptions& options, std::vector<std::string>& notes, Progress& progress, const StopFlag& stop) {
  ModelEvaluation evaluation{
      {.data = options.data, .split = options.split, .refuse_seen = true, .threads = options.threads}, progress, stop};
  std::vector<evaluate::Scores> members;
  for (const fs::path& member : options.members) members.push_back(evaluation.score(member).scores);
  ValidationRows validation{.name = fmt::format("{} ({})", options.data.string(), name_of(evaluation.data().split)),
                            .pixels = evaluation.data().any_rotation};
  for (std::size_t i = 0; i < members.front().size(); ++i) {
    if (members.front()[i].label == Label::unknown) continue;
    std::vector<double> logits;
    for (const evaluate::Scores& member : members) logits.push_back(member.at(i).logit);
    add_row(validation, members.front()[i], logits);
  }
  for (const std::string& note : evaluation.notes())
    if (std::ranges::find(notes, note) == notes.end()) notes.push_back(note);
  return validation;
}

/// What a run's provenance says of its data: their fingerprint, and on what it was calibrated. Empty where it says nothing.
std::string text_in(const Value& provenance, const char* part, const char* key) {
  const Value* of = provenance.find(part);
  const Value* text = of ? of->find(key) : nullptr;
  return text && text->is_string() ? text->as_string() : "";
}

/// Ids that a run held out, and that did not choose its epoch either, where it had enough to choose by others (also_chose_the_epoch).
std::unordered_set<std::string> held_out_ids(const fs::path& run) {
  CsvReader table{run / "split.csv"};
  const std::size_t id = table.column("id"), side = table.column("side");
  std::unordered_set<std::string> ids;
  while (table.next())
    if (table[side] == "validation" || table[side] == "calibration") ids.emplace(table[id]);
  return ids;
}

/// Whether a run had too few lenses to hold some out of the choice of its epoch.
bool also_chose_the_epoch(const fs::path& run) {
  return text_in(model::load_model(run).provenance, "split", "calibrated_on").find("also chose the epoch") != std::string::npos;
}

/// Why the members' own validation cannot choose; empty where it can.
std::string reason_against(const std::vector<fs::path>& members) {
  std::string data;
  for (const fs::path& member : members) {
    if (!fs::exists(member / "validation.csv") || !fs::exists(member / "split.csv"))
      return fmt::format("{} keeps no validation scores of its training", member.string());
    const model::Model model = model::load_model(member);
    const std::string fingerprint = text_in(model.provenance, "data", "fingerprint");
    if (model.calibration && model.calibration->fitted_on != text_in(model.provenance, "split", "calibrated_on"))
      return fmt::format("{} was calibrated again after its training", member.string());
    if (fingerprint.empty() || (!data.empty() && fingerprint != data))
      return fmt::format("{} was trained on other data than {}", member.string(), members.front().string());
    data = fingerprint;
  }
  return "";
}

/// The rows that every member held out of its training.
ValidationRows common_validation(const std::vector<fs::path>& members) {
  std::vector<std::unordered_map<std::string, double>> logits;
  for (const fs::path& member : members) {
    const std::unordered_set<std::string> ids = held_out_ids(member);
    auto& of_member = logits.emplace_back();
    for (const evaluate::Score& row : evaluate::read_scores(member / "validation.csv"))
      if (ids.contains(row.id)) of_member.emplace(row.id, row.logit);
  }
  ValidationRows validation{.name = "the validation cutouts that all members held out of training"};
  if (const auto chosen = std::ranges::count_if(members, also_chose_the_epoch); chosen > 0)
    validation.name += fmt::format(" (they also chose the epoch of {} of {})", chosen, members.size());
  for (const evaluate::Score& row : evaluate::read_scores(members.front() / "validation.csv")) {
    const auto has_row = [&](const auto& member) { return member.contains(row.id); };
    if (row.label == Label::unknown || !std::ranges::all_of(logits, has_row)) continue;
    std::vector<double> of_row;
    for (const auto& member : logits) of_row.push_back(member.at(row.id));
    add_row(validation, row, of_row);
  }
  return validation;
}

/// Of the data that are named, or else of the members' training where these are needed and can be had.
std::optional<ValidationRows> validation_for(const EnsembleOptions& options, std::vector<std::string>& notes, Progress& progress,
                                             const StopFlag& stop) {
  if (!options.data.empty()) return score_data(options, notes, progress, stop);
  const bool wanted = !options.combine || *options.combine == network::Combine::stacked;
  if (!wanted) return std::nullopt;
  const std::string reason = reason_against(options.members);
  if (reason.empty()) {
    if (std::ranges::any_of(options.members, also_chose_the_epoch))
      notes.emplace_back("the cutouts that judge also chose members' epochs, which flatters all figures a little: --data names others");
    return common_validation(options.members);
  }
  if (options.combine)
    throw Error{fmt::format("the members' weights cannot be fitted: {}", reason), "name labelled cutouts that no member saw with --data"};
  notes.push_back(
      fmt::format("there is nothing to choose a combination by ({}): the mean of the logits is taken; --data names labelled cutouts that "
                  "no member saw",
                  reason));
  return std::nullopt;
}

/// Where nobody asked, too few rows are no error.
std::optional<EnsembleChoice> choose(const EnsembleOptions& options, const ValidationRows& validation, std::vector<std::string>& notes) {
  try {
    return choose_combination(validation.rows, validation.name, options.folds, options.bootstrap_draws, options.seed);
  } catch (const Error& error) {
    if (!options.data.empty() || options.combine) throw;
    notes.push_back(fmt::format("{}: the mean of the logits is taken; --data names labelled cutouts that no member saw", error.what()));
    return std::nullopt;
  }
}

/// The ensemble's thresholds, and the scores from which they come.
void add_thresholds(model::Model& ensemble, ValidationRows& validation, const FittedEnsemble& fitted, const fs::path& folder,
                    std::vector<std::string>& notes) {
  if (!(ensemble.calibration->slope > 0)) {
    ensemble.calibration.reset();
    notes.push_back(validation.name + ": lenses do not score higher than non-lenses, so the ensemble gets no probabilities");
  }
  for (std::size_t i = 0; i < fitted.logits.size(); ++i) {
    evaluate::Score& row = validation.scores[i];
    row.logit = fitted.logits[i];
    row.probability = ensemble.calibration ? ensemble.calibration->probability(row.logit) : std::nan("");
  }
  ensemble.thresholds = evaluate::choose_thresholds(validation.scores, ensemble.calibration, validation.name);
  evaluate::write_scores(folder / "validation.csv", validation.scores);
}

}  // namespace

EnsembleResult make_ensemble_folder(const EnsembleOptions& options, Progress& progress, const StopFlag& stop) {
  std::vector<fs::path> inputs = options.members;
  if (!options.data.empty()) inputs.push_back(options.data);
  AtomicFolder folder{
      {.path = options.out, .kind = FolderKind::model, .command = "ensemble", .overwrite = options.overwrite, .inputs = inputs}};
  EnsembleResult result;
  // Members that do not fit together are refused before anything is scored.
  result.model = model::make_ensemble(options.members, network::Combine::logit);
  model::SeenCutouts seen;
  for (const fs::path& member : options.members) seen = model::merge_seen(std::move(seen), model::read_seen(member));
  std::optional<ValidationRows> validation = validation_for(options, result.notes, progress, stop);
  if (validation) result.choice = choose(options, *validation, result.notes);
  const network::Combine combine = options.combine.value_or(result.choice ? result.choice->best : network::Combine::logit);
  if (result.choice) {
    const FittedEnsemble fitted = fit_ensemble(validation->rows, combine, validation->name, options.folds, options.seed);
    result.model = model::make_ensemble(options.members, combine, fitted.combination);
    add_thresholds(result.model, *validation, fitted, folder.path(), result.notes);
    result.model.provenance.set("combination", to_json_value(*result.choice));
    for (const Hash128& pixels : validation->pixels) model::add_seen(seen, pixels, model::SeenFor::calibration);
  } else if (combine != network::Combine::logit) {
    result.model = model::make_ensemble(options.members, combine);
  }
  model::write_seen(folder.path(), seen);
  model::save_model(result.model, folder.path());
  score::check_model_runs(folder.path());
  folder.commit();
  return result;
}

}  // namespace lensfind::workflows
