#include <cmath>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "attended.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/one_class.h"
#include "lensfind/evaluate/probability_scale.h"
#include "lensfind/evaluate/target.h"
#include "lensfind/model/model.h"
#include "value_caster.h"

namespace lensfind::python {
namespace {

using Doubles = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Labels = nb::ndarray<const std::int8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Texts = std::optional<std::vector<std::string>>;
/// Name, logit, and where it was chosen.
using Thresholds = std::vector<std::tuple<std::string, double, std::string>>;

/// A table of scores as Python holds it; a plain list would become one of Python's.
struct ScoreRows {
  evaluate::Scores rows;
};

/// A table of scores from arrays of one length; labels 1, 0 and -1 (unknown). Without ids the rows are numbered.
ScoreRows scores_of(const Doubles& logits, const Labels& labels, const std::optional<Doubles>& probabilities, const Texts& ids,
                    const Texts& groups) {
  evaluate::Scores scores(logits.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    evaluate::Score& row = scores[i];
    row.id = ids ? (*ids)[i] : std::to_string(i);
    row.logit = logits.data()[i];
    row.label = static_cast<Label>(labels.data()[i]);
    if (probabilities) row.probability = probabilities->data()[i];
    if (groups) row.group = (*groups)[i];
  }
  return {std::move(scores)};
}

evaluate::EvaluationOptions options_of(const Thresholds& thresholds, const std::vector<double>& prevalences,
                                       std::optional<double> stated_prevalence, std::uint64_t seed, int draws) {
  evaluate::EvaluationOptions options{
      .prevalences = prevalences, .stated_prevalence = stated_prevalence, .seed = seed, .bootstrap_draws = draws};
  for (const auto& [name, logit, chosen_on] : thresholds) options.thresholds.push_back({name, logit, chosen_on});
  return options;
}

Value evaluation_of(const ScoreRows& table, const Thresholds& thresholds, const std::vector<double>& prevalences,
                    std::optional<double> stated_prevalence, std::uint64_t seed, int draws, nb::handle listener) {
  const evaluate::EvaluationOptions options = options_of(thresholds, prevalences, stated_prevalence, seed, draws);
  return attended(listener, [&](Progress& progress, const StopFlag&) {
    if (evaluate::only_class(table.rows)) return evaluate::to_json_value(evaluate::evaluate_one_class(table.rows, options.thresholds));
    return evaluate::to_json_value(evaluate::evaluate(table.rows, options, progress));
  });
}

/// Thresholds and probabilities of `tested` from scores of other samples. Scores that all lie in [0, 1] are calibrated on their logit,
/// unless they are named as logits.
nb::dict choose(const ScoreRows& validation_rows, const ScoreRows& tested_rows, std::optional<double> prevalence, bool named_logit) {
  const evaluate::Scores& validation = validation_rows.rows;
  const evaluate::Scores& tested = tested_rows.rows;
  const auto scale = named_logit ? std::nullopt : evaluate::ProbabilityScale::of({&validation, &tested});
  const auto calibration = evaluate::fit_calibration(scale ? scale->with_logits(validation) : validation, "validation");
  std::vector<evaluate::OperatingPoint> points = evaluate::choose_thresholds(validation, scale ? std::nullopt : calibration, "validation");
  if (scale && calibration && calibration->slope > 0) {
    const double odds_against = (1 - calibration->prevalence) / calibration->prevalence;
    const double half = (std::log(odds_against) - calibration->intercept) / calibration->slope;
    points.insert(points.empty() ? points.end() : points.begin() + 1,
                  {"half", evaluate::ProbabilityScale::probability(half), "validation"});
  }
  nb::dict chosen;
  chosen["thresholds"] = object_of(model::to_json_value(points));
  chosen["prevalence"] = nb::none();
  if (!calibration) return chosen;
  const double at = prevalence.value_or(calibration->prevalence);
  std::vector<double> probabilities;
  for (const evaluate::Score& row : tested)
    probabilities.push_back(calibration->probability(scale ? scale->logit(row.logit) : row.logit, at));
  chosen["prevalence"] = at;
  chosen["probabilities"] = array_of(std::move(probabilities));
  return chosen;
}

Value value_of_target(const evaluate::ReachedTarget& met) {
  return empty_object()
      .set("target", met.point.name)
      .set("threshold", met.point.threshold)
      .set("chosen_on", met.point.chosen_on)
      .set("prevalence", met.prevalence)
      .set("purity", evaluate::to_json_value(met.purity))
      .set("candidates", evaluate::to_json_value(met.candidates))
      .set("found", evaluate::to_json_value(met.found))
      .set("missed", evaluate::to_json_value(met.missed))
      .set("recall", evaluate::to_json_value(met.recall))
      .set("false_positive_rate", evaluate::to_json_value(met.false_positive_rate));
}

Value threshold_for(const ScoreRows& table, const std::string& target, double prevalence, const std::string& chosen_on) {
  return value_of_target(evaluate::reach_target(table.rows, evaluate::parse_target(target), prevalence, chosen_on));
}

Value differences_of(const std::vector<ScoreRows>& tables, const std::vector<std::string>& names, std::uint64_t seed, int draws,
                     nb::handle listener) {
  std::vector<evaluate::Scores> models;
  for (const ScoreRows& table : tables) models.push_back(table.rows);
  const auto differences = attended(listener, [&](Progress& progress, const StopFlag&) {
    return evaluate::paired_differences(models, {.seed = seed, .bootstrap_draws = draws}, progress);
  });
  Value list{Value::Array{}};
  for (const evaluate::PairedDifference& difference : differences) {
    list.push_back(empty_object()
                       .set("figure", difference.figure)
                       .set("first", names.at(difference.first))
                       .set("second", names.at(difference.second))
                       .set("difference", evaluate::to_json_value(difference.difference))
                       .set("p_value", difference.p_value)
                       .set("adjusted_p_value", difference.adjusted_p_value)
                       .set("text", evaluate::in_words(difference, names)));
  }
  return list;
}

Value calibration_of(const ScoreRows& table, const std::string& fitted_on) {
  const auto calibration = evaluate::fit_calibration(table.rows, fitted_on);
  return calibration ? write_fields(*calibration) : Value{};
}

}  // namespace

void bind_evaluation(nb::module_& module) {
  nb::class_<ScoreRows>(module, "Scores", "Labelled scores.")
      .def_static("of", &scores_of, nb::arg("logits"), nb::arg("labels"), nb::arg("probabilities").none(), nb::arg("ids").none(),
                  nb::arg("groups").none())
      .def("__len__", [](const ScoreRows& table) { return table.rows.size(); });
  module.def("evaluate", &evaluation_of, nb::arg("scores"), nb::arg("thresholds"), nb::arg("prevalences"),
             nb::arg("stated_prevalence").none(), nb::arg("seed"), nb::arg("draws"), nb::arg("listener").none());
  module.def("threshold_for", &threshold_for, nb::arg("scores"), nb::arg("target"), nb::arg("prevalence"), nb::arg("chosen_on"));
  module.def("choose", &choose, nb::arg("validation"), nb::arg("tested"), nb::arg("prevalence").none(), nb::arg("named_logit"));
  module.def("compare", &differences_of, nb::arg("models"), nb::arg("names"), nb::arg("seed"), nb::arg("draws"),
             nb::arg("listener").none());
  module.def("fit_calibration", &calibration_of, nb::arg("scores"), nb::arg("fitted_on"));
}

}  // namespace lensfind::python
