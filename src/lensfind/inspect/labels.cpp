#include "lensfind/inspect/labels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/image/npy.h"

namespace lensfind::inspect {
namespace {

double weight_of(const MergedObject& object, int label, const Scheme& scheme) {
  if (object.lens) return label == 1 ? object.lens->value : 1 - object.lens->value;
  double agreeing = 0, all = 0;
  for (const auto& [who, grade] : object.given) {
    const int said = scheme.find(grade)->label;
    all += said >= 0;
    agreeing += said == label;
  }
  return all > 0 ? agreeing / all : 1;
}

std::string logit_text(double logit) { return std::isfinite(logit) ? fmt::format("{:.6g}", logit) : std::string{}; }

using Images = std::unordered_map<std::string, image::Image>;

Images read_images(const std::vector<ObjectLabel>& labels, const PictureOptions& options, TrainingSet& set) {
  std::unordered_map<std::string, bool> wanted;
  for (const ObjectLabel& label : labels) wanted[label.id] = false;
  Images images;
  cutouts::InputStream stream{input_options(options)};
  while (const auto input = stream.next()) {
    const auto found = wanted.find(input->id);
    if (found == wanted.end()) continue;
    found->second = true;
    try {
      images.emplace(input->id, input->source->read(input->index).image);
    } catch (const Error&) {
      ++set.unfit;
    }
  }
  set.without_image = std::ranges::count_if(wanted, [](const auto& entry) { return !entry.second; });
  return images;
}

image::ImageShape commonest_shape(const Images& images) {
  std::map<std::tuple<int, int, int>, int> counts;
  for (const auto& [id, image] : images) ++counts[{image.shape().bands, image.shape().height, image.shape().width}];
  const auto [bands, height, width] = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->first;
  return {bands, height, width};
}

}  // namespace

std::vector<ObjectLabel> labels_of(const Merged& merged, LabelRule rule) {
  std::vector<ObjectLabel> labels;
  for (const MergedObject& object : merged.objects) {
    if (object.object.role != Role::candidate) continue;
    const int label = rule == LabelRule::settled ? static_cast<int>(object.settled) : merged.scheme.find(object.grade)->label;
    if (label < 0) continue;
    labels.push_back(
        {object.object.id, label == 1 ? Label::lens : Label::non_lens, weight_of(object, label, merged.scheme), object.object.logit});
  }
  return labels;
}

void write_labels(const std::filesystem::path& path, const std::vector<ObjectLabel>& labels) {
  std::string text = "id,label,weight,logit\n";
  for (const ObjectLabel& label : labels)
    text += fmt::format("{},{},{:.4g},{}\n", csv_field(label.id), static_cast<int>(label.label), label.weight, logit_text(label.logit));
  write_file(path, text);
}

TrainingSet write_training_set(const std::filesystem::path& folder, const std::vector<ObjectLabel>& labels, const PictureOptions& options) {
  TrainingSet set;
  const Images images = read_images(labels, options, set);
  if (images.empty()) throw Error{"none of the labelled objects is an image of --images", "give --images as they were given to `inspect`"};
  const image::ImageShape shape = commonest_shape(images);
  std::string table = "id,label,weight\n";
  std::vector<float> pixels;
  for (const ObjectLabel& label : labels) {
    const auto image = images.find(label.id);
    if (image == images.end()) continue;
    if (image->second.shape() != shape) {
      ++set.unfit;
      continue;
    }
    pixels.insert(pixels.end(), image->second.values().begin(), image->second.values().end());
    table += fmt::format("{},{},{:.4g}\n", csv_field(label.id), static_cast<int>(label.label), label.weight);
    ++(label.label == Label::lens ? set.lenses : set.nonlenses);
  }
  const std::array<std::int64_t, 4> sizes{set.lenses + set.nonlenses, shape.bands, shape.height, shape.width};
  std::string bytes = image::npy_header_text(sizes);
  bytes.append(reinterpret_cast<const char*>(pixels.data()), pixels.size() * sizeof(float));
  write_file(folder / "train.npy", bytes);
  write_file(folder / "train.csv", table);
  return set;
}

}  // namespace lensfind::inspect
