#include "lensfind/score/mpi_launch.h"

#include <cstdlib>

#include "lensfind/base/csv.h"

namespace lensfind::score {

int mpi_launch_size() {
  // Open MPI's mpirun, and Hydra's (MPICH, Intel MPI). Slurm's srun sets PMIX_RANK or PMI_RANK with --mpi only.
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* text = std::getenv(name);
    if (!text) continue;
    if (const auto size = parse_integer(text); size && *size > 0 && *size < 10'000'000) return static_cast<int>(*size);
  }
  const char* tasks = std::getenv("PMIX_RANK") ? std::getenv("SLURM_NTASKS") : nullptr;
  const auto size = tasks ? parse_integer(tasks) : std::nullopt;
  return size && *size > 0 && *size < 10'000'000 ? static_cast<int>(*size) : 1;
}

}  // namespace lensfind::score
