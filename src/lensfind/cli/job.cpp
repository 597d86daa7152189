#include "lensfind/cli/job.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <sched.h>

#include "lensfind/base/error.h"
#include "lensfind/base/utf8.h"
#include "lensfind/cli/streams.h"
#include "lensfind/score/mpi.h"

namespace lensfind::cli {

void end_job(const Ranks& ranks, const std::exception& failure, const std::string& hint) {
  const auto* error = dynamic_cast<const Error*>(&failure);
  print_message(terminal_text(fmt::format("error: rank {}: {}\nhint: {}\n", ranks.rank(), failure.what(), error ? error->hint() : hint)));
  score::abort_mpi(1);
}

int threads_of_rank(int ranks_here) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const int own = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : cores;
  return own < cores ? std::max(1, own) : std::max(1, cores / ranks_here);
}

}  // namespace lensfind::cli
