#include "lensfind/score/top_rows.h"

#include <algorithm>
#include <cstdint>

#include <gmock/gmock.h>

#include "lensfind/base/random.h"

namespace lensfind::score {
namespace {

struct Row {
  double logit = 0;
  std::int64_t row = 0;
  bool operator==(const Row&) const = default;
};

/// Few different logits, so that many are equal.
std::vector<Row> rows_with_ties() {
  std::vector<Row> rows;
  RandomStream random{1, Purpose::test};
  for (std::int64_t i = 0; i < 500; ++i) rows.push_back({static_cast<double>(random.below(40)), i});
  return rows;
}

std::vector<Row> sorted(std::vector<Row> rows) {
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) { return a.logit > b.logit; });
  return rows;
}

TEST(TopRows, AreTheFirstOfAStableSort) {
  const std::vector<Row> rows = rows_with_ties();
  for (const std::size_t count : {1u, 7u, 100u, 500u, 900u}) {
    TopRows<Row> top{count};
    for (const Row& row : rows)
      if (top.wants(row.logit)) top.add(row);
    std::vector<Row> expected = sorted(rows);
    expected.resize(std::min(count, expected.size()));
    EXPECT_EQ(top.take(), expected) << count;
  }
}

TEST(TopRows, AreAllWhereNoneAreCounted) {
  TopRows<Row> top{0};
  for (const Row& row : rows_with_ties()) top.add(row);
  EXPECT_EQ(top.take(), sorted(rows_with_ties()));
  EXPECT_TRUE(top.take().empty());
}

TEST(TopRows, DoNotWantWhatIsNoBetterThanTheWorst) {
  TopRows<Row> top{2};
  top.add({3, 0});
  EXPECT_TRUE(top.wants(-5));
  top.add({1, 1});
  EXPECT_FALSE(top.wants(1));
  EXPECT_TRUE(top.wants(1.5));
}

}  // namespace
}  // namespace lensfind::score
