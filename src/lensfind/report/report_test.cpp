#include "lensfind/report/report.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/report/candidates.h"
#include "lensfind/report/chart.h"
#include "lensfind/report/cutouts.h"
#include "lensfind/report/explorer.h"
#include "lensfind/report/gallery.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

namespace fs = std::filesystem;
using evaluate::Scores;
using ::testing::HasSubstr;
using ::testing::Not;

/// A folder of this test, removed with it.
class Folder {
 public:
  Folder() : path_{fs::temp_directory_path() / ("lensfind-report-test-" + std::to_string(getpid()))} { fs::create_directories(path_); }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] std::string text(const fs::path& name) const {
    std::ostringstream out;
    out << std::ifstream{path_ / name, std::ios::binary}.rdbuf();
    return out.str();
  }

 private:
  fs::path path_;
};

// Non-lenses spread over [-3, 2.99], lenses over [0, 5.9]: evenly spaced, so that every figure can be worked out by hand.
Scores even_scores() {
  Scores scores;
  for (int i = 0; i < 60; ++i)
    scores.push_back({.id = "lens" + std::to_string(i), .label = Label::lens, .logit = .1 * i, .probability = .5});
  for (int i = 0; i < 600; ++i) {
    scores.push_back({.id = "other" + std::to_string(i), .label = Label::non_lens, .logit = -3.005 + .01 * i, .probability = .1});
  }
  return scores;
}

ReportModel even_model(const std::string& name = "even") {
  ReportModel model{.name = name, .scores = even_scores()};
  evaluate::EvaluationOptions options{.bootstrap_draws = 50};
  options.thresholds = {{.name = "f1", .threshold = 2, .chosen_on = "validation"}};
  model.evaluation = evaluate::evaluate(model.scores, options);
  return model;
}

image::Image any_image() {
  image::Image image{image::ImageShape{3, 8, 8}};
  float value = 0;
  for (float& pixel : image.values()) pixel = value += .01F;
  return image;
}

ReportInput even_input() {
  ReportInput input{.title = "even on paper", .data = "made by hand", .command = "lensfind evaluate even"};
  input.models.push_back(even_model());
  input.models.front().history = {{1, .7, .6, .8, .5, 1e-3, 100, 2.5}, {2, .5, .4, .9, .7, 1e-3, 100, 2.5}};
  input.models.front().kept_epoch = 2;
  return input;
}

// Elements are closed in the order in which they were opened: what an XML parser minds most.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t elements = 0;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1), ++elements) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos || xml.find('<', at + 1) < end) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (tag.starts_with('?') || tag.starts_with('!') || tag.ends_with('/')) continue;
    const std::string name = tag.substr(tag.starts_with('/') ? 1 : 0, tag.find_first_of(" \n\t", 1) - (tag.starts_with('/') ? 1 : 0));
    if (!tag.starts_with('/')) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty() && elements > 0;
}

TEST(WriteReport, LeavesEveryFigureInFourFormats) {
  const Folder folder;
  write_report(even_input(), folder.path());
  for (const std::string name : {"comparison", "roc", "precision_recall", "confusion", "scores", "purity", "history", "reliability"}) {
    EXPECT_TRUE(well_formed(folder.text("figures/" + name + ".svg"))) << name;
    EXPECT_THAT(folder.text("figures/" + name + ".png"), ::testing::StartsWith("\x89PNG\r\n\x1a\n")) << name;
    EXPECT_THAT(folder.text("figures/" + name + ".pdf"), ::testing::StartsWith("%PDF-")) << name;
    EXPECT_THAT(folder.text("figures/" + name + ".csv"), ::testing::ContainsRegex("^[a-z_,]+\n[^\n]+,")) << name;
  }
}

