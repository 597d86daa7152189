#pragma once

#include <cstdint>
#include <memory>

namespace lensfind::score {

/// Processes that share one run: those that `mpirun` or `srun` started together. Each knows its rank, and they count together.
class Ranks {
 public:
  virtual ~Ranks() = default;
  [[nodiscard]] virtual int rank() const = 0;   ///< from 0
  [[nodiscard]] virtual int count() const = 0;  ///< how many there are
  /// 0, 1, 2, ...: each number goes to one rank only. From one thread at a time.
  virtual std::int64_t take() = 0;
  /// Returns when all ranks have come here.
  virtual void wait_for_all() = 0;
};

/// Whether a launcher of MPI programs started this process with others.
bool launched_with_mpi();

/// The ranks of this process's MPI job. MPI ends when it is destroyed. Throws Error where the program was built without MPI. To be called
/// once a process.
std::unique_ptr<Ranks> join_mpi();

/// Ends all ranks of the job at once. A rank that fails must do so, because the others would wait for it for ever.
[[noreturn]] void abort_mpi(int status);

}  // namespace lensfind::score
