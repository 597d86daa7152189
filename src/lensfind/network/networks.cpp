#include "lensfind/network/networks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/network/cbam.h"
#include "lensfind/network/coordinate_attention.h"
#include "lensfind/network/efficientnet.h"
#include "lensfind/network/equivariant.h"
#include "lensfind/network/mobilevitv2.h"
#include "lensfind/network/resnet.h"
#include "lensfind/network/self_attention.h"
#include "lensfind/network/squeeze_excitation.h"
#include "lensfind/network/student.h"

namespace lensfind::network {
namespace {

Architecture resnet_entry(std::string name, ResNetShape shape, std::string source = "ResNet, He et al. 2015") {
  return {std::move(name), std::move(source), 1, [shape](int bands, int size, int outputs, const Regularisation& regularisation) {
            return resnet(shape, bands, size, outputs, regularisation);
          }};
}

Architecture efficientnet_entry(std::string name, EfficientNetShape shape, std::string source = "EfficientNet, Tan & Le 2019") {
  return {std::move(name), std::move(source), 1, [shape](int bands, int size, int outputs, const Regularisation& regularisation) {
            return efficientnet(shape, bands, size, outputs, regularisation);
          }};
}

Architecture mobilevitv2_entry(std::string name, double width) {
  return {std::move(name), "MobileViTv2, Mehta & Rastegari 2022", 64,
          [width](int bands, int size, int outputs, const Regularisation& regularisation) {
            return mobilevitv2(width, bands, size, outputs, regularisation);
          }};
}

Architecture equivariant_entry(std::string name, std::int64_t width) {
  return {std::move(name), "equivariant to turns and flips, Cohen & Welling 2016", 1,
          [width](int bands, int size, int outputs, const Regularisation& regularisation) {
            return equivariant(width, bands, size, outputs, regularisation);
          }};
}

/// ResNet-18 of a width (64, or 32 by the name of `half`) with each kind of attention.
std::vector<Architecture> attentive_entries(const std::string& name, std::int64_t width) {
  const ResNetShape plain{.blocks = {2, 2, 2, 2}, .width = width};
  ResNetShape squeeze = plain, cbam = plain, coordinate = plain, pairs = plain;
  squeeze.block_attention = squeeze_excitation;
  cbam.block_attention = convolutional_block_attention;
  coordinate.block_attention = coordinate_attention;
  pairs.stage_attention = self_attention;
  return {resnet_entry(name + "_se", squeeze, "squeeze-and-excitation, Hu et al. 2018; timm: resnet18, attn_layer se"),
          resnet_entry(name + "_cbam", cbam, "block attention, Woo et al. 2018; timm: resnet18, attn_layer cbam"),
          resnet_entry(name + "_coordinate", coordinate, "coordinate attention, Hou et al. 2021; timm: resnet18, attn_layer coord"),
          resnet_entry(name + "_self_attention", pairs, "multi-head self-attention, Vaswani et al. 2017")};
}

std::vector<Architecture> all_architectures() {
  std::vector<Architecture> all{
      resnet_entry("resnet18", {{2, 2, 2, 2}}),
      resnet_entry("resnet18_half", {{2, 2, 2, 2}, false, 32}),
      resnet_entry("resnet34", {{3, 4, 6, 3}}),
      resnet_entry("resnet50", {{3, 4, 6, 3}, true}),
      efficientnet_entry("tf_efficientnet_b0", {1.0, 1.0}),
      efficientnet_entry("tf_efficientnet_b1", {1.0, 1.1}),
      efficientnet_entry("tf_efficientnet_b2", {1.1, 1.2}),
      efficientnet_entry("tf_efficientnet_b3", {1.2, 1.4}),
      efficientnet_entry("tf_efficientnet_b4", {1.4, 1.8}),
      efficientnet_entry("efficientnet_lite0", {.lite = true}, "EfficientNet-Lite0, Liu 2020; timm: tf_efficientnet_lite0"),
      efficientnet_entry("efficientnet_lite0_fine", {.lite = true, .stem_stride = 1}, "the same with a stem of stride 1"),
      mobilevitv2_entry("mobilevitv2_050", .5),
      mobilevitv2_entry("mobilevitv2_075", .75),
      mobilevitv2_entry("mobilevitv2_100", 1),
      {"student", "lensfind's own, for cascades", 1, student},
      equivariant_entry("equivariant_d4", 8),
      equivariant_entry("equivariant_d4_half", 4),
  };
  for (const auto& [name, width] : {std::pair{"resnet18", 64}, std::pair{"resnet18_half", 32}}) {
    for (Architecture& entry : attentive_entries(name, width)) all.push_back(std::move(entry));
  }
  return all;
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
  static const std::vector<Architecture> all = all_architectures();
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
