#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/fields.h"
#include "lensfind/dataset/augment.h"
#include "lensfind/simulate/survey.h"
#include "lensfind/train/recipe.h"

/// The tables of settings in docs/ are those that the program reads. LENSFIND_WRITE_DOCS=1 writes them anew.
namespace {

using namespace lensfind;
namespace fs = std::filesystem;

const fs::path docs = fs::path{LENSFIND_SOURCE_DIR} / "docs";

std::string augmentation_table() {
  std::string text = "| name | range | default range | meaning |\n|---|---|---|---|\n";
  for (const AugmentationKind& kind : augmentation_kinds()) {
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
TEST(Docs, AugmentationTableIsWhatTheProgramReads) { expect_table("recipes.md", "augmentations", augmentation_table()); }
TEST(Docs, SurveyTableIsWhatTheProgramReads) { expect_table("surveys.md", "fields", fields_markdown(list_fields<simulate::Survey>())); }
TEST(Docs, FaultTableIsWhatTheProgramReads) { expect_table("surveys.md", "faults", fields_markdown(list_fields<simulate::FaultRates>())); }
TEST(Docs, DisplayTableIsWhatTheProgramReads) {
  expect_table("surveys.md", "display", fields_markdown(list_fields<simulate::DisplayLook>()));
}
TEST(Docs, PopulationTableIsWhatTheProgramReads) {
  expect_table("surveys.md", "population", fields_markdown(list_fields<population::Population>()));
}

}  // namespace
