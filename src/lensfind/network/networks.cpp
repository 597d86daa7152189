#include "lensfind/network/networks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/network/efficientnet.h"
#include "lensfind/network/mobilevitv2.h"
#include "lensfind/network/resnet.h"
#include "lensfind/network/student.h"

namespace lensfind::network {
namespace {

Architecture resnet_entry(std::string name, ResNetShape shape) {
  return {std::move(name), "ResNet, He et al. 2015", 1, [shape](int bands, int size, int outputs, const Regularisation& regularisation) {
            return resnet(shape, bands, size, outputs, regularisation);
          }};
}

Architecture efficientnet_entry(std::string name, EfficientNetShape shape) {
  return {std::move(name), "EfficientNet, Tan & Le 2019", 1,
          [shape](int bands, int size, int outputs, const Regularisation& regularisation) {
            return efficientnet(shape, bands, size, outputs, regularisation);
          }};
}

Architecture mobilevitv2_entry(std::string name, double width) {
  return {std::move(name), "MobileViTv2, Mehta & Rastegari 2022", 64,
          [width](int bands, int size, int outputs, const Regularisation& regularisation) {
            return mobilevitv2(width, bands, size, outputs, regularisation);
          }};
}

const Architecture& find_architecture(const std::string& name) {
  std::vector<std::string> names;
  for (const Architecture& architecture : architectures()) {
    if (architecture.name == name) return architecture;
    names.push_back(architecture.name);
  }
  const std::string near = nearest_name(name, names);
  throw Error{fmt::format("no network is called `{}`", name),
              near.empty() ? fmt::format("take one of {}", fmt::join(names, ", ")) : fmt::format("did you mean `{}`?", near)};
}

void require_between(const std::string& name, const char* what, int value, int min, int max) {
  if (value < min || value > max)
    throw Error{fmt::format("{}: {} {} is out of range", name, what, value), fmt::format("take {} to {}", min, max)};
}

}  // namespace

const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> all{
      resnet_entry("resnet18", {{2, 2, 2, 2}}),
      resnet_entry("resnet18_half", {{2, 2, 2, 2}, false, 32}),
      resnet_entry("resnet34", {{3, 4, 6, 3}}),
      resnet_entry("resnet50", {{3, 4, 6, 3}, true}),
      efficientnet_entry("tf_efficientnet_b0", {1.0, 1.0}),
      efficientnet_entry("tf_efficientnet_b1", {1.0, 1.1}),
      efficientnet_entry("tf_efficientnet_b2", {1.1, 1.2}),
      efficientnet_entry("tf_efficientnet_b3", {1.2, 1.4}),
      efficientnet_entry("tf_efficientnet_b4", {1.4, 1.8}),
      mobilevitv2_entry("mobilevitv2_050", .5),
      mobilevitv2_entry("mobilevitv2_075", .75),
      mobilevitv2_entry("mobilevitv2_100", 1),
      {"student", "lensfind's own, for cascades", 1, student},
  };
  return all;
}

Graph build_network(const std::string& name, int bands, int size, int outputs, const Regularisation& regularisation) {
  const Architecture& architecture = find_architecture(name);
  require_between(name, "number of bands", bands, 1, 5);
  require_between(name, "cutout size", size, 32, 256);
  require_between(name, "number of outputs", outputs, 1, 2);
  if (size % architecture.size_multiple != 0) {
    throw Error{fmt::format("{}: cutouts of {} pixels do not fit", name, size),
                fmt::format("take a multiple of {}", architecture.size_multiple)};
  }
  Graph graph = architecture.build(bands, size, outputs, regularisation);
  graph.name = name;
  return graph;
}

}  // namespace lensfind::network
