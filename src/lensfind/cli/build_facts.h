#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lensfind::cli {

/// How this program was built; cmake/BuildFacts.cmake writes the numbers.
struct BuildFacts {
  std::string commit;    ///< of git, with "-dirty" behind it where files differ; empty where it was built without git
  std::string type;      ///< "Release"
  std::string compiler;  ///< "GNU 12.2.0"
  std::vector<std::pair<std::string, std::string>> libraries;  ///< name and version of each that it was built with
};
BuildFacts build_facts();

/// The processor's name, and which of those instructions it has that change how fast lensfind is (avx2, avx512f, avx512_bf16, amx_bf16,
/// avx_vnni, avx512_vnni, amx_int8).
struct Processor {
  std::string name;
  std::vector<std::string> features;
  std::string kernels;  ///< the instructions that simulation's kernels take here: "AVX2"
};
Processor processor();

/// The first value of a key in a file of `key : value` lines, as those below /proc; empty where there is none.
std::string first_value_in(const std::string& file, const std::string& key);

}  // namespace lensfind::cli
