#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/report/candidates.h"
#include "lensfind/report/report.h"

namespace lensfind::report {
namespace {

namespace fs = std::filesystem;

constexpr int no_browser = 77;

struct Checked {
  int status = 0;
  std::string said;
};

/// tests/browser/page_check.py on a page.
Checked check_in_browser(const fs::path& page, const std::string& more = "") {
  const std::string command = "python3 '" LENSFIND_SOURCE_DIR "/tests/browser/page_check.py' '" + page.string() + "' " + more + " 2>&1";
  FILE* const output = popen(command.c_str(), "r");
  Checked out;
  std::array<char, 4096> block{};
  while (std::fgets(block.data(), block.size(), output) != nullptr) out.said += block.data();
  const int status = pclose(output);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (out.status == 127) out = {no_browser, "no python3 here: the pages were not tried\n"};
  return out;
}

ReportModel model_of(const std::string& name, double separation, std::uint64_t seed) {
  RandomStream random{seed, Purpose::test};
  ReportModel model{.name = name};
  for (int i = 0; i < 1100; ++i) {
    const bool lens = i < 100;
    const double logit = random.normal(lens ? separation : 0, 1);
    model.scores.push_back({.id = (lens ? "test_lenses/" : "test_nonlenses/") + std::to_string(i),
                            .label = lens ? Label::lens : Label::non_lens,
                            .logit = logit,
                            .probability = 1 / (1 + std::exp(-separation * (logit - separation / 2)) * 10)});
  }
  model.evaluation =
      evaluate::evaluate(model.scores, {.thresholds = {{"f1", 1.5, "validation"}, {"fpr_1e-3", 3.1, "validation"}}, .bootstrap_draws = 50});
  model.history = {{1, .7, .6, .8, .5, 1e-3, 100, 2.5}, {2, .5, .4, .9, .7, 1e-3, 100, 2.5}};
  model.provenance = empty_object().set("data", std::string(200, 'x'));  // a path that a phone cannot hold in one line
  return model;
}

image::Image shown_image() {
  image::Image image{image::ImageShape{3, 32, 32}};
  float value = 0;
  for (float& pixel : image.values()) pixel = value += .001F;
  return image;
}

ReportInput report_of(std::vector<ReportModel> models) {
  ReportInput input{
      .title = "two finders on samples/with/a/long/path/of-cutouts (test)", .data = "samples", .command = "lensfind evaluate model"};
  input.models = std::move(models);
  input.cutouts = [](const std::string&) { return shown_image(); };
  return input;
}

class InBrowser : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  void expect_well(const fs::path& page, const std::string& more = "") const {
    const Checked checked = check_in_browser(page, more);
    if (checked.status == no_browser) GTEST_SKIP() << checked.said;
    EXPECT_EQ(checked.status, 0) << checked.said;
  }
  fs::path folder_ = fs::temp_directory_path() / ("lensfind-browser-test-" + std::to_string(getpid()));
};

TEST_F(InBrowser, AReportShowsAllAndItsSliderWorks) {
  const ReportInput input = report_of({model_of("model", 2, 1)});
  write_report(input, folder_);
  // What the page computes at a threshold and a prevalence is what the evaluation says there.
  Value expected{Value::Array{}};
  for (const evaluate::AtPrevalence& at : input.models.front().evaluation.at_prevalence) {
    const auto figure = [](const evaluate::Estimate& f) {
      return empty_object().set("value", f.value).set("low", f.low).set("high", f.high);
    };
    expected.push_back(empty_object()
                           .set("point", at.point)
                           .set("prevalence", at.prevalence)
                           .set("purity", figure(at.purity))
                           .set("candidates", figure(at.candidates)));
  }
  ASSERT_GE(expected.as_array().size(), 8u);
  write_file(folder_ / "expected.json", to_json(expected));
  expect_well(folder_ / "report.html", "--survey '" + (folder_ / "expected.json").string() + "'");
}

TEST_F(InBrowser, AComparisonShowsAllAndItsSliderWorks) {
  ReportInput input = report_of({model_of("first/of/a/long/name", 2, 1), model_of("second", 1.5, 2)});
  std::vector<evaluate::Scores> scores;
  for (const ReportModel& model : input.models) scores.push_back(model.scores);
  input.differences = evaluate::paired_differences(scores, {.bootstrap_draws = 50});
  write_report(input, folder_);
  expect_well(folder_ / "report.html");
}

TEST_F(InBrowser, ThePageOfCandidatesShowsAll) {
  std::vector<Candidate> candidates;
  for (int i = 1; i <= 40; ++i)
    candidates.push_back(
        {.rank = i, .id = "tile/" + std::to_string(i), .logit = 9.0 - i, .image = shown_image(), .stage = i < 30 ? "teacher" : "student"});
  write_candidates_page(folder_ / "scores.top.html", "The best of scores.csv", candidates);
  expect_well(folder_ / "scores.top.html");
}

// What the check itself must find: a page that is too wide, says something on the console and asks for a picture elsewhere.
TEST_F(InBrowser, TheCheckFindsFaults) {
  std::FILE* const page = std::fopen((folder_ / "bad.html").c_str(), "w");
  std::fputs(
      "<!doctype html><body><div style='width:900px'>wide</div><img src='http://127.0.0.1:9/x.png'><script>console.error('no')</script>",
      page);
  std::fclose(page);
  const Checked checked = check_in_browser(folder_ / "bad.html");
  if (checked.status == no_browser) GTEST_SKIP() << checked.said;
  EXPECT_EQ(checked.status, 1);
  EXPECT_NE(checked.said.find("the page is 908 px wide"), std::string::npos) << checked.said;
  EXPECT_NE(checked.said.find("a console message"), std::string::npos) << checked.said;
  EXPECT_NE(checked.said.find("a request: http://127.0.0.1:9/x.png"), std::string::npos) << checked.said;
}

}  // namespace
}  // namespace lensfind::report
