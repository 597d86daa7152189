#pragma once

#include <string>
#include <vector>

#include "lensfind/base/atomic_file.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/onnx.h"

namespace lensfind::workflows {

/// Finders whose logit is `factor` times the mean pixel, and labelled cutouts whose mean is known: every figure can be had by hand.
class FinderTest : public cutouts::TestFolder {
 protected:
  static constexpr image::ImageShape shape{1, 4, 4};

  /// Somebody's .onnx.
  std::filesystem::path finder(const std::string& name, float factor) const {
    network::GraphBuilder net;
    const network::Tensor x = net.input({shape.bands, shape.height, shape.width});
    const network::Graph graph = std::move(net).finish(net.linear(net.flatten(net.global_average(x)), 1, "fc"));
    const network::Weights weights{{"fc.weight", {{1, 1}, {factor}}}, {"fc.bias", {{1}, {0}}}};
    write_file(folder_ / name, network::to_onnx(graph, weights, {}));
    return folder_ / name;
  }

  /// SET/test_lenses/0.npy ... and SET/test_nonlenses/0.npy ... with these means; no two cutouts have the same pixels.
  std::filesystem::path set(const std::string& name, const std::vector<float>& lenses, const std::vector<float>& nonlenses) const {
    write(name + "/test_lenses/", lenses, 1);
    write(name + "/test_nonlenses/", nonlenses, 2);
    return folder_ / name;
  }

  /// Both classes from 0 up in steps of .5, lenses `above` higher: their AUC follows from counting.
  static std::vector<float> steps(int count, float above) {
    std::vector<float> means;
    for (int i = 0; i < count; ++i) means.push_back(above + .5F * static_cast<float>(i));
    return means;
  }

  [[nodiscard]] std::string read(const std::string& name) const { return read_text(folder_ / name); }

 private:
  void write(const std::string& folder, const std::vector<float>& means, int kind) const {
    std::filesystem::create_directories(folder_ / folder);
    for (std::size_t i = 0; i < means.size(); ++i) {
      image::Image image{shape, means[i]};
      // A pair of pixels that cancel: the band is not constant and the mean stays.
      image.values()[0] += 1 + static_cast<float>(kind) / 8;
      image.values()[5] -= 1 + static_cast<float>(kind) / 8;
      image::write_npy(folder_ / (folder + std::to_string(i) + ".npy"), image.view());
    }
  }
};

}  // namespace lensfind::workflows
