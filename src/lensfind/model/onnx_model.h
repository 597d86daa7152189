#pragma once

#include <filesystem>

#include "lensfind/model/model.h"
#include "lensfind/network/onnx_file.h"

namespace lensfind::model {

/// A model of somebody's ONNX file (network/onnx_file.h says what it may be), without calibration; `calibrate` can give it one. Its bytes
/// hold the weights, wherever they lay. Throws Error, also where height and width are free and `choice` names no size.
Model model_from_onnx(const std::filesystem::path& path, const network::OnnxChoice& choice = {});

/// The network of a model folder, from its model.onnx or, where it is packed, made of its weights. Throws Error.
network::OnnxNetwork network_of_folder(const std::filesystem::path& folder);

}  // namespace lensfind::model
