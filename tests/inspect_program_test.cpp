#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <sys/wait.h>

#include "inspecting.h"

namespace {

using lensfind::Value;
using program::Inspect;
using program::Inspecting;
using program::run;
using ::testing::HasSubstr;

TEST_F(Inspect, ServesThePageItsPicturesAndTakesGrades) {
  const Inspecting inspecting{arguments()};
  EXPECT_THAT(inspecting.get("?grader=anna")->body, HasSubstr("grading.js"));
  EXPECT_THAT(inspecting.get("grading.js")->body, HasSubstr("backend"));
  const Value state = inspecting.state("anna");
  EXPECT_GE(state.at("count").as_integer(), 40);
  const std::string picture = fmt::format("picture?order={}&slot=0", state.at("order").as_string());
  for (const char* view : {"", "&scaling=linear", "&scaling=zscale", "&scaling=sqrt", "&band=1", "&residual=smooth"}) {
    const auto png = inspecting.get(picture + view);
    ASSERT_TRUE(png);
    EXPECT_EQ(png->status, 200) << view << png->body;
    EXPECT_TRUE(png->body.starts_with("\x89PNG")) << view;
  }
  EXPECT_EQ(inspecting.get(picture + "&band=7")->status, 404);
  EXPECT_EQ(inspecting.get(picture + "&field=4")->status, 404) << "no fields were given";
  EXPECT_EQ(inspecting.grade(state, 0, "A", "aaaaaaaa"), 200);
  EXPECT_EQ(inspecting.grade(state, 1, "Q", "bbbbbbbb"), 400);
  const auto merged = run({"grades", "merge", at("g.sqlite"), "--out", at("m")});
  EXPECT_EQ(merged.status, 0) << merged.err;
  EXPECT_THAT(program::text_of(folder_ / "m" / "objects.csv"), HasSubstr("alert(1)")) << "what was noted is kept as it is";
}

TEST_F(Inspect, NothingAcknowledgedIsLostByAKillAndItGoesOnWhereItEnded) {
  std::string order;
  {
    Inspecting inspecting{arguments()};
    const Value state = inspecting.state("anna");
    order = state.at("order").as_string();
    for (int i = 0; i < 10; ++i) ASSERT_EQ(inspecting.grade(state, i, "B", fmt::format("aaaaaaa{}", i)), 200);
    inspecting.end(SIGKILL);
  }
  const Inspecting again{arguments()};
  const Value state = again.state("anna");
  EXPECT_EQ(state.at("order").as_string(), order);
  EXPECT_EQ(state.at("grades").as_array().size(), 10u);
}

TEST_F(Inspect, TwoGradersAndTwoTabsAtOnceLoseNothing) {
  const Inspecting inspecting{arguments()};
  const auto grade_all = [&](const std::string& who, const std::string& grade, char letter) {
    const Value state = inspecting.state(who);
    for (int i = 0; i < 30; ++i) EXPECT_EQ(inspecting.grade(state, i, grade, fmt::format("{}-{:06}", letter, i)), 200);
  };
  std::thread anna{grade_all, "anna", "A", 'a'}, other_tab{grade_all, "anna", "A", 'b'}, ben{grade_all, "ben", "X", 'c'};
  for (std::thread* thread : {&anna, &other_tab, &ben}) thread->join();
  EXPECT_EQ(inspecting.state("anna").at("grades").as_array().size(), 30u);
  const Value of_ben = inspecting.state("ben");
  for (const Value& row : of_ben.at("grades").as_array()) EXPECT_EQ(row.as_array()[1].as_string(), "X");
  EXPECT_EQ(of_ben.at("grades").as_array().size(), 30u);
}

// With all that a sighted page asks of it: ids, scores, positions, grades. Sanitizers take memory of their own.
TEST_F(Inspect, AHundredThousandCandidatesTakeLessThan300Megabytes) {
  constexpr int count = 100000;
  std::string bytes = lensfind::image::npy_header_text(std::vector<std::int64_t>{count, 1, 8, 8});
  for (int i = 0; i < count * 8 * 8; ++i) {
    const auto value = static_cast<float>(i % 1009);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  std::ofstream{folder_ / "survey.npy", std::ios::binary} << bytes;
  std::ofstream scores{folder_ / "many.csv"};
  scores << "id,logit,probability,ra,dec,mag\n";
  for (int i = 0; i < count; ++i) scores << fmt::format("survey.npy#{},{},.5,{},{},20.5\n", i, -i * 1e-4, i * .003, -i * 2e-4);
  scores.close();
  const Inspecting inspecting{{at("many.csv"), "--images", at("survey.npy"), "--grades", at("g.sqlite"), "--sighted"}};
  const Value state = inspecting.state("anna");
  EXPECT_EQ(state.at("count").as_integer(), count);
  const std::string order = state.at("order").as_string();
  EXPECT_GT(inspecting.get("api/columns?order=" + order)->body.size(), 1000000u);
  EXPECT_THAT(inspecting.get("api/names?count=200&from=99900&order=" + order)->body, HasSubstr("survey.npy#99999"));
  for (int slot = 0; slot < 200; ++slot) EXPECT_EQ(inspecting.get(fmt::format("picture?order={}&slot={}", order, slot))->status, 200);
  EXPECT_EQ(inspecting.grade(state, 77777, "A", "aaaaaaaa"), 200);
  EXPECT_EQ(inspecting.state("anna").at("grades").as_array().size(), 1u);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(inspecting.peak_mb(), 300);
#endif
}

TEST_F(Inspect, EndsByItselfWhenAsked) {
  Inspecting inspecting{arguments()};
  const int status = inspecting.end(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status));
}

// 50 grades by keyboard, undo, two graders, a kill, the static page, widths, contrast: tests/browser/grading_check.py says what is wrong.
TEST_F(Inspect, PeopleGradeInABrowser) {
  FILE* const output = ::popen("python3 -B '" LENSFIND_SOURCE_DIR "/tests/browser/grading_check.py' '" LENSFIND_PROGRAM "' 2>&1", "r");
  std::string said;
  for (std::array<char, 4096> block; std::fgets(block.data(), block.size(), output) != nullptr;) said += block.data();
  const int status = ::pclose(output);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77) GTEST_SKIP() << said;
  if (code == 127) GTEST_SKIP() << "no python3 here: the grading page was not tried";
  EXPECT_EQ(code, 0) << said;
}

