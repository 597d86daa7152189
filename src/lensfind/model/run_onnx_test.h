#pragma once

#include <string>
#include <vector>

#include <openvino/openvino.hpp>

namespace lensfind::model {

/// Outputs of an ONNX model for cutouts of this shape (n, bands, height, width), by OpenVINO in float32.
inline std::vector<float> run_onnx(const std::string& onnx, std::vector<float> cutouts, const std::vector<std::size_t>& shape) {
  static ov::Core core;
  auto compiled = core.compile_model(core.read_model(onnx, ov::Tensor{}), "CPU", ov::hint::inference_precision(ov::element::f32));
  ov::InferRequest request = compiled.create_infer_request();
  request.set_input_tensor(ov::Tensor{ov::element::f32, shape, cutouts.data()});
  request.infer();
  const ov::Tensor output = request.get_output_tensor();
  return {output.data<float>(), output.data<float>() + output.get_size()};
}

}  // namespace lensfind::model
