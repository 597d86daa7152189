#include "lensfind/cli/build_facts.h"

#include <fstream>

#include "lensfind/render/instructions.h"
#include "lensfind_build_facts.h"
#include "lensfind_commit.h"

namespace lensfind::cli {

BuildFacts build_facts() {
  BuildFacts facts{.commit = lensfind_commit, .type = lensfind_build_type, .compiler = lensfind_compiler, .libraries = {}};
  for (const auto& [name, number] : lensfind_libraries) facts.libraries.emplace_back(name, number);
  return facts;
}

std::string first_value_in(const std::string& file, const std::string& key) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t at = line.find(':');
    return at == std::string::npos ? "" : line.substr(line.find_first_not_of(" \t", at + 1));
  }
  return "";
}

Processor processor() {
  Processor found{.name = first_value_in("/proc/cpuinfo", "model name"), .features = {}, .kernels = render::instructions()};
  const std::string flags = " " + first_value_in("/proc/cpuinfo", "flags") + " ";
  for (const std::string feature : {"avx2", "avx512f", "avx512_bf16", "amx_bf16", "avx_vnni", "avx512_vnni", "amx_int8"})
    if (flags.find(" " + feature + " ") != std::string::npos) found.features.push_back(feature);
  return found;
}

}  // namespace lensfind::cli
