// evaluate_scores SCORES.csv: the AUC of a finder, and what it would give in a survey where one galaxy of 10,000 is a lens.
// The table has columns id, label (1 lens, 0 not) and logit or score: docs/files.md.
#include <cstdio>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/scores.h"

int main(int argc, char** argv) {
  namespace evaluate = lensfind::evaluate;
  if (argc != 2) return std::fprintf(stderr, "usage: evaluate_scores SCORES.csv\n"), 2;
  try {
    const evaluate::Scores scores = evaluate::read_scores(argv[1]);
    const evaluate::OperatingPoint point{"mine", 0.0, "chosen on other data"};  // select what scores over 0
    const evaluate::Evaluation result = evaluate::evaluate(scores, {.thresholds = {point}, .prevalences = {1e-4}});
    std::printf("AUC %.3f (%.3f to %.3f)\n", result.auc.value, result.auc.low, result.auc.high);
    for (const evaluate::AtPrevalence& survey : result.at_prevalence) {
      std::printf("of 10^6 galaxies %.0f candidates (%.0f to %.0f), purity %.4f\n", survey.candidates.value, survey.candidates.low,
                  survey.candidates.high, survey.purity.value);
    }
    for (const auto& warning : result.warnings) std::printf("warning: %s\n", warning.c_str());
  } catch (const lensfind::Error& error) {
    std::fprintf(stderr, "error: %s\nhint: %s\n", error.what(), error.hint().c_str());
    return 1;
  }
}
