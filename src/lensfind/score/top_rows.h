#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace lensfind::score {

/// Keeps the `count` best of many rows, or all where `count` is 0: those of the highest `logit`, of equal ones those with the lowest `row`.
/// Memory holds what is kept. `Row` has these two members; rows without a number as logit are not for it.
template <typename Row>
class TopRows {
 public:
  explicit TopRows(std::size_t count) : count_{count} {}

  /// Whether a row with this logit, behind all that were added, would be kept: what it costs to make one can be saved.
  [[nodiscard]] bool wants(double logit) const { return count_ == 0 || heap_.size() < count_ || logit > heap_.front().logit; }

  void add(Row row) {
    if (count_ > 0 && heap_.size() == count_) {
      if (!is_better(row, heap_.front())) return;
      std::ranges::pop_heap(heap_, is_better);
      heap_.pop_back();
    }
    heap_.push_back(std::move(row));
    if (count_ > 0) std::ranges::push_heap(heap_, is_better);
  }

  /// Best first; leaves nothing.
  std::vector<Row> take() {
    std::ranges::sort(heap_, is_better);
    return std::exchange(heap_, {});
  }

 private:
  static bool is_better(const Row& a, const Row& b) { return a.logit != b.logit ? a.logit > b.logit : a.row < b.row; }

  std::size_t count_;
  std::vector<Row> heap_;  ///< with a count the worst of the best first
};

}  // namespace lensfind::score