// Of 100 injected lenses the finder finds 80, people take 20 of the 40 that they saw: .8 x .5.
TEST(WriteReport, DrawsTheWholeWayOverEachProperty) {
  const Folder folder;
  ReportInput input = even_input();
  const auto row = [](const std::string& property, double low, double high) {
    return evaluate::WholeWay{.property = property,
                              .low = low,
                              .high = high,
                              .lenses = 100,
                              .found = 80,
                              .graded = 40,
                              .accepted = 20,
                              .finder = {.8, .71, .87},
                              .people = {.5, .35, .65},
                              .together = {.4, .27, .53}};
  };
  write_report(input, folder.path());
  EXPECT_FALSE(fs::exists(folder.path() / "figures/whole_way.svg")) << "nobody graded";
  input.whole_way = {row("all", 0, 0), row("theta_e_arcsec", .8, 1.2), row("theta_e_arcsec", 1.2, 3), row("arc_snr", 10, 80)};
  write_report(input, folder.path());
  const std::string svg = folder.text("figures/whole_way.svg"), page = folder.text("report.html");
  EXPECT_TRUE(well_formed(svg));
  for (const char* words : {"Einstein radius (arcsec)", "signal-to-noise of the arcs", "1.2–3", "both together"})
    EXPECT_THAT(svg, HasSubstr(words));
  EXPECT_THAT(page, HasSubstr("people take 0.50 (0.35 to 0.65) of the 40 that they saw; together that is 0.40 (0.27 to 0.53)"));
  EXPECT_THAT(folder.text("figures/whole_way.csv"),
              HasSubstr("\ntheta_e_arcsec,0.8,1.2,100,80,40,20,0.8,0.71,0.87,0.5,0.35,0.65,0.4,0.27,0.53\n"));
}

TEST(WriteReport, LeavesOutHistoryAndThresholdsThatAreNotKnown) {
  const Folder folder;
  ReportInput input = even_input();
  input.models.front().history.clear();
  input.models.front().evaluation.thresholds.clear();
  input.models.front().evaluation.at_prevalence.clear();
  write_report(input, folder.path());
  EXPECT_FALSE(fs::exists(folder.path() / "figures/history.svg"));
  EXPECT_FALSE(fs::exists(folder.path() / "figures/confusion.svg"));
  EXPECT_TRUE(fs::exists(folder.path() / "figures/roc.svg"));
  EXPECT_THAT(folder.text("report.html"), HasSubstr("No threshold was chosen beforehand"));
}

TEST(WriteReport, StatesTheEvaluationsNumbers) {
  const Folder folder;
  const ReportInput input = even_input();
  write_report(input, folder.path());
  const std::string page = folder.text("report.html");
  const evaluate::Evaluation& e = input.models.front().evaluation;
  // Lens i stands above 301 + 10 i of the 600 non-lenses, at most all: (301 + 311 + ... + 591) + 30 x 600 of 60 x 600 pairs.
  EXPECT_DOUBLE_EQ(e.auc.value, (30 * 446. + 30 * 600.) / 36000);
  EXPECT_THAT(page, HasSubstr("<td>" + value_text(e.auc) + "</td><td>" + range_text(e.auc) + "</td>"));
  EXPECT_THAT(page, HasSubstr("60 lenses and 600 non-lenses"));
  EXPECT_THAT(page, HasSubstr(">40</tspan>"));   // lenses at or above 2
  EXPECT_THAT(page, HasSubstr(">99</tspan>"));   // non-lenses at or above 2: 2.005, ..., 2.985
  EXPECT_THAT(page, HasSubstr(">501</tspan>"));  // the rest
}

