#pragma once

#include <memory>

#include "lensfind/base/ranks.h"

namespace lensfind::score {

/// Whether a launcher of MPI programs started this process with others.
bool launched_with_mpi();

/// How many of them the launcher put on this machine, as far as it says: at least 1.
int mpi_ranks_here();

/// The ranks of this process's MPI job. MPI ends when it is destroyed. Throws Error where the program was built without MPI. To be called
/// once a process.
std::unique_ptr<Ranks> join_mpi();

/// Ends all ranks of the job at once. A rank that fails must do so, because the others would wait for it for ever.
[[noreturn]] void abort_mpi(int status);

}  // namespace lensfind::score
