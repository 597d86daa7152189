#pragma once

#include <filesystem>
#include <string>

namespace lensfind::testing {

/// What timm computes for a network that is filled by the rule of reference_fill.h: made by reference/networks.py, which says what stands
/// there.
inline std::filesystem::path network_reference(const std::string& network) {
  return std::filesystem::path{LENSFIND_SOURCE_DIR} / "tests" / "reference" / "networks" / (network + ".json");
}

}  // namespace lensfind::testing
