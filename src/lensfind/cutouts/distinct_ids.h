#pragma once

#include <string>

#include "lensfind/cutouts/inputs.h"

namespace lensfind::cutouts {

/// Sees to it that no two inputs have one id. Where two would (DIR1/1.npy and DIR2/1.npy), ids begin with the arguments (options.long_ids),
/// and the text returned says so; else it is empty. Looks at names alone. Files of one folder are passed over, because their ids differ
/// already (file_list.h). Takes 8 bytes a file. Throws Error where two ids are equal even so: a file is given twice, or a list gives an id
/// twice.
std::string make_ids_distinct(InputOptions& options);

}  // namespace lensfind::cutouts
