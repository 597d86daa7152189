#include "lensfind/base/version.h"

namespace lensfind {

std::string version() { return LENSFIND_VERSION; }

}  // namespace lensfind
