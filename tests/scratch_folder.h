#pragma once

#include "lensfind/base/temporary_folder.h"

namespace lensfind::testing {

/// An empty folder of its own, however many tests run at once; removed with everything in it.
using ScratchFolder = TemporaryFolder;

}  // namespace lensfind::testing
