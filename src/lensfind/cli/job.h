#pragma once

#include <exception>
#include <string>

#include "lensfind/base/ranks.h"

namespace lensfind::cli {

/// Says what went wrong in this rank of an MPI job, and ends all its ranks. `hint` is for failures that bring none.
[[noreturn]] void end_job(const Ranks& ranks, const std::exception& failure, const std::string& hint);

}  // namespace lensfind::cli
