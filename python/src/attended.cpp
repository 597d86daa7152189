#include "attended.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

namespace lensfind::python {
namespace {

/// What the work reported and Python was not told yet.
class Reports final : public Progress {
 public:
  explicit Reports(bool heard) : heard_{heard} {}

  void start(const std::string& task, std::int64_t total, const std::string& unit) override {
    add([task, total, unit](nb::handle listener) { listener.attr("start")(task.c_str(), total, unit.c_str()); });
  }
  void advance(std::int64_t steps) override {
    if (!heard_) return;
    const std::lock_guard lock{mutex_};
    steps_ += steps;
  }
  void line(const std::string& text) override {
    add([text](nb::handle listener) { listener.attr("line")(text.c_str()); });
  }
  void warn(const std::string& text) override {
    add([text](nb::handle listener) { listener.attr("warn")(text.c_str()); });
  }
  void finish() override {
    add([](nb::handle listener) { listener.attr("finish")(); });
  }

  void end(std::exception_ptr failure) {
    const std::lock_guard lock{mutex_};
    failure_ = std::move(failure);
    ended_ = true;
    changed_.notify_one();
  }
  /// Waits a moment, or until the work ends; says whether it has.
  bool wait() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::milliseconds{50}, [&] { return ended_; });
  }
  /// Needs the interpreter's lock.
  void tell(nb::handle listener) {
    std::deque<Report> reports;
    std::int64_t steps = 0;
    {
      const std::lock_guard lock{mutex_};
      reports.swap(reports_);
      steps = std::exchange(steps_, 0);
    }
    for (const Report& report : reports) report(listener);
    if (steps > 0) listener.attr("advance")(steps);
  }
  [[nodiscard]] std::exception_ptr failure() const { return failure_; }

 private:
  using Report = std::function<void(nb::handle)>;

  void add(Report report) {
    if (!heard_) return;
    const std::lock_guard lock{mutex_};
    // Steps come before what was said after them.
    if (steps_ > 0) reports_.push_back([steps = std::exchange(steps_, 0)](nb::handle listener) { listener.attr("advance")(steps); });
    reports_.push_back(std::move(report));
  }

  bool heard_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Report> reports_;
  std::int64_t steps_ = 0;
  bool ended_ = false;
  std::exception_ptr failure_;
};

/// Calls Python; what that raises stops the work, and is kept for later.
void try_python(const auto& call, StopFlag& stop, std::exception_ptr& raised) {
  if (raised) return;
  try {
    call();
  } catch (...) {
    raised = std::current_exception();
    stop = true;
  }
}

}  // namespace

void attend(nb::handle listener, const std::function<void(Progress&, const StopFlag&)>& work) {
  const bool heard = listener.is_valid() && !listener.is_none();
  Reports reports{heard};
  StopFlag stop{false};
  std::exception_ptr raised;
  const auto look = [&] {
    try_python(
        [&] {
          if (PyErr_CheckSignals() != 0) throw nb::python_error();
          if (heard) reports.tell(listener);
        },
        stop, raised);
  };
  std::thread thread{[&] {
    try {
      work(reports, stop);
      reports.end(nullptr);
    } catch (...) {
      reports.end(std::current_exception());
    }
  }};
  for (bool ended = false; !ended;) {
    {
      const nb::gil_scoped_release released;
      ended = reports.wait();
    }
    look();
  }
  thread.join();
  if (raised) std::rethrow_exception(raised);
  if (reports.failure()) std::rethrow_exception(reports.failure());
}

}  // namespace lensfind::python