TEST_F(Inspect, AStaticPageHoldsAllItNeeds) {
  const auto result =
      run({"inspect", at("s.csv"), "--images", at("images"), "--grades", at("g.sqlite"), "--grader", "anna", "--static", at("a.html")});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string page = program::text_of(folder_ / "a.html");
  EXPECT_THAT(page, ::testing::Not(HasSubstr("<img src=x")));
  for (const char* outside : {"src=\"grading", "href=\"grading", "<script src", "<link rel=\"stylesheet"})
    EXPECT_THAT(page, ::testing::Not(HasSubstr(outside))) << outside;
  EXPECT_EQ(run({"inspect", at("s.csv"), "--images", at("images"), "--static", at("b.html")}).status, 2) << "no grader";
}

TEST_F(Inspect, FaultsOfUsersAreNamed) {
  EXPECT_EQ(run({"inspect"}).status, 2);
  EXPECT_EQ(run({"inspect", at("s.csv")}).status, 2);
  const auto other = run({"inspect", at("s.csv"), "--images", at("images"), "--grades", at("s.csv")});
  EXPECT_EQ(other.status, 1) << "a file of something else is not written over";
  EXPECT_THAT(program::text_of(folder_ / "s.csv"), HasSubstr("id,logit"));
  const auto scheme = run({"inspect", at("s.csv"), "--images", at("images"), "--scheme", "abc"});
  EXPECT_EQ(scheme.status, 1);
  EXPECT_THAT(scheme.err, HasSubstr("abcx, half"));
  program::fs::create_directory(folder_ / "empty");
  EXPECT_THAT(run({"inspect", at("s.csv"), "--images", at("empty")}).err, HasSubstr("is an image"));
}

}  // namespace
