#include "lensfind/train/device.h"

#include <algorithm>
#include <limits>
#include <thread>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/headeronly/version.h>

#include "lensfind/base/error.h"
#include "lensfind/train/depthwise_convolution.h"

namespace lensfind::train {

std::string choose_device(const std::string& wanted) {
  if (wanted == "cpu") return "cpu";
  if (wanted != "auto" && wanted != "cuda") throw Error{"--device " + wanted + ": no such device", "take auto, cpu or cuda"};
  const bool cuda = at::globalContext().hasCUDA();
  if (wanted == "cuda" && !cuda) {
    throw Error{"--device cuda: libtorch " + torch_version() + " finds no CUDA GPU here",
                "take --device cpu, or give a libtorch built for CUDA with LENSFIND_TORCH=DIR and look at nvidia-smi"};
  }
  return cuda ? "cuda" : "cpu";
}

namespace {

/// A step frees and takes again hundreds of megabytes. glibc would hand them back to the system each time and fault every page in anew,
/// a tenth of a step.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the highest that glibc takes
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace

bool processor_has_bf16() { return __builtin_cpu_supports("avx512bf16") != 0; }

bool choose_bf16(Precision wanted, const network::Graph& graph, const std::string& device) {
  if (wanted != Precision::automatic) return wanted == Precision::bf16;
  if (device == "cuda") return true;
  const bool grouped = std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const network::Node& node) {
    return node.operation == network::Operation::conv2d && node.groups > 1 && !is_depthwise(node);
  });
  return processor_has_bf16() && !grouped;
}

int set_up_torch(int threads) {
  const int used = threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  keep_freed_memory();
  at::set_num_threads(used);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
  return used;
}

std::string torch_version() { return TORCH_VERSION; }

}  // namespace lensfind::train
