#include "lensfind/report/candidates.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/report/cutouts.h"
#include "lensfind/report/html.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

std::string caption(const Candidate& candidate) {
  std::string out = fmt::format("<span class=\"rank\">{}</span> <span class=\"id\">{}</span> logit {:.2f}", candidate.rank,
                                escape(candidate.id), candidate.logit);
  if (std::isfinite(candidate.probability)) out += ", probability " + amount_text(candidate.probability, 3);
  if (!candidate.stage.empty()) out += fmt::format(" <span class=\"known\">{}</span>", escape(candidate.stage));
  if (candidate.label == Label::lens) out += " <span class=\"known lens\">known lens</span>";
  if (candidate.label == Label::non_lens) out += " <span class=\"known\">known non-lens</span>";
  return out;
}

bool of_a_cascade(std::span<const Candidate> candidates) {
  return std::ranges::any_of(candidates, [](const Candidate& candidate) { return !candidate.stage.empty(); });
}

}  // namespace

void write_candidates_page(const std::filesystem::path& html, const std::string& title, std::span<const Candidate> candidates) {
  std::string body = fmt::format(
      "<main>\n<header><h1>{}</h1>\n<p class=\"subtitle\">{} cutouts, the best score first. Choose one to see it larger, in other "
      "stretches and band by band.{}</p></header>\n"
      "<div class=\"cutouts\">\n",
      escape(title), count_text(static_cast<std::int64_t>(candidates.size())),
      of_a_cascade(candidates) ? " A cascade scored them: those marked teacher were seen by the model itself, those marked student only by "
                                 "the small network before it, which ranks what it cuts off below all that the model saw."
                               : "");
  for (const Candidate& candidate : candidates) {
    body += candidate.image.shape().values() > 0 ? cutout_tile(candidate.image.view(), candidate.id, caption(candidate))
                                                 : missing_tile(candidate.id, caption(candidate));
  }
  write_file(html, page_html(title, body + "</div>\n</main>"));
}

}  // namespace lensfind::report
