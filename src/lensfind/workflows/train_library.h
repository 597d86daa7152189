#pragma once

#include "lensfind/train/library.h"

namespace lensfind::workflows {

/// The training room, loaded at the first call. Throws Error where its library is not there.
const train::Library& train_library();

}  // namespace lensfind::workflows
