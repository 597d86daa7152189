#pragma once

namespace lensfind::image {

#if defined(__x86_64__)
namespace vectorised_detail {
template <typename Kernel>
[[gnu::target("avx2,fma"), gnu::flatten]] void with_avx2(const Kernel& kernel) {
  kernel();
}
}  // namespace vectorised_detail
#endif

/// Runs kernel() as compiled for the widest vectors that this processor is known to have (x86-64: AVX2 with fused multiply-add, else the
/// base set). So a program built for every processor still uses what it finds. A kernel is a plain loop in a lambda; everything it calls is
/// inlined. Results agree between processors to float rounding.
template <typename Kernel>
void vectorised(const Kernel& kernel) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    vectorised_detail::with_avx2(kernel);
    return;
  }
#endif
  kernel();
}

}  // namespace lensfind::image
