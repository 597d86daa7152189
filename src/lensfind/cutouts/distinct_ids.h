#pragma once

#include <string>

#include "lensfind/cutouts/inputs.h"

namespace lensfind::cutouts {

/// Sees to it that no two inputs have one id: where two would (DIR1/1.npy and DIR2/1.npy), ids begin with the arguments (options.long_ids),
/// and what is returned says so; else it is empty. Looks at names alone, and in one folder by itself, where ids differ (file_list.h), not
/// at these. Takes 8 bytes a file. Throws Error where two ids are equal even so: a file is given twice, or a list gives an id twice.
std::string make_ids_distinct(InputOptions& options);

}  // namespace lensfind::cutouts