TEST(WriteReport, LoadsNothingFromElsewhere) {
  const Folder folder;
  ReportInput input = even_input();
  input.cutouts = [](const std::string&) { return any_image(); };
  write_report(input, folder.path());
  const std::string page = folder.text("report.html");
  for (const char* attribute : {"src=", "href="}) {
    for (std::size_t at = page.find(attribute); at != std::string::npos; at = page.find(attribute, at + 1)) {
      const std::string address = page.substr(at + std::strlen(attribute) + 1, 5);
      EXPECT_TRUE(address == "data:" || address.starts_with('#')) << address;
    }
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
}

TEST(WriteReport, ShowsWhatUsersNameAsTextOnly) {
  const Folder folder;
  const std::string evil = "</script><script>alert('x')</script>";
  ReportInput input = even_input();
  input.title = input.data = input.command = input.models.front().name = evil;
  input.models.front().scores.front().id = input.models.front().scores.back().id = evil;
  input.models.front().evaluation.warnings = {evil};
  input.models.front().evaluation.thresholds.front().point.chosen_on = evil;
  input.models.front().provenance.set(evil, evil);
  input.cutouts = [](const std::string&) { return any_image(); };
  write_report(input, folder.path());
  EXPECT_THAT(folder.text("report.html"), Not(HasSubstr("<script>alert")));
  EXPECT_TRUE(well_formed(folder.text("figures/roc.svg")));
}

TEST(WriteReport, DoesNotLetANameRunCommands) {
  const Folder folder;
  ReportInput input = even_input();
  const fs::path trace = folder.path() / "trace";
  input.models.front().name = "it's `touch " + trace.string() + "`\nsystem('touch " + trace.string() + "')";
  write_report(input, folder.path());
  EXPECT_FALSE(fs::exists(trace));
}

/// The text that an SVG file of gnuplot shows.
std::string shown_text(const std::string& svg) {
  std::string text;
  bool in_tag = false;
  for (const char letter : svg) {
    in_tag = in_tag || letter == '<';
    if (!in_tag) text += letter;
    in_tag = in_tag && letter != '>';
  }
  return text;
}

// Quotes doubled, formats, commands, escapes and gnuplot's own markup, each as a finder's name.
TEST(WriteReport, ShowsNamesInFiguresLetterByLetter) {
  const Folder folder;
  const std::vector<std::pair<std::string, std::string>> names{{"it''s", "it''s"},
                                                               {"a\"b", "a\"b"},
                                                               {"%d%s5%", "%d%s5%"},
                                                               {"\\'end\\", "\\'end\\"},
                                                               {"@x `id` $HOME", "@x `id` $HOME"},
                                                               {"^_{/Symbol a}", "^_{/Symbol a}"},
                                                               {"two\nlines", "two lines"},
                                                               {"r\xC3\xA9sum\xFF", "r\xC3\xA9sum\xEF\xBF\xBD"},
                                                               {"a&b<c", "a&amp;b&lt;c"},
                                                               {"run-1 at 17", "run-1 at 17"},
                                                               {"'black'", "'black'"}};
  ReportInput input = even_input();
  input.models.clear();
  for (const auto& [name, shown] : names) input.models.push_back(even_model(name));
  write_report(input, folder.path());
  for (const char* figure : {"comparison", "roc", "scores", "purity"}) {
    const std::string text = shown_text(folder.text(std::string{"figures/"} + figure + ".svg"));
    for (const auto& [name, shown] : names) EXPECT_THAT(text, HasSubstr(shown)) << figure;
  }
  EXPECT_THAT(shown_text(folder.text("report.html")), HasSubstr("'black', AUC"));
}

TEST(WriteReport, SaysHowToInstallGnuplot) {
  const Folder folder;
  const std::string path = std::getenv("PATH");
  setenv("PATH", folder.path().c_str(), 1);
  try {
    write_report(even_input(), folder.path());
    ADD_FAILURE() << "drawn without gnuplot";
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), HasSubstr("install gnuplot-nox"));
  }
  setenv("PATH", path.c_str(), 1);
  EXPECT_FALSE(fs::exists(folder.path() / "report.html"));
}

TEST(Gallery, PicksTheExtremes) {
  const Scores scores = even_scores();
  const Gallery gallery = choose_gallery(scores, 2.0, 3);
  const auto ids = [](const std::vector<const evaluate::Score*>& rows) {
    std::vector<std::string> out;
    for (const evaluate::Score* row : rows) out.push_back(row->id);
    return out;
  };
  EXPECT_THAT(ids(gallery.best), ::testing::ElementsAre("lens59", "lens58", "lens57"));
  EXPECT_THAT(ids(gallery.missed), ::testing::ElementsAre("lens0", "lens1", "lens2"));
  EXPECT_THAT(ids(gallery.false_positives), ::testing::ElementsAre("other599", "other598", "other597"));
  EXPECT_THAT(ids(choose_gallery(scores, .15, 3).missed), ::testing::ElementsAre("lens0", "lens1"));
}

