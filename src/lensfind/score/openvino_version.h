#pragma once

#include <string>

namespace lensfind::score {

/// The version of OpenVINO that runs, "2026.4.1-...".
std::string openvino_version();

}  // namespace lensfind::score
