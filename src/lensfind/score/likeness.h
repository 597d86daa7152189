#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/model/training_images.h"

namespace lensfind::score {

/// What a scored cutout looks like, as a line of a chunk: the statistics of model::statistic_columns() as CSV, empty where one could not be
/// measured. `pixels` are as the network gets them. `scaling` is what the network does to them first. The pixel scale is the input's own,
/// from its header.
std::string measured_text(const cutouts::Input& input, image::ImageView pixels, network::Preprocessing::Scaling scaling);

/// The rows of such lines of several chunks, one after the other. Damaged lines are passed over.
std::vector<model::MeasuredRow> measured_rows(std::string_view lines, std::size_t columns);

/// Whether the images that were scored look like those that the model was trained on.
struct ImageLikeness {
  std::int64_t measured = 0;             ///< cutouts that were looked at
  std::optional<bool> like_training;     ///< none: the model does not say what it was trained on
  std::vector<std::string> differences;  ///< plain sentences with numbers

  /// Plain sentences for a person, the first one the answer.
  [[nodiscard]] std::vector<std::string> text() const;
};
Value to_json_value(const ImageLikeness& images);
ImageLikeness compare_with_training(const std::optional<model::TrainingImages>& trained, const std::vector<std::string>& bands,
                                    std::string_view measured_lines);

}  // namespace lensfind::score
