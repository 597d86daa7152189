#include "network.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "array_source.h"
#include "lensfind/base/error.h"
#include "lensfind/base/in_order.h"

namespace lensfind::python {
namespace {

constexpr std::size_t teacher_batch = 8;     // as run_score() takes for a cascade
constexpr std::int64_t portion_cutouts = 1;  // at least, of a portion

image::ImageShape shape_of(const score::Scorer& scorer) {
  const network::OnnxShape shape = score::network_of(scorer).shape;
  return {shape.bands, shape.size, shape.size};
}

/// What was scored, in the order of the array.
void take(const score::ScoredPortion& portion, ArrayScores& scores) {
  for (const score::Outcome& outcome : portion.outcomes) {
    const auto index = static_cast<std::int64_t>(scores.logits.size());
    if (!outcome.scored) scores.rejected.emplace_back(index, outcome.reason);
    if (outcome.student_logit) scores.by_student.push_back(index);
    scores.logits.push_back(outcome.scored ? outcome.logit : std::numeric_limits<float>::quiet_NaN());
  }
}

}  // namespace

Network::Network(const std::filesystem::path& model, score::EngineOptions options, bool average_symmetries)
    : scorer_{score::open_scorer(model, options.choice)},
      shape_{shape_of(scorer_)},
      options_{std::move(options)},
      average_symmetries_{average_symmetries} {}

std::vector<float> Network::first_cutouts(const cutouts::Source& source, std::int64_t count, const cutouts::PixelRules& rules) const {
  std::vector<float> cutouts;
  image::Image image{shape_of(scorer_)};
  for (std::int64_t i = 0; i < count && cutouts.size() < score::trial_cutouts * image.shape().values(); ++i) {
    try {
      source.read_by(rules, i, image.view());
      cutouts.insert(cutouts.end(), image.values().begin(), image.values().end());
    } catch (const std::exception&) {
      continue;  // it is set aside when its turn comes
    }
  }
  return cutouts;
}

/// As run_score() does, on an array.
score::ChosenEngine Network::chosen_engine(const cutouts::Source& source, std::int64_t count, const cutouts::PixelRules& rules) const {
  score::EngineOptions options = options_;
  if (scorer_.cascade) options.batch = teacher_batch;
  if (options.precision != score::Precision::automatic && options.precision != score::Precision::int8)
    return {score::open_engine(scorer_, options), options.precision, "as asked"};
  const std::vector<float> cutouts = first_cutouts(source, count, rules);
  const std::size_t tried = cutouts.size() / shape_of(scorer_).values();
  if (options.precision == score::Precision::int8) return score::open_int8(scorer_, cutouts, tried, options);
  return score::choose_precision(scorer_, cutouts, tried, options, false);
}

void Network::open(const cutouts::Source& source, std::int64_t count, const cutouts::PixelRules& rules, image::ImageShape shape) {
  if (engine_) return;
  if (scorer_.any_size) score::settle_size(scorer_, std::min(shape.height, shape.width));
  score::ChosenEngine chosen = chosen_engine(source, count, rules);
  engine_ = std::move(chosen.engine);
  shape_ = engine_->shape();
  precision_reason_ = std::move(chosen.reason);
  if (average_symmetries_ && !scorer_.average_symmetries) engine_ = score::average_over_symmetries(std::move(engine_));
  if (scorer_.cascade) {
    score::EngineOptions student = options_;
    student.choice = {};
    student.precision = score::student_precision(chosen.precision);
    student_ = score::open_engine(scorer_.student_onnx, student);
  }
}

ArrayScores Network::score(std::span<const float> pixels, std::int64_t count, image::ImageShape shape, const ArrayReading& reading,
                           Progress& progress, const StopFlag& stop) {
  ArrayScores scores;
  if (count == 0) return scores;
  const auto source = std::make_shared<const ArraySource>(pixels, shape, reading.facts, reading.may_miss);
  auto rules = std::make_shared<cutouts::PixelRules>(reading.rules);
  rules->bands = scorer_.band_names;
  if (!rules->pixel_scale_arcsec) rules->pixel_scale_arcsec = scorer_.pixel_scale_arcsec;
  if (!rules->zero_point) rules->zero_point = scorer_.zero_point;
  open(*source, count, *rules, shape);
  const score::Stages stages{*engine_, student_.get(), scorer_.cascade.value_or(model::Cascade{})};
  const auto max = std::max(portion_cutouts, static_cast<std::int64_t>(stages.portion()));
  const int workers = (3 * engine_->concurrency() + 1) / 2;
  scores.logits.reserve(static_cast<std::size_t>(count));
  progress.start("scoring", count, "images");
  in_order(
      workers, static_cast<std::size_t>(4 * workers),
      [&, begin = std::int64_t{0}]() mutable -> std::optional<score::Portion> {
        if (stop) throw Stopped{"stopped while an array was scored", "score it again"};
        if (begin >= count) return {};
        score::Portion portion{.first = begin};
        for (const std::int64_t end = std::min(count, begin + max); begin < end; ++begin)
          portion.inputs.push_back({.source = source, .index = begin, .rules = rules});
        return portion;
      },
      score::PortionScorer{stages},
      [&](const score::ScoredPortion& portion) {
        take(portion, scores);
        progress.advance(static_cast<std::int64_t>(portion.outcomes.size()));
      });
  progress.finish();
  return scores;
}

}  // namespace lensfind::python
