#include "lensfind/report/gallery.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/cutouts.h"
#include "lensfind/report/html.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::Score;
using evaluate::Scores;

std::vector<const Score*> extremes(const Scores& scores, Label label, bool highest, std::size_t max) {
  std::vector<const Score*> rows;
  for (const Score& score : scores) {
    if (score.label == label && std::isfinite(score.logit)) rows.push_back(&score);
  }
  const auto before = [highest](const Score* a, const Score* b) {
    if (a->logit != b->logit) return highest ? a->logit > b->logit : a->logit < b->logit;
    return a < b;
  };
  const std::size_t kept = std::min(max, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(kept), rows.end(), before);
  rows.resize(kept);
  return rows;
}

std::string caption(const Score& score) {
  std::string out = fmt::format("<span class=\"id\">{}</span> logit {:.2f}", escape(score.id), score.logit);
  if (std::isfinite(score.probability)) out += ", probability " + amount_text(score.probability, 2);
  return out;
}

/// Tiles of one kind, and how many of them have a picture.
struct Tiles {
  std::string html;
  std::size_t pictures = 0;
};

Tiles tiles(const std::vector<const Score*>& rows, const CutoutSource& cutouts) {
  Tiles out;
  for (const Score* score : rows) {
    const std::optional<image::Image> image = cutouts(score->id);
    if (image) ++out.pictures;
    out.html += image ? cutout_tile(image->view(), score->id, caption(*score)) : missing_tile(score->id, caption(*score));
  }
  return out;
}

}  // namespace

Gallery choose_gallery(const Scores& scores, std::optional<double> threshold, std::size_t max) {
  Gallery gallery{extremes(scores, Label::lens, true, max), extremes(scores, Label::lens, false, max),
                  extremes(scores, Label::non_lens, true, max)};
  if (threshold) std::erase_if(gallery.missed, [&](const Score* score) { return score->logit >= *threshold; });
  return gallery;
}

std::string gallery_html(const ReportModel& model, const CutoutSource& cutouts, std::size_t max) {
  if (!cutouts) return {};
  const evaluate::AtThreshold* f1 = at_threshold(model.evaluation, "f1");
  const Gallery gallery = choose_gallery(model.scores, f1 ? std::optional{f1->point.threshold} : std::nullopt, max);
  struct Kind {
    const char* title;
    std::string words;
    const std::vector<const Score*>& rows;
  };
  const Kind kinds[] = {
      {"Best lenses", "The true lenses with the highest scores, best first.", gallery.best},
      {"Missed lenses",
       f1 ? "True lenses below threshold f1, the worst first." : "The true lenses with the lowest scores, the worst first.",
       gallery.missed},
      {"Worst false positives",
       "Non-lenses with the highest scores, the worst first. Look closely: some may be lenses that were labelled wrongly.",
       gallery.false_positives}};
  std::string out;
  std::size_t pictures = 0;
  for (const Kind& kind : kinds) {
    const Tiles shown = tiles(kind.rows, cutouts);
    pictures += shown.pictures;
    const std::string body = kind.rows.empty() ? "<p>There are none.</p>" : "<div class=\"cutouts\">\n" + shown.html + "</div>";
    out += fmt::format("<h3>{}</h3>\n<p>{}</p>\n{}\n", kind.title, kind.words, body);
  }
  return pictures > 0 ? out : std::string{};
}

}  // namespace lensfind::report
