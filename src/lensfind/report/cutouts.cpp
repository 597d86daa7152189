#include "lensfind/report/cutouts.h"

#include <cmath>

#include <fmt/format.h>

#include "lensfind/report/html.h"

namespace lensfind::report {
namespace {

/// A bar of a round number of arcsec, and where north is.
std::string marks_html(const image::ImageShape& shape, const TileFacts& facts) {
  std::string out;
  if (facts.pixel_scale_arcsec) {
    const double width = *facts.pixel_scale_arcsec * shape.width;
    const double bar = scale_bar_arcsec(width);
    out += fmt::format("<span class=\"scale\" style=\"width:{:.2f}%\">{:g}\u2033</span>", 100 * bar / width, bar);
  }
  if (facts.north_up) out += "<span class=\"north\" title=\"north is up, east is left\">N</span>";
  return out;
}

std::string picture_html(image::ImageView image, image::Stretch stretch, std::string_view alt, const TileFacts& facts) {
  const image::Picture picture = image::picture_of(image, facts.bands, {.stretch = stretch});
  return fmt::format("<span class=\"picture\"><img width=\"{}\" height=\"{}\" alt=\"{}\" src=\"data:image/png;base64,{}\">{}</span>",
                     picture.width, picture.height, escape(alt), base64(image::encode_png(picture)), marks_html(image.shape, facts));
}

std::string variant(image::ImageView image, image::Stretch stretch, std::string_view name, const TileFacts& facts) {
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>", picture_html(image, stretch, name, facts), escape(name));
}

std::string band_name(const image::BandFacts& bands, int b, int count) {
  const auto i = static_cast<std::size_t>(b);
  if (i < bands.names.size()) return "band " + bands.names[i];
  return fmt::format("band {}{}", b + 1, b == 0 ? " (bluest)" : b == count - 1 ? " (reddest)" : "");
}

std::string variants(image::ImageView image, const TileFacts& facts) {
  std::string out = variant(image, image::Stretch::sqrt, "square root", facts) + variant(image, image::Stretch::linear, "linear", facts);
  if (image.shape.bands == 1) return out;
  TileFacts of_band = facts;
  of_band.bands = {};
  for (int b = 0; b < image.shape.bands; ++b) {
    const image::ImageView band{{1, image.shape.height, image.shape.width}, image.band(b).data()};
    out += variant(band, image::Stretch::asinh, band_name(facts.bands, b, image.shape.bands), of_band);
  }
  return out;
}

}  // namespace

double scale_bar_arcsec(double width_arcsec) {
  const double max = .4 * width_arcsec;
  const double unit = std::pow(10, std::floor(std::log10(max)));
  const double digit = max / unit;
  return unit * (digit >= 5 ? 5 : digit >= 2 ? 2 : 1);
}

std::string cutout_tile(image::ImageView image, std::string_view name, const std::string& caption_html, const TileFacts& facts) {
  return fmt::format(
      "<figure class=\"cutout\"><button type=\"button\" "
      "data-name=\"{}\">{}</button><figcaption>{}</figcaption><template>{}{}</template></figure>\n",
      escape(name), picture_html(image, image::Stretch::asinh, name, facts), caption_html, variants(image, facts), facts.more_html);
}

std::string missing_tile(std::string_view name, const std::string& caption_html) {
  return fmt::format(
      "<figure class=\"cutout\"><div class=\"no-picture\" role=\"img\" aria-label=\"{}: no picture\">no "
      "picture</div><figcaption>{}</figcaption></figure>\n",
      escape(name), caption_html);
}

}  // namespace lensfind::report
