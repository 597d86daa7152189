#include "lensfind/train/run_ensemble.h"

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "lensfind/base/csv.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/model/ensemble.h"
#include "lensfind/model/seen.h"

namespace lensfind::train {

namespace fs = std::filesystem;

namespace {

std::unordered_set<std::string> calibration_ids(const fs::path& run) {
  CsvReader table{run / "split.csv"};
  const std::size_t id = table.column("id"), side = table.column("side");
  std::unordered_set<std::string> ids;
  while (table.next()) {
    if (table[side] == "validation" || table[side] == "calibration") ids.emplace(table[id]);
  }
  return ids;
}

std::unordered_map<std::string, double> calibration_logits(const fs::path& run) {
  const std::unordered_set<std::string> ids = calibration_ids(run);
  std::unordered_map<std::string, double> logits;
  for (const evaluate::Score& row : evaluate::read_scores(run / "validation.csv")) {
    if (ids.contains(row.id)) logits.emplace(row.id, row.logit);
  }
  return logits;
}

/// The first member's rows that all others have too, with the mean logit.
evaluate::Scores common_validation(const std::vector<fs::path>& members) {
  std::vector<std::unordered_map<std::string, double>> logits;
  for (const fs::path& member : members) logits.push_back(calibration_logits(member));
  evaluate::Scores common;
  for (evaluate::Score row : evaluate::read_scores(members.front() / "validation.csv")) {
    double sum = 0;
    std::size_t found = 0;
    for (const auto& member : logits) {
      const auto at = member.find(row.id);
      if (at == member.end()) break;
      sum += at->second;
      ++found;
    }
    if (found < members.size()) continue;
    row.logit = sum / static_cast<double>(members.size());
    common.push_back(std::move(row));
  }
  return common;
}

}  // namespace

void ensemble_of_runs(const std::vector<fs::path>& members, const fs::path& out) {
  model::Model ensemble = model::make_ensemble(members, network::Combine::logit);
  evaluate::Scores validation = common_validation(members);
  const std::string fitted_on = model::load_model(members.front()).provenance.at("split").at("calibrated_on").as_string();
  ensemble.calibration = evaluate::fit_model_calibration(validation, fitted_on);
  ensemble.thresholds = evaluate::choose_thresholds(validation, ensemble.calibration, fitted_on);
  for (evaluate::Score& row : validation) {
    if (ensemble.calibration) row.probability = ensemble.calibration->probability(row.logit);
  }
  AtomicFolder folder{{.path = out, .kind = FolderKind::model, .command = "compare --train", .overwrite = true, .inputs = members}};
  evaluate::write_scores(folder.path() / "validation.csv", validation);
  model::SeenCutouts seen;
  for (const fs::path& member : members) seen = model::merge_seen(std::move(seen), model::read_seen(member));
  model::write_seen(folder.path(), seen);
  model::save_model(ensemble, folder.path());
  folder.commit();
}

}  // namespace lensfind::train
