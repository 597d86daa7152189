#include "lensfind/train/autocast.h"

#include <ATen/autocast_mode.h>

namespace lensfind::train {
namespace {

at::DeviceType type(bool on_cuda) { return on_cuda ? at::kCUDA : at::kCPU; }

}  // namespace

AutocastToBf16::AutocastToBf16(const std::string& device, bool enabled) : on_cuda_{device == "cuda"}, enabled_{enabled} {
  if (!enabled_) return;
  at::autocast::set_autocast_enabled(type(on_cuda_), true);
  at::autocast::set_autocast_dtype(type(on_cuda_), at::kBFloat16);
  at::autocast::set_autocast_cache_enabled(true);
  at::autocast::increment_nesting();
}

AutocastToBf16::~AutocastToBf16() {
  if (!enabled_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(type(on_cuda_), false);
}

}  // namespace lensfind::train
