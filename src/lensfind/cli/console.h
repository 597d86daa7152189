#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "lensfind/base/number_text.h"
#include "lensfind/base/progress.h"
#include "lensfind/base/value.h"
#include "lensfind/cli/arguments.h"

namespace lensfind::cli {

/// What every command takes.
struct CommonArguments {
  int threads = 0;  ///< 0: all cores
  std::optional<std::uint64_t> seed;
  std::vector<std::string> set;  ///< key=value for a recipe's or survey's fields
  bool json = false;
  bool quiet = false;

  void declare(Arguments& arguments, bool with_seed = false, bool with_set = false);
  [[nodiscard]] std::uint64_t seed_or_zero() const { return seed.value_or(0); }
  /// For recipes, whose numbers have a sign; throws Usage beyond 2^63 - 1.
  [[nodiscard]] std::int64_t recipe_seed() const;
};

/// Draws progress on stderr, where it never fails (streams.h): a bar with rate and time left on a terminal, a line every 10 s otherwise,
/// nothing when quiet.
class ConsoleProgress final : public Progress {
 public:
  explicit ConsoleProgress(bool quiet);

  void start(const std::string& task, std::int64_t total, const std::string& unit) override;
  void advance(std::int64_t steps) override;
  void line(const std::string& text) override;
  void warn(const std::string& text) override;
  void finish() override;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(bool last);
  void clear_bar();

  std::mutex mutex_;
  bool quiet_, terminal_, bar_drawn_ = false;
  std::string task_, unit_;
  std::int64_t total_ = 0, done_ = 0;
  Clock::time_point begun_{}, drawn_{};
};

/// Where a command's result goes: a short summary for people on stdout, or with --json one JSON object there.
class Console {
 public:
  explicit Console(const CommonArguments& common);

  [[nodiscard]] Progress& progress() { return progress_; }
  /// A line of the summary; silent with --json.
  void say(const std::string& line);
  /// The result as data: printed with --json only.
  void result(const Value& value);

 private:
  bool json_;
  ConsoleProgress progress_;
};

/// Set by Ctrl-C; a second Ctrl-C ends the program at once.
const StopFlag& stop_flag();
void catch_interrupts();

/// Limits oneTBB to `threads` (0: all cores) for the rest of the program and returns how many there are: at most four a core or 16, and no
/// more than the system starts, which it says.
int use_threads(int threads);

/// "12.3 s", "4 min 05 s", "2 h 10 min".
std::string duration_text(double seconds);

}  // namespace lensfind::cli
