#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "bindings.h"
#include "lensfind/base/progress.h"

namespace lensfind::python {

/// Runs `work` in a thread of its own, without the interpreter's lock. Meanwhile the calling thread tells `listener` (a Python object with
/// start, advance, line, warn and finish, or None) what the work reports, and looks for Ctrl-C: the work is then told to stop, and the
/// KeyboardInterrupt goes on when it has left a state to resume from. Rethrows what `work` throws. Needs the lock when it is called.
void attend(nb::handle listener, const std::function<void(Progress&, const StopFlag&)>& work);

/// The same for work that returns something.
template <typename Work>
auto attended(nb::handle listener, Work work) {
  std::optional<decltype(work(std::declval<Progress&>(), std::declval<const StopFlag&>()))> result;
  attend(listener, [&](Progress& progress, const StopFlag& stop) { result.emplace(work(progress, stop)); });
  return std::move(*result);
}

}  // namespace lensfind::python
