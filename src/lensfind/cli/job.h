#pragma once

#include <exception>
#include <string>

#include "lensfind/base/ranks.h"

namespace lensfind::cli {

/// Says what went wrong in this rank of an MPI job, and ends all its ranks. `hint` is for failures that bring none.
[[noreturn]] void end_job(const Ranks& ranks, const std::exception& failure, const std::string& hint);

/// Threads for one of so many ranks on this machine. A launcher that binds ranks to cores says by it how many each has (Open MPI binds each
/// to one core unless told otherwise); where it does not, they share all.
int threads_of_rank(int ranks_here);

}  // namespace lensfind::cli
