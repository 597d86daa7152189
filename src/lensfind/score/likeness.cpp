#include "lensfind/score/likeness.h"

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::score {
namespace {

std::optional<double> own_pixel_scale(const cutouts::Input& input) {
  if (!input.source->may_miss_pixels()) return {};  // .npy and .npz have no header
  try {
    return input.source->read(input.index).facts.pixel_scale_arcsec;
  } catch (const Error&) {
    return {};
  }
}

model::MeasuredRow row_of(std::string_view line) {
  model::MeasuredRow row;
  while (true) {
    const std::size_t comma = line.find(',');
    row.push_back(parse_number(line.substr(0, comma)));
    if (comma == std::string_view::npos) return row;
    line.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string measured_text(const cutouts::Input& input, image::ImageView pixels, network::Preprocessing::Scaling scaling) {
  std::string text;
  bool first = true;
  for (const std::optional<double>& value : model::measure_cutout(pixels, scaling, own_pixel_scale(input))) {
    if (!std::exchange(first, false)) text += ',';
    if (value) text += fmt::format("{:.9g}", *value);
  }
  return text;
}

std::vector<model::MeasuredRow> measured_rows(std::string_view lines, std::size_t columns) {
  std::vector<model::MeasuredRow> rows;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    model::MeasuredRow row = row_of(lines.substr(0, end));
    if (row.size() == columns) rows.push_back(std::move(row));
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
  return rows;
}

ImageLikeness compare_with_training(const std::optional<model::TrainingImages>& trained, const std::vector<std::string>& bands,
                                    std::string_view measured_lines) {
  ImageLikeness likeness;
  if (!trained) return likeness;
  const std::vector<model::MeasuredRow> rows = measured_rows(measured_lines, model::statistic_columns(bands).size());
  if (rows.empty()) return likeness;
  model::Likeness found = model::compare_images(*trained, rows, bands);
  likeness.measured = found.cutouts;
  likeness.like_training = found.differences.empty();
  likeness.differences = std::move(found.differences);
  return likeness;
}

Value to_json_value(const ImageLikeness& images) {
  Value differences{Value::Array{}};
  for (const std::string& difference : images.differences) differences.push_back(difference);
  return empty_object()
      .set("measured", images.measured)
      .set("like_training", images.like_training ? Value{*images.like_training} : Value{})
      .set("differences", differences);
}

std::vector<std::string> ImageLikeness::text() const {
  if (!like_training)
    return {
        "whether these look like the images the model was trained on is not known: none could be measured, or it keeps no record of "
        "what they looked like"};
  if (*like_training) return {fmt::format("these look like the images the model was trained on ({} measured)", measured)};
  std::vector<std::string> sentences{
      "these look like another survey's images, not like those the model was trained on; scores of such images were never tried:"};
  sentences.insert(sentences.end(), differences.begin(), differences.end());
  return sentences;
}

}  // namespace lensfind::score
