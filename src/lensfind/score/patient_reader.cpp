#include "lensfind/score/patient_reader.h"

#include <algorithm>
#include <new>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"

namespace lensfind::score {
namespace {

enum class Blame { nobody, input, memory, machine };

struct Attempt {
  Blame blame = Blame::nobody;
  cutouts::Fitting fitting = {};
  std::string columns = {}, reason = {}, hint = {};
};

/// The reason of an Error without the file's name, which stands in the table already.
std::string reason_of(const std::exception& error, const cutouts::Input& input) {
  const std::string text = error.what();
  const std::string name = input.name + ": ";
  const auto at = text.find(name);
  return at == std::string::npos ? text : text.substr(at + name.size());
}

Attempt try_to_read(const cutouts::Input& input, image::MutableImageView wanted) {
  try {
    const cutouts::Fitting fitting = cutouts::read_input(input, wanted);
    return {.fitting = fitting, .columns = cutouts::further_fields(input, fitting.missing)};
  } catch (const MachineFault& fault) {
    return {.blame = Blame::machine, .reason = fault.what(), .hint = fault.hint()};
  } catch (const Error& error) {
    return {.blame = descriptors_are_scarce() ? Blame::machine : Blame::input,
            .reason = reason_of(error, input),
            .hint = "allow more open files (`ulimit -n`)"};
  } catch (const std::bad_alloc&) {
    return {.blame = Blame::memory, .reason = "needs more memory than there is"};
  } catch (const std::system_error& error) {
    return {.blame = is_machine_fault(error.code().value()) ? Blame::machine : Blame::input,
            .reason = reason_of(error, input),
            .hint = "is the disk well, and the network file system there?"};
  } catch (const std::exception& error) {
    return {.blame = Blame::input, .reason = fmt::format("cannot be read: {}", error.what())};
  } catch (...) {
    return {.blame = Blame::input, .reason = "cannot be read, for a reason that is not known"};
  }
}

}  // namespace

const Patience& usual_patience() {
  using std::chrono::milliseconds;
  static const Patience waits{milliseconds{0}, milliseconds{100}, milliseconds{1000}, milliseconds{3000}};
  return waits;
}

bool descriptors_are_scarce() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  // The lowest number that is free tells how many are taken.
  const int lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (lowest < 0) return true;
  ::close(lowest);
  const rlim_t kept = std::min<rlim_t>(limit.rlim_cur / 4, 256);
  return static_cast<rlim_t>(lowest) + kept >= limit.rlim_cur;
}

PatientReader::Reading PatientReader::read(const cutouts::Input& input, image::MutableImageView wanted) const {
  Attempt attempt;
  const auto was_decided = [&] { return attempt.blame == Blame::nobody || attempt.blame == Blame::input; };
  {
    std::unique_lock gate{turns_->gate};
    const std::shared_lock together{turns_->together};
    gate.unlock();
    attempt = try_to_read(input, wanted);
  }
  for (auto wait = patience_.begin(); wait != patience_.end() && !was_decided(); ++wait) {
    std::this_thread::sleep_for(*wait);
    const std::lock_guard gate{turns_->gate};
    const std::lock_guard alone{turns_->together};
    attempt = try_to_read(input, wanted);
    if (attempt.blame == Blame::memory) break;  // alone it had all there is
  }
  if (attempt.blame == Blame::nobody) return {attempt.fitting, {}, attempt.columns};
  if (attempt.blame != Blame::machine) return {{}, attempt.reason};
  throw Error{fmt::format("{} (no fault of the file; reading it alone did not help)", attempt.reason),
              attempt.hint + "; what is done is kept: go on with --resume"};
}

}  // namespace lensfind::score
