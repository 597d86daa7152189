#include "lensfind/dataset/drawn_cutouts.h"

namespace lensfind::dataset {

void read_usable(const std::vector<ListedSample>& chosen, const cutouts::PixelRules& rules, image::ImageShape shape, int threads,
                 Progress& progress, const StopFlag& stop, DrawnCutouts& into) {
  std::vector<float> pixels(chosen.size() * shape.values());
  const std::vector<Reading> readings = read_samples(chosen, rules, shape, pixels.data(), threads, progress, stop);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (!readings[i].problem.empty() || readings[i].finding.fault != cutouts::Fault::none) continue;
    into.images.emplace_back(image::ImageView{shape, pixels.data() + i * shape.values()});
    into.groups.push_back(chosen[i].sample.group);
    into.ids.push_back(chosen[i].sample.id);
  }
}

}  // namespace lensfind::dataset
