#include <algorithm>
#include <cstdlib>

#include <mpi.h>

#include "lensfind/score/mpi.h"
#include "lensfind/score/mpi_launch.h"

namespace lensfind::score {
namespace {

class MpiRanks final : public Ranks {
 public:
  MpiRanks() {
    int given = MPI_THREAD_SINGLE;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &given);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &count_);
    // The counter lies in the first rank's memory; the others reach it without that rank's help.
    const MPI_Aint bytes = rank_ == 0 ? static_cast<MPI_Aint>(sizeof(std::int64_t)) : 0;
    MPI_Win_allocate(bytes, sizeof(std::int64_t), MPI_INFO_NULL, MPI_COMM_WORLD, &counter_, &window_);
    if (rank_ == 0) *counter_ = 0;
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Win_lock_all(0, window_);
  }
  ~MpiRanks() override {
    MPI_Win_unlock_all(window_);
    MPI_Win_free(&window_);
    MPI_Finalize();
  }
  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;

  int rank() const override { return rank_; }
  int count() const override { return count_; }
  std::int64_t take() override {
    const std::int64_t one = 1;
    std::int64_t number = 0;
    MPI_Fetch_and_op(&one, &number, MPI_INT64_T, 0, 0, MPI_SUM, window_);
    MPI_Win_flush(0, window_);
    return number;
  }
  void wait_for_all() override { MPI_Barrier(MPI_COMM_WORLD); }
  void sum(std::span<float> values) override {
    constexpr std::size_t most = 1U << 30U;  // MPI counts in int
    for (std::size_t at = 0; at < values.size(); at += most) {
      const std::span<float> some = values.subspan(at, std::min(most, values.size() - at));
      MPI_Allreduce(MPI_IN_PLACE, some.data(), static_cast<int>(some.size()), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    }
  }

 private:
  int rank_ = 0, count_ = 1;
  std::int64_t* counter_ = nullptr;
  MPI_Win window_{};
};

}  // namespace

bool launched_with_mpi() { return mpi_launch_size() > 1; }

int mpi_ranks_here() { return mpi_launch_size_here(); }

std::unique_ptr<Ranks> join_mpi() { return std::make_unique<MpiRanks>(); }

void abort_mpi(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
  std::abort();
}

}  // namespace lensfind::score
