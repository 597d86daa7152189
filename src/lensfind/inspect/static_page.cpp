#include "lensfind/inspect/static_page.h"

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/utf8.h"
#include "lensfind/image/png.h"
#include "lensfind/inspect/grading_page.h"
#include "lensfind/inspect/session.h"
#include "lensfind/report/html.h"

namespace lensfind::inspect {
namespace {

constexpr std::size_t max_pictures = 20000;  // of 10 kB each a browser still opens

/// The pictures that the file holds of each object, by the names that static_backend.js gives them.
const std::vector<std::pair<std::string, View>>& views() {
  static const std::vector<std::pair<std::string, View>> all{
      {"asinh", {}}, {"sqrt", {.scaling = View::Scaling::sqrt}}, {"residual", {.residual = View::Residual::smooth}}};
  return all;
}

Value picture_value(const std::function<Drawn(std::size_t, const View&)>& draw, std::size_t object) {
  Value out = empty_object();
  for (const auto& [name, view] : views()) {
    try {
      const Drawn drawn = draw(object, view);
      out.set(name, report::base64(image::encode_png(drawn.picture)));
      out.set("scale", drawn.pixel_scale_arcsec)
          .set("north_up", drawn.north_up)
          .set("width", drawn.picture.width)
          .set("colours", drawn.colours);
    } catch (const Error& error) {
      out.set("fault", valid_utf8(error.what()));
      break;
    }
  }
  return out;
}

/// `text` with the first `what` replaced; the page's own pieces are always there.
std::string with(std::string text, std::string_view what, const std::string& by) {
  const std::size_t place = text.find(what);
  if (place == std::string::npos) throw Error{fmt::format("the grading page lacks {}", what), "report this"};
  return text.replace(place, what.size(), by);
}

std::string script(std::string_view text) { return "<script>\n" + std::string{text} + "</script>"; }

}  // namespace

void write_static_page(const std::filesystem::path& html, const CandidateList& objects,
                       const std::function<Drawn(std::size_t object, const View& view)>& draw, const StaticOptions& options) {
  if (!is_grader_name(options.grader)) throw Error{"a page without a server needs its grader's name", "give --grader NAME"};
  if (objects.objects.size() > max_pictures)
    throw Error{fmt::format("{} pictures are too many for one file", objects.objects.size()), "take the best with --top, or serve them"};
  const std::vector<Showing> order = showing_order(objects.objects, options.grader, options.showing);
  Value showings{Value::Array{}}, pictures{Value::Array{}};
  for (const Showing& showing : order) showings.push_back(Value{Value::Array{showing.object, showing.presentation}});
  for (std::size_t object = 0; object < objects.objects.size(); ++object)
    pictures.push_back(picture_value(draw, object).set("id", valid_utf8(objects.objects[object].object.id)));
  const Value data = empty_object()
                         .set("grader", options.grader)
                         .set("title", options.title)
                         .set("order", order_name(objects.objects, order, options.grader))
                         .set("scheme", scheme_value(options.scheme))
                         .set("showings", showings)
                         .set("pictures", pictures);
  std::string page{grading_html};
  page = with(page, "<link rel=\"stylesheet\" href=\"grading.css\">",
              "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; "
              "script-src 'unsafe-inline'\">\n<style>\n" +
                  std::string{grading_css} + "</style>");
  page = with(page, "<script src=\"gallery.js\"></script>", script(gallery_js));
  page = with(page, "<script src=\"backend.js\"></script>",
              "<script type=\"application/json\" id=\"data\">" + report::script_json(data) + "</script>\n" + script(static_backend_js));
  for (const auto& [name, text] : {std::pair{"pictures", pictures_js}, {"list", list_js}, {"grading", grading_js}})
    page = with(page, fmt::format("<script src=\"{}.js\"></script>", name), script(text));
  write_file(html, page);
}

}  // namespace lensfind::inspect
