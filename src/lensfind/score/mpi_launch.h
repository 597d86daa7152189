#pragma once

namespace lensfind::score {

/// How many processes the launcher of MPI programs started together, by what it puts into the environment. 1 where there was none.
int mpi_launch_size();

/// How many of them run on this machine; 1 where it does not say.
int mpi_launch_size_here();

}  // namespace lensfind::score
