#include "lensfind/base/version.h"

namespace lensfind::base {

std::string version() { return LENSFIND_VERSION; }

}  // namespace lensfind::base