TEST(Explorer, CarriesTheCountsAtEachThreshold) {
  const ReportModel model = even_model();
  const std::vector<ThresholdRow> rows = threshold_rows(model.evaluation);
  ASSERT_GT(rows.size(), 20U);
  for (const ThresholdRow& row : rows) {
    std::int64_t lenses = 0, others = 0;
    for (const evaluate::Score& score : model.scores) {
      if (score.logit >= row.threshold) ++(score.label == Label::lens ? lenses : others);
    }
    EXPECT_EQ(row.true_positives, lenses) << row.threshold;
    EXPECT_EQ(row.false_positives, others) << row.threshold;
  }
}

TEST(WriteTable, BeginsAsTheStudysTableAndKeepsEveryDigit) {
  const Folder folder;
  const std::vector<ReportModel> models = {even_model("a,b"), even_model("c")};
  write_table(models, folder.path() / "table.csv");
  const std::string table = folder.text("table.csv");
  EXPECT_THAT(table, ::testing::StartsWith("model,auc,f1,precision,recall,average_precision,"));
  EXPECT_THAT(table, HasSubstr(",auc_low,auc_high,f1_low,f1_high,"));
  std::istringstream lines{table};
  std::string line;
  std::getline(lines, line);
  const auto commas = std::ranges::count(line, ',');
  std::getline(lines, line);
  EXPECT_THAT(line, ::testing::StartsWith("\"a,b\",0.87166"));
  EXPECT_EQ(std::ranges::count(line, ','), commas + 1);  // the one in the quoted name
}

