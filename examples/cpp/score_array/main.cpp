// score_array MODEL: logits of an array of cutouts. MODEL is a model folder of lensfind, or anybody's .onnx.
#include <cstdio>
#include <vector>

#include "lensfind/base/error.h"
#include "lensfind/score/scorer.h"

int main(int argc, char** argv) {
  namespace score = lensfind::score;
  if (argc != 2) return std::fprintf(stderr, "usage: score_array MODEL\n"), 2;
  try {
    const score::Scorer scorer = score::open_scorer(argv[1]);
    const auto engine = score::open_engine(scorer, {.threads = 2});
    const lensfind::image::ImageShape shape = engine->shape();
    constexpr std::size_t count = 3;
    std::vector<float> cutouts(count * shape.values());  // (count, bands, height, width), pixels as the survey gives them
    for (std::size_t i = 0; i < cutouts.size(); ++i) cutouts[i] = static_cast<float>(i % 97) / 97;
    for (const float logit : score::logits_of(*engine, cutouts, count)) {
      std::printf("logit %.4f, probability %.4f\n", static_cast<double>(logit), scorer.probability(logit, scorer.prevalence({})));
    }
  } catch (const lensfind::Error& error) {
    std::fprintf(stderr, "error: %s\nhint: %s\n", error.what(), error.hint().c_str());
    return 1;
  }
}
