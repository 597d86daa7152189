#include <set>
#include <sstream>

#include "program.h"

/// Options that come from described structs: their names are what scripts rely on, their ranges are kept before anything is opened.
namespace {

using program::Program;
using program::run;
using testing::AllOf;
using testing::HasSubstr;

/// The long options that `--help` lists.
std::set<std::string> options_of(const std::string& command) {
  std::set<std::string> names;
  std::istringstream lines{run({command, "--help"}).out};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || begin == 0 || line.compare(begin, 2, "--") != 0) continue;
    names.insert(line.substr(begin, line.find_first_of(" ,=", begin) - begin));
  }
  return names;
}

std::set<std::string> words_of(const std::string& text) {
  std::istringstream words{text};
  std::set<std::string> names;
  for (std::string word; words >> word;) names.insert("--" + word);
  return names;
}

TEST(Options, AreSpelledAsEver) {
  const std::pair<const char*, const char*> commands[]{
      {"score",
       "band catalogue crop dec-column id-column json mask-plane max-missing model-zero-point onnx-output onnx-size other-scale out "
       "overwrite "
       "pad pattern pixel-scale precision prevalence quiet ra-column readers resume shard threads top tta zero-point"},
      {"evaluate",
       "bootstrap completeness data grades id-column json label-column onnx-output onnx-size out overwrite prevalence quiet relabel "
       "score-column scores seed split target threads truth tta validation"},
      {"calibrate", "data json onnx-output onnx-size out overwrite prevalence quiet split target threads"},
      {"match", "dec-column group id-column json known out overwrite quiet ra-column radius score-column threads threshold top"},
      {"ensemble", "combine json out overwrite quiet threads"},
      {"export", "card json onnx-output onnx-size out overwrite packed quiet threads"},
      {"import",
       "band bands json keep-head mean network out overwrite pixel-scale quiet scaling seed size std stretch threads weights zero-point"}};
  for (const auto& [command, options] : commands) {
    std::set<std::string> expected = words_of(options), found = options_of(command);
    found.erase("--help");
    EXPECT_EQ(found, expected) << command;
  }
}

TEST(Options, SayTheirRangesAndDefaultsInHelp) {
  EXPECT_THAT(run({"score", "--help"}).out, AllOf(HasSubstr("default 0.1"), HasSubstr("between 0 and 1"), HasSubstr("auto|f32|bf16")));
  EXPECT_THAT(run({"match", "--help"}).out, AllOf(HasSubstr("--radius ARCSEC"), HasSubstr(">= 0; default 2")));
  EXPECT_THAT(run({"evaluate", "--help"}).out, HasSubstr("0 to 1000000; default 1000"));
}

class OptionRanges : public Program {};

TEST_F(OptionRanges, AreKeptBeforeAnythingIsOpened) {
  const std::vector<std::vector<std::string>> wrong{{"score", "none", "none", "--out", at("s.csv"), "--prevalence", "1"},
                                                    {"score", "none", "none", "--out", at("s.csv"), "--max-missing", "1"},
                                                    {"score", "none", "none", "--out", at("s.csv"), "--readers", "1025"},
                                                    {"score", "none", "none", "--out", at("s.csv"), "--pixel-scale", "0"},
                                                    {"evaluate", "none", "--data", "none", "--out", at("e"), "--bootstrap", "1000001"},
                                                    {"evaluate", "none", "--data", "none", "--out", at("e"), "--prevalence", "0"},
                                                    {"match", "none", "--known", "none", "--out", at("m.csv"), "--radius", "-1"},
                                                    {"match", "none", "--known", "none", "--out", at("m.csv"), "--top", "-1"},
                                                    {"score", "none", "none", "--out", at("s.csv"), "--precision", "f64"},
                                                    {"match", "none", "--known", "none", "--out", at("m.csv"), "--radius", "far"},
                                                    {"evaluate", "none", "--data", "none", "--out", at("e"), "--split", "part"}};
  for (const std::vector<std::string>& words : wrong) {
    const auto refused = run(words);
    EXPECT_EQ(refused.status, 2) << words.back();
    EXPECT_THAT(refused.err, AllOf(HasSubstr("error: "), HasSubstr(words[words.size() - 2]), HasSubstr("hint: "))) << words.back();
  }
}

TEST_F(OptionRanges, LeaveWhatIsWithin) {
  // Refused for the table that is not there, not for the options.
  const auto tried = run({"match", at("none.csv"), "--known", at("none.csv"), "--out", at("m.csv"), "--radius", ".5", "--top", "3",
                          "--threshold", "-2.5e-1", "--group", "0"});
  EXPECT_EQ(tried.status, 1);
  EXPECT_THAT(tried.err, HasSubstr("none.csv"));
}

}  // namespace
