#include "lensfind/score/mpi_launch.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "lensfind/base/csv.h"

namespace lensfind::score {
namespace {

constexpr std::int64_t most_ranks = 10'000'000;

/// A count of processes in the environment; 0 where it says none.
int count_in_environment(const char* name) {
  const char* text = std::getenv(name);
  const auto size = text ? parse_integer(text) : std::nullopt;
  return size && *size > 0 && *size < most_ranks ? static_cast<int>(*size) : 0;
}

}  // namespace

int mpi_launch_size() {
  // Open MPI's mpirun, and Hydra's (MPICH, Intel MPI). Slurm's srun sets PMIX_RANK or PMI_RANK with --mpi only.
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
    if (const int size = count_in_environment(name)) return size;
  return std::getenv("PMIX_RANK") ? std::max(1, count_in_environment("SLURM_NTASKS")) : 1;
}

int mpi_launch_size_here() {
  for (const char* name : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS_PER_NODE"})
    if (const int size = count_in_environment(name)) return size;
  return 1;
}

}  // namespace lensfind::score
