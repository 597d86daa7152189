#pragma once

namespace lensfind::score {

/// How many processes the launcher of MPI programs started together, by what it puts into the environment. 1 where there was none.
int mpi_launch_size();

}  // namespace lensfind::score
