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

/// Links to what others know of a place. They lead there when a person follows them; nothing is loaded.
std::string links(const SkyPlace& place) {
  const std::string ra = fmt::format("{:.6f}", place.ra_deg), dec = fmt::format("{:.6f}", place.dec_deg);
  const std::string sign = place.dec_deg < 0 ? "" : "%2B";
  const auto link = [](const std::string& address, const char* name) {
    return fmt::format("<a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">{}</a>", escape(address), name);
  };
  return link(fmt::format("https://www.legacysurvey.org/viewer?ra={}&dec={}&layer=ls-dr10&zoom=16&mark={},{}", ra, dec, ra, dec),
              "Legacy") +
         " " + link(fmt::format("https://aladin.cds.unistra.fr/AladinLite/?target={}%20{}{}&fov=0.02", ra, sign, dec), "Aladin") + " " +
         link(fmt::format("https://simbad.cds.unistra.fr/simbad/sim-coo?Coord={}%20{}{}&CooFrame=ICRS&Radius=5&Radius.unit=arcsec", ra,
                          sign, dec),
              "SIMBAD");
}

std::string caption(const Candidate& candidate) {
  std::string out = fmt::format("<span class=\"rank\">{}</span> <span class=\"id\">{}</span> logit {:.2f}", candidate.rank,
                                escape(candidate.id), candidate.logit);
  if (std::isfinite(candidate.probability)) out += ", probability " + amount_text(candidate.probability, 3);
  if (!candidate.stage.empty()) out += fmt::format(" <span class=\"known\">{}</span>", escape(candidate.stage));
  if (!candidate.known.empty()) out += fmt::format(" <span class=\"known lens\">known: {}</span>", escape(candidate.known));
  if (candidate.label == Label::lens) out += " <span class=\"known lens\">known lens</span>";
  if (candidate.label == Label::non_lens) out += " <span class=\"known\">known non-lens</span>";
  if (!candidate.also.empty()) out += fmt::format(" <span class=\"known\">{} detections</span>", candidate.also.size() + 1);
  if (candidate.place) {
    out += fmt::format("<span class=\"place\">{:.6f} {:+.6f}</span><span class=\"links\">{}</span>", candidate.place->ra_deg,
                       candidate.place->dec_deg, links(*candidate.place));
  }
  return out;
}

std::string term(const std::string& name, const std::string& value) {
  return value.empty() ? std::string{} : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(value));
}

/// All that is known of a candidate, below its larger view.
std::string facts_html(const Candidate& candidate) {
  std::string terms;
  if (candidate.place) {
    terms += term("position, ICRS", fmt::format("{:.6f} {:+.6f}", candidate.place->ra_deg, candidate.place->dec_deg));
    terms += term("in hours and degrees", sexagesimal(*candidate.place));
  }
  terms += term("known lens", candidate.known);
  for (const std::string& id : candidate.also) terms += term("also detected as", id);
  for (const auto& [name, value] : candidate.columns) terms += term(name, value);
  return terms.empty() ? std::string{} : "<dl class=\"facts\">" + terms + "</dl>";
}

std::string tile(const Candidate& candidate) {
  if (candidate.image.shape().values() == 0) return missing_tile(candidate.id, caption(candidate));
  return cutout_tile(candidate.image.view(), candidate.id, caption(candidate),
                     {.bands = candidate.bands,
                      .pixel_scale_arcsec = candidate.pixel_scale_arcsec,
                      .north_up = candidate.north_up,
                      .more_html = facts_html(candidate)});
}

/// What the colours of the first picture are; pictures of one page were made alike.
std::string colours_html(std::span<const Candidate> candidates) {
  const auto first = std::ranges::find_if(candidates, [](const Candidate& candidate) { return candidate.image.shape().values() > 0; });
  if (first == candidates.end()) return {};
  std::string text = image::colours_text(image::plan_colours(first->image.view(), first->bands), first->bands);
  if (first->north_up) text += " North is up and east left where N stands.";
  return "<p class=\"note\">" + escape(text) + "</p>\n";
}

std::string paragraphs(const std::vector<std::string>& notes) {
  std::string out;
  for (std::string note : notes) {
    if (!note.empty() && note[0] >= 'a' && note[0] <= 'z') note[0] = static_cast<char>(note[0] - 'a' + 'A');  // of a console's line
    out += "<p class=\"note\">" + escape(note) + "</p>\n";
  }
  return out;
}

bool of_a_cascade(std::span<const Candidate> candidates) {
  return std::ranges::any_of(candidates, [](const Candidate& candidate) { return !candidate.stage.empty(); });
}

}  // namespace

std::string sexagesimal(const SkyPlace& place) {
  // Rounded as a whole, so that no 60 stands anywhere.
  const double turned = std::fmod(std::fmod(place.ra_deg, 360) + 360, 360);
  const auto ra = std::llround(turned * 24000);  // hundredths of a second
  const auto dec = std::llround(std::abs(place.dec_deg) * 36000);
  return fmt::format("{:02}:{:02}:{:02}.{:02} {}{:02}:{:02}:{:02}.{}", ra / 360000 % 24, ra / 6000 % 60, ra / 100 % 60, ra % 100,
                     place.dec_deg < 0 ? '-' : '+', dec / 36000, dec / 600 % 60, dec / 10 % 60, dec % 10);
}

void write_candidates_page(const std::filesystem::path& html, const std::string& title, std::span<const Candidate> candidates,
                           const std::vector<std::string>& notes) {
  std::string body = fmt::format(
      "<main>\n<header><h1>{}</h1>\n<p class=\"subtitle\">{} cutouts, the best score first. Choose one to see it larger, in other "
      "stretches and band by band.{}</p></header>\n{}"
      "<div class=\"cutouts\">\n",
      escape(title), count_text(static_cast<std::int64_t>(candidates.size())),
      of_a_cascade(candidates) ? " A cascade scored them: those marked teacher were seen by the model itself, those marked student only by "
                                 "the small network before it, which ranks what it cuts off below all that the model saw."
                               : "",
      paragraphs(notes) + colours_html(candidates));
  for (const Candidate& candidate : candidates) body += tile(candidate);
  write_file(html, page_html(title, body + "</div>\n</main>"));
}

}  // namespace lensfind::report
