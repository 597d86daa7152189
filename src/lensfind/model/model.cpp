#include "lensfind/model/model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/naming.h"
#include "lensfind/base/version.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/network/lens_logit.h"

namespace lensfind::model {
namespace {

namespace files {
constexpr auto weights = "model.safetensors";
constexpr auto onnx = "model.onnx";
constexpr auto description = "model.json";
}  // namespace files

network::OnnxMetadata onnx_metadata(const Model& model) {
  const Value said = to_json_value(model);
  const auto text = [&](const char* key) { return to_json(said.at(key), -1); };
  network::OnnxMetadata metadata{{"lensfind.format", text("format")},
                                 {"lensfind.version", version()},
                                 {"lensfind.network", model.graph.name},
                                 {"lensfind.bands", fmt::format("{}", fmt::join(model.band_names, ","))},
                                 {"lensfind.preprocessing", text("preprocessing")},
                                 {"lensfind.calibration", text("calibration")},
                                 {"lensfind.thresholds", text("thresholds")}};
  if (model.preprocessing.quality) metadata.emplace_back("lensfind.condition", "quality");
  return metadata;
}

void require_band_names(const Model& model) {
  if (model.band_names.size() == static_cast<std::size_t>(model.graph.bands)) return;
  throw Error{fmt::format("{} band names for {} bands", model.band_names.size(), model.graph.bands), "name every band once"};
}

}  // namespace

double Model::logit(const float* outputs) const { return network::lens_logit(std::span{outputs, static_cast<std::size_t>(graph.outputs)}); }

std::string model_onnx(const Model& model) {
  if (!model.has_network()) return model.onnx;
  return network::to_onnx(model.graph, model.weights, model.preprocessing, onnx_metadata(model));
}

std::string exported_onnx(const Model& model) {
  if (!model.average_symmetries) return model_onnx(model);
  if (!model.has_network()) {
    throw Error{"the mean over the symmetries of the square cannot be put into this ONNX file",
                "export the model that was trained or imported with its weights"};
  }
  return network::to_onnx(model.graph, model.weights, model.preprocessing, onnx_metadata(model), true);
}

void save_model(const Model& model, const std::filesystem::path& folder) {
  require_band_names(model);
  const std::string onnx = model.packed ? "" : model_onnx(model);
  // Without model.json the folder is no model: a kill between the files leaves nothing that looks whole.
  std::filesystem::remove(folder / files::description);
  if (model.packed) {
    network::write_half_safetensors(folder / files::weights, model.weights, {{"format", "pt"}});
  } else {
    if (model.has_network()) network::write_safetensors(folder / files::weights, model.weights, {{"format", "pt"}});
    write_file(folder / files::onnx, onnx, Durability::survives_power_loss);
  }
  write_file(folder / files::description, to_json(to_json_value(model, folder)) + "\n", Durability::survives_power_loss);
}

Model packed(Model model) {
  if (!model.has_network())
    throw Error{"an ensemble or somebody's ONNX file cannot be packed: it has no weights of its own", "pack its members"};
  model.weights = network::rounded_to_half(std::move(model.weights));
  model.packed = true;
  return model;
}

bool is_model_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path / files::description, ignored);
}

Model load_model(const std::filesystem::path& folder) {
  if (!is_model_folder(folder)) {
    throw Error{fmt::format("{}: no model folder, it has no {}", folder.string(), files::description),
                "name a folder that train, import, ensemble or calibrate left"};
  }
  const std::filesystem::path path = folder / files::description;
  Model model = naming(path.string(), [&] { return from_json_value(read_json(path), folder, path.string()); });
  if (!model.packed && !std::filesystem::is_regular_file(folder / files::onnx)) {
    throw Error{fmt::format("{}: {} is missing", folder.string(), files::onnx), "copy the whole model folder, or train or import again"};
  }
  if (model.graph.nodes.empty()) {
    model.onnx = network::read_onnx(folder / files::onnx).bytes;
  } else {
    model.weights = network::read_safetensors(folder / files::weights);
    network::check_weights(model.graph, model.weights, (folder / files::weights).string());
  }
  return model;
}

void refuse_cascade(const Model& model, const std::string& command, const std::filesystem::path& origin) {
  if (!model.cascade) return;
  throw Error{fmt::format("{}: is a cascade, which `{}` does not take", origin.string(), command),
              fmt::format("give its teacher or its student ({}), and make the cascade anew from what comes of it",
                          (origin / student_folder).string())};
}

network::OnnxNetwork network_of_folder(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / files::onnx;
  if (std::filesystem::is_regular_file(path)) return network::read_onnx(path);
  return network::parse_onnx(model_onnx(load_model(folder)), folder, path.string());
}

Model model_from_onnx(const std::filesystem::path& path, const network::OnnxChoice& choice) {
  Model model;
  network::OnnxNetwork network = network::read_onnx(path, choice);
  const network::OnnxShape shape = network.shape;
  if (shape.size == 0) {
    throw Error{path.string() + ": takes cutouts of any size",
                "say the size with --onnx-size PIXELS (`lensfind export` writes it into a file)"};
  }
  model.onnx = std::move(network.bytes);
  model.graph = {.name = "onnx", .bands = shape.bands, .size = shape.size, .outputs = shape.outputs};
  for (int band = 1; band <= shape.bands; ++band) model.band_names.push_back(fmt::format("band{}", band));
  model.provenance.set("onnx", path.string());
  return model;
}

}  // namespace lensfind::model
