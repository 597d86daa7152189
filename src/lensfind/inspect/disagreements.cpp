#include "lensfind/inspect/disagreements.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/image/png.h"
#include "lensfind/inspect/export.h"
#include "lensfind/report/html.h"

namespace lensfind::inspect {
namespace {

std::vector<const MergedObject*> max_apart(const Merged& merged, std::size_t max) {
  std::vector<const MergedObject*> apart;
  for (const MergedObject& object : merged.objects)
    if (object.object.role == Role::candidate && object.spread > 0) apart.push_back(&object);
  std::ranges::stable_sort(apart, std::ranges::greater{}, [](const MergedObject* object) { return object->spread; });
  apart.resize(std::min(apart.size(), max));
  return apart;
}

std::string picture_html(const std::optional<Drawn>& drawn, const std::string& id) {
  if (!drawn) return "<p class=\"small\">no picture</p>";
  return fmt::format("<img alt=\"{}\" src=\"data:image/png;base64,{}\">", report::escape(id),
                     report::base64(image::encode_png(drawn->picture)));
}

std::string object_html(const MergedObject& object, const std::optional<Drawn>& drawn) {
  std::string grades;
  for (const auto& [who, grade] : object.given)
    grades += fmt::format("{}{} <strong>{}</strong>", grades.empty() ? "" : ", ", report::escape(who), report::escape(grade));
  std::string said = fmt::format("<span class=\"id\">{}</span> {}", report::escape(object.object.id), grades);
  if (object.object.position) said += "<br>" + iau_name(*object.object.position);
  if (!object.kind.empty()) said += "<br>" + report::escape(object.kind);
  if (object.lens)
    said += fmt::format("<br>probability {:.2f} ({:.2f} to {:.2f})", object.lens->value, object.lens->low, object.lens->high);
  if (!object.notes.empty()) said += "<br>" + report::escape(object.notes);
  return fmt::format("<figure class=\"cutout\">{}<figcaption>{}</figcaption></figure>\n", picture_html(drawn, object.object.id), said);
}

}  // namespace

void write_disagreements(const std::filesystem::path& html, const Merged& merged,
                         const std::function<std::optional<Drawn>(const std::string& id)>& draw, std::size_t max) {
  const std::vector<const MergedObject*> apart = max_apart(merged, max);
  std::string body = fmt::format(
      "<main>\n<header><h1>What graders see differently</h1>\n<p class=\"subtitle\">{} candidates, the largest differences first. Grades: "
      "{}.</p></header>\n<div class=\"cutouts\">\n",
      apart.size(), report::escape(merged.scheme.title));
  for (const MergedObject* object : apart) body += object_html(*object, draw(object->object.id));
  if (apart.empty()) body += "<p>All graders agree on all that two of them graded.</p>";
  write_file(html, report::page_html("What graders see differently", body + "</div>\n</main>"));
}

}  // namespace lensfind::inspect
