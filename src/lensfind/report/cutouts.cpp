#include "lensfind/report/cutouts.h"

#include <fmt/format.h>

#include "lensfind/image/picture.h"
#include "lensfind/report/html.h"

namespace lensfind::report {
namespace {

std::string picture_html(ImageView image, Stretch stretch, std::string_view alt) {
  const Picture picture = picture_of(image, {.stretch = stretch});
  return fmt::format("<img width=\"{}\" height=\"{}\" alt=\"{}\" src=\"data:image/png;base64,{}\">", picture.width, picture.height,
                     escape(alt), base64(encode_png(picture)));
}

std::string variant(ImageView image, Stretch stretch, std::string_view name) {
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>", picture_html(image, stretch, name), name);
}

std::string variants(ImageView image) {
  std::string out = variant(image, Stretch::sqrt, "square root") + variant(image, Stretch::linear, "linear");
  if (image.shape.bands == 1) return out;
  for (int b = 0; b < image.shape.bands; ++b) {
    const ImageView band{{1, image.shape.height, image.shape.width}, image.band(b).data()};
    const char* end = b == 0 ? " (bluest)" : b == image.shape.bands - 1 ? " (reddest)" : "";
    out += variant(band, Stretch::asinh, fmt::format("band {}{}", b + 1, end));
  }
  return out;
}

}  // namespace

std::string cutout_tile(ImageView image, std::string_view name, const std::string& caption_html) {
  return fmt::format(
      "<figure class=\"cutout\"><button type=\"button\" "
      "data-name=\"{}\">{}</button><figcaption>{}</figcaption><template>{}</template></figure>\n",
      escape(name), picture_html(image, Stretch::asinh, name), caption_html, variants(image));
}

std::string missing_tile(std::string_view name, const std::string& caption_html) {
  return fmt::format(
      "<figure class=\"cutout\"><div class=\"no-picture\" role=\"img\" aria-label=\"{}: no picture\">no "
      "picture</div><figcaption>{}</figcaption></figure>\n",
      escape(name), caption_html);
}

}  // namespace lensfind::report
