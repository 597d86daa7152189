#pragma once

#include <filesystem>

#include "lensfind/model/model.h"
#include "lensfind/network/onnx_file.h"

namespace lensfind::model {

/// A model of somebody's ONNX file (network/onnx_file.h says what it may be), without calibration: `calibrate` can give it one. Its bytes
/// hold the weights, wherever they lay. Throws Error, also where height and width are free and `choice` names no size.
Model model_from_onnx(const std::filesystem::path& path, const network::OnnxChoice& choice);

}  // namespace lensfind::model
