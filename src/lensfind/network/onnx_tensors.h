#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace lensfind::network {

/// Takes the weights that lie in other files (external data, https://onnx.ai/onnx/repo-docs/ExternalData.html) into the model. Returns the
/// names of these files. Throws Error where one is missing, too short or outside `folder`, or where all take more than one input may. Also
/// for sparse tensors, which unpack to any size.
std::vector<std::string> embed_external_data(onnx::ModelProto& model, const std::filesystem::path& folder, const std::string& origin);

/// The place of the initialiser that stands for the seeing, where a file of ours takes that as a second input (quality.h).
std::optional<int> default_seeing(const onnx::ModelProto& model);

/// The name of an element type of ONNX, such as "float16".
std::string onnx_type_name(int type);

}  // namespace lensfind::network
