#include "lensfind/inspect/model_view.h"

#include <cmath>
#include <limits>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/dataset/duplicates.h"
#include "lensfind/network/lens_logit.h"
#include "lensfind/score/insight.h"
#include "lensfind/score/symmetry.h"

namespace lensfind::inspect {
namespace {

constexpr std::size_t at_once = 256;
constexpr int orientations = 8;

cutouts::InputOptions inputs_for(const score::Scorer& scorer, const PictureOptions& images, image::ImageShape shape) {
  cutouts::InputOptions inputs{.arguments = images.inputs,
                               .bands = images.bands.empty() ? scorer.band_names : images.bands,
                               .catalogue = images.catalogue,
                               .columns = images.columns,
                               .wanted = shape,
                               .pattern = images.pattern};
  inputs.rules.pixel_scale_arcsec = scorer.pixel_scale_arcsec;
  inputs.rules.zero_point = scorer.zero_point;
  return inputs;
}

double std_of(std::span<const double> values) {
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// Cutouts with room for a portion, and what the engine says of them.
class Portion {
 public:
  Portion(score::InsightEngine& engine, const score::Scorer& scorer, bool disagreement, ModelView& view)
      : engine_{engine}, scorer_{scorer}, disagreement_{disagreement}, view_{view}, one_{engine.shape().values()} {
    pixels_.reserve(at_once * one_);
  }

  void add(const std::string& id, image::ImageView image) {
    view_.ids.push_back(id);
    view_.pixels.push_back(dataset::hash_of_any_rotation(image));
    pixels_.insert(pixels_.end(), image.values().begin(), image.values().end());
    if (count() == at_once) run();
  }
  void run() {
    if (count() == 0) return;
    const score::Insight insight = engine_.run(pixels_, count());
    const std::vector<double> logits = logits_of(insight, count());
    for (const double logit : logits) {
      view_.logits.push_back(logit);
      view_.probabilities.push_back(scorer_.probability(logit, scorer_.prevalence_in_survey({})));
    }
    view_.features.insert(view_.features.end(), insight.features.begin(), insight.features.end());
    add_disagreement(insight, logits);
    pixels_.clear();
  }

 private:
  [[nodiscard]] std::size_t count() const { return pixels_.size() / one_; }
  [[nodiscard]] std::vector<double> logits_of(const score::Insight& insight, std::size_t count) const {
    const auto outputs = static_cast<std::size_t>(engine_.outputs());
    std::vector<double> logits;
    for (std::size_t i = 0; i < count; ++i)
      logits.push_back(network::lens_logit(std::span<const float>{insight.outputs}.subspan(i * outputs, outputs)));
    return logits;
  }
  void add_disagreement(const score::Insight& insight, const std::vector<double>& logits) {
    const std::size_t cutouts = count(), members = engine_.members();
    std::vector<std::vector<double>> said(cutouts);
    if (disagreement_ && members > 1) {
      for (std::size_t i = 0; i < cutouts; ++i)
        for (std::size_t member = 0; member < members; ++member)
          said[i].push_back(static_cast<double>(insight.members[i * members + member]));
    } else if (disagreement_ && engine_.shape().height == engine_.shape().width) {
      for (std::size_t i = 0; i < cutouts; ++i) said[i] = {logits[i]};
      for (int number = 1; number < orientations; ++number) {
        const std::vector<double> turned = logits_of(engine_.run(turned_pixels(number), cutouts), cutouts);
        for (std::size_t i = 0; i < cutouts; ++i) said[i].push_back(turned[i]);
      }
    }
    for (const std::vector<double>& logits_of_one : said)
      view_.disagreement.push_back(logits_of_one.empty() ? std::numeric_limits<double>::quiet_NaN() : std_of(logits_of_one));
  }
  [[nodiscard]] std::vector<float> turned_pixels(int number) const {
    const std::vector<std::size_t> from = score::symmetry(number, engine_.shape().height);
    std::vector<float> turned(pixels_.size());
    for (std::size_t band = 0; band < turned.size(); band += from.size())
      for (std::size_t i = 0; i < from.size(); ++i) turned[band + i] = pixels_[band + from[i]];
    return turned;
  }

  score::InsightEngine& engine_;
  const score::Scorer& scorer_;
  bool disagreement_;
  ModelView& view_;
  std::size_t one_;
  std::vector<float> pixels_;
};

}  // namespace

ModelView view_by_model(const score::Scorer& scorer, const ModelViewOptions& options, const std::unordered_set<std::string>* wanted,
                        Progress& progress, const StopFlag& stop) {
  score::InsightEngine engine{score::network_of(scorer), scorer.onnx, {.threads = options.threads, .choice = scorer.choice}};
  ModelView view{.width = engine.features(), .by = engine.members() > 1 ? "members" : "orientations"};
  cutouts::InputStream stream{inputs_for(scorer, options.images, engine.shape())};
  Portion portion{engine, scorer, options.disagreement, view};
  image::Image image{engine.shape()};
  progress.start("looking with the model", wanted ? static_cast<std::int64_t>(wanted->size()) : 0, "images");
  while (const auto input = stream.next()) {
    if (stop) throw Stopped{"stopped while the model looked at the images", "start it again"};
    if (wanted && !wanted->contains(input->id)) continue;
    try {
      cutouts::read_input(*input, image.view());
      portion.add(input->id, std::as_const(image).view());
    } catch (const Stopped&) {
      throw;
    } catch (const Error&) {
      ++view.unreadable;
    }
    progress.advance(1);
  }
  portion.run();
  progress.finish();
  return view;
}

}  // namespace lensfind::inspect
