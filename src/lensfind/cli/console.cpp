#include "lensfind/cli/console.h"

#include <algorithm>
#include <csignal>
#include <limits>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <unistd.h>

#include "lensfind/base/parallel.h"
#include "lensfind/base/utf8.h"
#include "lensfind/cli/streams.h"

namespace lensfind::cli {
namespace {

constexpr auto bar_interval = std::chrono::milliseconds{100};
constexpr auto line_interval = std::chrono::seconds{10};
constexpr int bar_width = 24;

StopFlag stop_asked{false};

void on_interrupt(int) {
  stop_asked.store(true);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

void say_beside(const std::string& text) { print_message("note: " + terminal_text(text) + "\n"); }

/// As many threads as are of use and as the system starts. Some libraries end the program where they cannot start theirs.
int threads_to_use(int asked, int cores) {
  const int max = std::max(16, 4 * cores);
  if (asked > max) say_beside(fmt::format("--threads {} is more than {} cores can use: {} are taken", asked, cores, max));
  const int wanted = asked > 0 ? std::min(asked, max) : cores;
  const int all = 2 * wanted + 2;  // those that compute, and those that read
  const int start = threads_that_start(all);
  if (start == all) return wanted;
  const int used = std::clamp((start - 2) / 2, 1, wanted);
  say_beside(fmt::format("the system starts only {} threads (`ulimit -u`, or memory): {} of {} are taken", start, used, wanted));
  return used;
}

}  // namespace

void CommonArguments::declare(Arguments& arguments, bool with_seed, bool with_set) {
  arguments.option(threads, "--threads", "N", "threads to use (default: all cores)");
  if (with_seed) arguments.option(seed, "--seed", "S", "of all random numbers (default 0)");
  if (with_set) arguments.option(set, "--set", "KEY=VALUE", "change one field; may be given again");
  arguments.flag(json, "--json", "print the result as one JSON object on stdout");
  arguments.flag(quiet, "--quiet", "no progress on stderr");
}

std::int64_t CommonArguments::recipe_seed() const {
  constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (seed_or_zero() > max) throw Usage{fmt::format("--seed lies between 0 and {} where a network is trained", max)};
  return static_cast<std::int64_t>(seed_or_zero());
}

ConsoleProgress::ConsoleProgress(bool quiet) : quiet_{quiet}, terminal_{::isatty(STDERR_FILENO) == 1} {}

void ConsoleProgress::start(const std::string& task, std::int64_t total, const std::string& unit) {
  const std::scoped_lock lock{mutex_};
  clear_bar();
  task_ = task;
  unit_ = unit;
  total_ = total;
  done_ = 0;
  begun_ = drawn_ = Clock::now();
}

void ConsoleProgress::advance(std::int64_t steps) {
  const std::scoped_lock lock{mutex_};
  done_ += steps;
  if (quiet_ || Clock::now() - drawn_ < (terminal_ ? Clock::duration{bar_interval} : Clock::duration{line_interval})) return;
  drawn_ = Clock::now();
  draw(false);
}

void ConsoleProgress::line(const std::string& text) {
  const std::scoped_lock lock{mutex_};
  if (quiet_) return;
  clear_bar();
  print_message(terminal_text(text) + "\n");
}

void ConsoleProgress::warn(const std::string& text) {
  const std::scoped_lock lock{mutex_};
  clear_bar();
  print_message("warning: " + terminal_text(text) + "\n");
}

void ConsoleProgress::finish() {
  const std::scoped_lock lock{mutex_};
  if (!quiet_ && (terminal_ || seconds_since(begun_) > 2)) draw(true);
  task_.clear();
}

void ConsoleProgress::draw(bool last) {
  const double seconds = seconds_since(begun_);
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  std::string text = terminal_text(task_) + ": ";
  if (total_ > 0) {
    const double fraction = std::min(1., static_cast<double>(done_) / static_cast<double>(total_));
    if (terminal_) {
      const int full = static_cast<int>(fraction * bar_width);
      for (int i = 0; i < bar_width; ++i) text += i < full ? "█" : "░";
      text += ' ';
    }
    text += fmt::format("{} / {} {}, {:.0f} %", with_commas(done_), with_commas(total_), unit_, 100 * fraction);
  } else {
    text += fmt::format("{} {}", with_commas(done_), unit_);
  }
  text += fmt::format(", {:.{}f}/s", rate, rate < 10 ? 1 : 0);
  if (last) {
    text += fmt::format(", {}", duration_text(seconds));
  } else if (total_ > 0 && rate > 0) {
    text += fmt::format(", {} left", duration_text(static_cast<double>(total_ - done_) / rate));
  }
  if (terminal_) {
    print_message("\r\033[K" + text + (last ? "\n" : ""));
    bar_drawn_ = !last;
  } else {
    print_message(text + "\n");
  }
}

void ConsoleProgress::clear_bar() {
  if (bar_drawn_) print_message("\r\033[K");
  bar_drawn_ = false;
}

Console::Console(const CommonArguments& common) : json_{common.json}, progress_{common.quiet} {}

void Console::say(const std::string& line) {
  if (!json_) print_result(terminal_text(line) + "\n");
}

void Console::result(const Value& value) {
  if (json_) print_result(to_json(value) + "\n");
}

const StopFlag& stop_flag() { return stop_asked; }

void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

int use_threads(int threads) {
  static std::unique_ptr<tbb::global_control> limit;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int used = threads_to_use(threads, cores);
  limit = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(used));
  return used;
}

std::string duration_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.{}f} s", seconds, seconds < 10 ? 1 : 0);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace lensfind::cli
