#pragma once

#include <string>

namespace lensfind::train {

/// While one exists, libtorch computes convolutions and matrix products in bfloat16 on this device. The rest and the weights stay float32.
/// Weights are converted once while it exists.
class AutocastToBf16 {
 public:
  AutocastToBf16(const std::string& device, bool enabled);
  ~AutocastToBf16();
  AutocastToBf16(const AutocastToBf16&) = delete;
  AutocastToBf16& operator=(const AutocastToBf16&) = delete;

 private:
  bool on_cuda_, enabled_;
};

}  // namespace lensfind::train
