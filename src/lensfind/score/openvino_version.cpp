#include "lensfind/score/openvino_version.h"

#include <openvino/core/version.hpp>

namespace lensfind::score {

std::string openvino_version() { return ov::get_openvino_version().buildNumber; }

}  // namespace lensfind::score
