#include <cstdlib>

#include "lensfind/base/error.h"
#include "lensfind/score/mpi.h"
#include "lensfind/score/mpi_launch.h"

namespace lensfind::score {

bool launched_with_mpi() { return mpi_launch_size() > 1; }

int mpi_ranks_here() { return mpi_launch_size_here(); }

std::unique_ptr<Ranks> join_mpi() {
  throw Error{"several processes were started together, but this program was built without MPI",
              "install libopenmpi-dev and build again, or start each process by itself with --shard I/N"};
}

void abort_mpi(int status) { std::_Exit(status); }

}  // namespace lensfind::score
