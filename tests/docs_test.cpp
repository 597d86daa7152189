#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/fields.h"
#include "lensfind/dataset/augment.h"
#include "lensfind/simulate/survey.h"
#include "lensfind/simulate/truth_csv.h"
#include "lensfind/train/pretrain_recipe.h"
#include "lensfind/train/recipe.h"

/// The tables of settings in docs/ are those that the program reads (LENSFIND_WRITE_DOCS=1 writes them anew), and prose is easy to read.
namespace {

using namespace lensfind;
namespace fs = std::filesystem;

const fs::path docs = fs::path{LENSFIND_SOURCE_DIR} / "docs";

std::string augmentation_table() {
  std::string text = "| name | range | default range | meaning |\n|---|---|---|---|\n";
  for (const dataset::AugmentationKind& kind : dataset::augmentation_kinds()) {
    std::string defaults;
    for (const double value : kind.default_range) defaults += (defaults.empty() ? "" : ", ") + to_json(Value{value}, -1);
    text += "| `" + kind.name + "` | " + kind.range + " | " + defaults + " | " + kind.help + " |\n";
  }
  return text;
}

/// Replaces what stands between `<!-- NAME -->` and `<!-- end -->`.
void expect_table(const std::string& page, const std::string& name, const std::string& table) {
  const std::string text = read_text(docs / page);
  const std::string begin = "<!-- " + name + " -->\n", end = "<!-- end -->";
  const std::size_t from = text.find(begin);
  ASSERT_NE(from, std::string::npos) << page << " has no " << begin;
  const std::size_t to = text.find(end, from);
  ASSERT_NE(to, std::string::npos) << page;
  if (std::getenv("LENSFIND_WRITE_DOCS")) {
    write_file(docs / page, text.substr(0, from + begin.size()) + table + text.substr(to));
    return;
  }
  EXPECT_EQ(text.substr(from + begin.size(), to - from - begin.size()), table) << "run LENSFIND_WRITE_DOCS=1 " << page;
}

TEST(Docs, RecipeTableIsWhatTheProgramReads) { expect_table("recipes.md", "fields", fields_markdown(list_fields<train::Recipe>())); }
TEST(Docs, TableOfSimulatedCutoutsIsWhatTheProgramReads) {
  expect_table("recipes.md", "simulate", fields_markdown(list_fields<train::FreshSettings>()));
}
TEST(Docs, TableOfPretrainingIsWhatTheProgramReads) {
  expect_table("pretraining.md", "fields", fields_markdown(list_fields<train::PretrainRecipe>()));
}
TEST(Docs, AugmentationTableIsWhatTheProgramReads) { expect_table("recipes.md", "augmentations", augmentation_table()); }
TEST(Docs, SurveyTableIsWhatTheProgramReads) { expect_table("surveys.md", "fields", fields_markdown(list_fields<simulate::Survey>())); }
TEST(Docs, FaultTableIsWhatTheProgramReads) { expect_table("surveys.md", "faults", fields_markdown(list_fields<simulate::FaultRates>())); }
TEST(Docs, DisplayTableIsWhatTheProgramReads) {
  expect_table("surveys.md", "display", fields_markdown(list_fields<simulate::DisplayLook>()));
}
TEST(Docs, PopulationTableIsWhatTheProgramReads) {
  expect_table("surveys.md", "population", fields_markdown(list_fields<population::Population>()));
}

TEST(Docs, TruthTableIsWhatTheProgramWrites) { expect_table("files.md", "truth", simulate::truth_markdown()); }

constexpr std::size_t longest_paragraph = 500, longest_line = 150;

std::size_t characters(const std::string& utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool begins_item(const std::string& text) {
  if (text.starts_with("- ") || text.starts_with("* ")) return true;
  const std::size_t digits = text.find_first_not_of("0123456789");
  return digits > 0 && digits != std::string::npos && text.substr(digits, 2) == ". ";
}

/// Walks through the prose of a Markdown page: paragraphs and, each apiece, items of lists. Code, tables, headings, pictures and comments
/// are passed over.
class Prose {
 public:
  explicit Prose(std::string name) : name_{std::move(name)} {}

  void line(const std::string& line) {
    ++number_;
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const std::string text = line.substr(indent);
    if (text.starts_with("```")) {
      fence_ = !fence_;
      return end();
    }
    if (fence_ || text.empty() || text[0] == '|' || text[0] == '#' || text.starts_with("![") || text.starts_with("<!--")) return end();
    if (begins_item(text)) {
      end();
    } else if (length_ == 0 && indent >= 4) {
      return;  // code
    }
    add(line, text);
  }

  /// Ends a paragraph. What is too long, each as "PAGE:LINE: ...", is in `faults`.
  void end() {
    if (length_ > longest_paragraph) faults.push_back(fmt::format("{}:{}: a paragraph of {} characters", name_, first_, length_));
    length_ = 0;
  }

  std::vector<std::string> faults;

 private:
  void add(const std::string& line, const std::string& text) {
    if (length_ == 0) first_ = number_;
    length_ += characters(text) + (length_ > 0 ? 1 : 0);
    if (characters(line) > longest_line) faults.push_back(fmt::format("{}:{}: a line of {} characters", name_, number_, characters(line)));
  }

  std::string name_;
  int number_ = 0, first_ = 0;
  std::size_t length_ = 0;
  bool fence_ = false;
};

std::vector<std::string> too_long(const std::string& name, const std::string& page) {
  Prose prose{name};
  std::istringstream lines{page};
  for (std::string line; std::getline(lines, line);) prose.line(line);
  prose.end();
  return prose.faults;
}

TEST(Docs, ParagraphsAndLinesThatAreTooLongAreNamed) {
  const std::string line(100, 'x'), five = line + "\n" + line + "\n" + line + "\n" + line + "\n" + std::string(96, 'x');
  EXPECT_THAT(too_long("a.md", five), ::testing::IsEmpty()) << "500 characters, with the blanks that join the lines";
  EXPECT_THAT(too_long("a.md", "# Title\n\n" + five + "x\n"), ::testing::ElementsAre("a.md:3: a paragraph of 501 characters"));
  EXPECT_THAT(too_long("a.md", five + "\n- " + five + "\n10. " + line), ::testing::ElementsAre("a.md:6: a paragraph of 502 characters"));
  EXPECT_THAT(too_long("a.md", std::string(151, 'x') + "\n"), ::testing::ElementsAre("a.md:1: a line of 151 characters"));
  std::string umlauts;
  for (int i = 0; i < 150; ++i) umlauts += "\u00e4";
  EXPECT_THAT(too_long("a.md", umlauts), ::testing::IsEmpty());
  const std::string code(600, 'x');
  EXPECT_THAT(too_long("a.md", "```sh\n" + code + "\n```\n\n    " + code + "\n\n| " + code + " |\n![" + code + "](a.png)\n"),
              ::testing::IsEmpty());
}

TEST(Docs, ProseHasNoLongParagraphsOrLines) {
  const fs::path root = docs.parent_path();
  std::vector<fs::path> pages{root / "README.md", root / "CONTRIBUTING.md"};
  for (const auto& entry : fs::directory_iterator{docs}) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  std::ranges::sort(pages);
  for (const fs::path& page : pages) EXPECT_THAT(too_long(fs::relative(page, root).string(), read_text(page)), ::testing::IsEmpty());
}

}  // namespace
