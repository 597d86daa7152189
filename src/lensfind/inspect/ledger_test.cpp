#include "lensfind/inspect/ledger.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::inspect {
namespace {

Grade row_of(const std::string& uid, const std::string& time, const std::string& grader, const Showing& showing, const std::string& grade,
             const std::string& undoes = {}) {
  return {.uid = uid,
          .time = time,
          .grader = grader,
          .object = std::to_string(showing.object),
          .presentation = showing.presentation,
          .scheme = "s",
          .grade = grade,
          .undoes = undoes};
}

// 4,000 rows at random, a fifth of which take an earlier one back: after each hundred it says what standing() finds among all rows so far.
TEST(Ledger, AgreesWithStandingAfterEachRow) {
  RandomStream random{1, Purpose::test};
  const auto below = [&](double count) { return static_cast<std::size_t>(random.uniform() * count); };
  Ledger ledger;
  std::vector<Grade> rows;
  for (std::int64_t number = 1; number <= 4000; ++number) {
    const Showing showing{below(40), static_cast<int>(below(2))};
    const std::string grader = below(2) == 0 ? "anna" : "ben", uid = fmt::format("{:08}", number);
    // Times of several programs need not grow with the rows.
    const std::string time = fmt::format("{:06}", number + static_cast<std::int64_t>(below(30)));
    Grade row = row_of(uid, time, grader, showing, std::string(1, "ABCX"[below(4)]));
    if (!rows.empty() && below(5) == 0) {
      const Grade& earlier = rows[below(static_cast<double>(rows.size()))];
      if (earlier.undoes.empty())
        row = row_of(uid, time, earlier.grader, {std::stoul(earlier.object), earlier.presentation}, "", earlier.uid);
    }
    rows.push_back(row);
    ledger.add({std::stoul(row.object), row.presentation}, row, number);
    if (number % 100 != 0) continue;
    std::size_t holding = 0;
    for (const Grade& grade : standing(rows)) {
      const HeldGrade* held = ledger.held(grade.grader, {std::stoul(grade.object), grade.presentation});
      ASSERT_NE(held, nullptr) << number;
      EXPECT_EQ(held->uid, grade.uid) << number;
      ++holding;
    }
    std::size_t told = 0;
    for (const std::string& who : ledger.graders())
      ledger.for_each_changed(who, 0, [&](const Showing&, const HeldGrade* held) { told += held != nullptr; });
    EXPECT_EQ(told, holding) << number;
  }
}

TEST(Ledger, TellsWhatChangedBehindARow) {
  Ledger ledger;
  ledger.add({1, 0}, row_of("a", "1", "anna", {1, 0}, "A"), 1);
  ledger.add({2, 0}, row_of("b", "2", "anna", {2, 0}, "B"), 2);
  ledger.add({1, 0}, row_of("c", "3", "anna", {1, 0}, "", "a"), 3);
  std::vector<std::pair<std::size_t, bool>> changed;
  ledger.for_each_changed("anna", 2,
                          [&](const Showing& showing, const HeldGrade* held) { changed.emplace_back(showing.object, held != nullptr); });
  EXPECT_EQ(changed, (std::vector<std::pair<std::size_t, bool>>{{1, false}})) << "nothing holds there any more";
  EXPECT_EQ(ledger.last("anna")->uid, "b");
  ledger.add({2, 0}, row_of("d", "4", "anna", {2, 0}, "", "b"), 4);
  EXPECT_FALSE(ledger.last("anna"));
  EXPECT_FALSE(ledger.last("nobody"));
}

}  // namespace
}  // namespace lensfind::inspect