TEST(WriteCandidatesPage, ShowsEachWithItsRankAndScore) {
  const Folder folder;
  const std::vector<Candidate> candidates = {{1, "stack.npy#12", 7.25, .9, any_image(), Label::lens},
                                             {2, "<b>&\"", 5.5, std::nan(""), any_image(), Label::unknown}};
  write_candidates_page(folder.path() / "top.html", "The 2 best", candidates);
  const std::string page = folder.text("top.html");
  EXPECT_THAT(page, HasSubstr("<span class=\"rank\">1</span> <span class=\"id\">stack.npy#12</span> logit 7.25, probability 0.900"));
  EXPECT_THAT(page, HasSubstr("known lens"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;&amp;&quot;</span> logit 5.50</figcaption>"));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  // Composite in three stretches and three bands, for each of two candidates.
  const std::string png = "data:image/png;base64,iVBORw0KGgo";
  std::size_t pictures = 0;
  for (std::size_t at = page.find(png); at != std::string::npos; at = page.find(png, at + 1)) ++pictures;
  EXPECT_EQ(pictures, 12U);
}

TEST(WriteCandidatesPage, ShowsWhereEachIsWithLinksAndAScaleBar) {
  const Folder folder;
  const std::vector<Candidate> candidates = {{.rank = 1,
                                              .id = "a",
                                              .logit = 2,
                                              .image = image::Image{image::ImageShape{1, 64, 64}, 1},
                                              .pixel_scale_arcsec = .2,
                                              .north_up = true,
                                              .place = SkyPlace{150.25, -2.5},
                                              .known = "SL2S <1>",
                                              .also = {"b", "c"},
                                              .columns = {{"mag", "20"}}}};
  write_candidates_page(folder.path() / "c.html", "One", candidates, {"seen & said"});
  const std::string page = folder.text("c.html");
  EXPECT_THAT(page, HasSubstr("https://www.legacysurvey.org/"
                              "viewer?ra=150.250000&amp;dec=-2.500000&amp;layer=ls-dr10&amp;zoom=16&amp;mark=150.250000,-2.500000"));
  EXPECT_THAT(page, HasSubstr("AladinLite/?target=150.250000%20-2.500000&amp;fov=0.02"));
  EXPECT_THAT(page, HasSubstr("sim-coo?Coord=150.250000%20-2.500000&amp;"));
  EXPECT_THAT(page, HasSubstr("style=\"width:39.06%\">5\u2033"));  // 5 of 64 x .2 = 12.8 arcsec
  EXPECT_THAT(page, HasSubstr("known: SL2S &lt;1&gt;"));
  EXPECT_THAT(page, HasSubstr("3 detections"));
  EXPECT_THAT(page, HasSubstr("10:01:00.00 -02:30:00.0"));
  EXPECT_THAT(page, HasSubstr("<dt>mag</dt><dd>20</dd>"));
  EXPECT_THAT(page, HasSubstr("Seen &amp; said"));
}

TEST(Sexagesimal, RoundsAsAWhole) {
  EXPECT_EQ(sexagesimal({359.9999999, 89.9999999}), "00:00:00.00 +90:00:00.0");
  EXPECT_EQ(sexagesimal({-15, -.5}), "23:00:00.00 -00:30:00.0");
  EXPECT_EQ(sexagesimal({83.633212, 22.01446}), "05:34:31.97 +22:00:52.1");  // the Crab pulsar, by astropy
}

TEST(ScaleBar, IsTheLongestRoundLength) {
  EXPECT_DOUBLE_EQ(scale_bar_arcsec(12.8), 5);
  EXPECT_DOUBLE_EQ(scale_bar_arcsec(10.8), 2);
  EXPECT_DOUBLE_EQ(scale_bar_arcsec(300), 100);
}

TEST(WriteCandidatesPage, SaysWhichNetworkOfACascadeGaveAScore) {
  const Folder folder;
  std::vector<Candidate> candidates = {{.rank = 1, .id = "a", .logit = 9, .probability = .5, .stage = "teacher"},
                                       {.rank = 2, .id = "b", .logit = -1, .probability = .1, .stage = "student"}};
  write_candidates_page(folder.path() / "cascade.html", "The 2 best", candidates);
  const std::string page = folder.text("cascade.html");
  EXPECT_THAT(page, HasSubstr("logit 9.00, probability 0.500 <span class=\"known\">teacher</span></figcaption>"));
  EXPECT_THAT(page, HasSubstr("logit -1.00, probability 0.100 <span class=\"known\">student</span></figcaption>"));
  EXPECT_THAT(page, HasSubstr("A cascade scored them"));
  for (Candidate& candidate : candidates) candidate.stage.clear();
  write_candidates_page(folder.path() / "one.html", "The 2 best", candidates);
  EXPECT_THAT(folder.text("one.html"), Not(::testing::AnyOf(HasSubstr("teacher"), HasSubstr("cascade scored"))));
}

TEST(Chart, GivesManySeriesEachAnotherLook) {
  std::set<std::pair<std::string_view, int>> looks;
  for (std::size_t series = 0; series < 36; ++series) looks.emplace(colour_of(series), point_type_of(series));
  EXPECT_EQ(looks.size(), 36);
}

TEST(Words, GiveAsManyDecimalsAsTheIntervalCarries) {
  EXPECT_EQ(interval_text({.98184, .97414, .98741}), "0.982 (0.974 to 0.987)");
  EXPECT_EQ(interval_text({.5, .3, .7}), "0.50 (0.30 to 0.70)");
  EXPECT_EQ(interval_text({.2, 0, HUGE_VAL}), "0.20 (0.00 to \u221e)");
  EXPECT_EQ(interval_text({1, 1, 1}), "1.000 (1.000 to 1.000)");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(amount_text(12345), "12,300");
  EXPECT_EQ(amount_text(.01234), "0.0123");
  EXPECT_EQ(percent_text(.0008), "0.080%");
  EXPECT_EQ(percent_text(.99979), "99.98%");
  EXPECT_EQ(percent_text(1), "100.0%");
  EXPECT_EQ(one_in_text(1e-3), "1 in 1,000");
}

TEST(Words, ShortenWithoutCuttingALetter) {
  EXPECT_EQ(shortened("efficientnet", 20), "efficientnet");
  EXPECT_EQ(shortened("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", 5), "\u00e9\u00e9\u2026\u00e9\u00e9");
}

}  // namespace
}  // namespace lensfind::report
