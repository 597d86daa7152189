#include "lensfind/cli/job.h"

#include <fmt/format.h>

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

}  // namespace lensfind::cli
