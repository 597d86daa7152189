/// Linked into programs that are built with the thread sanitizer. OpenVINO, the oneTBB that it ships and hwloc, which that asks, are not
/// built with it, so that what their threads hand to each other looks unordered.
extern "C" const char* __tsan_default_suppressions() {
  return "race:libopenvino\n"
         "race:libtbb\n"
         "race:libhwloc\n"
         "race_top:tbb::detail\n"
         "mutex:libopenvino\n"
         "thread:libtbb\n";
}
