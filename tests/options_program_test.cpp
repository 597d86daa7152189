#include <set>
#include <sstream>

#include "program.h"

/// Options that come from described structs: their names are what scripts rely on, their ranges are kept before anything is opened.
namespace {

using program::Program;
using program::run;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// The long options that `--help` lists.
std::set<std::string> options_of(const std::string& command) {
  std::set<std::string> names;
  std::vector<std::string> words;
  std::istringstream parts{command + " --help"};
  for (std::string word; parts >> word;) words.push_back(word);
  std::istringstream lines{run(words).out};
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
      {"inspect",
       "address band catalogue control-fraction controls dec-column grader grades host id-column images json known open pattern port quiet "
       "ra-column repeats scheme seed sighted size static threads title top truth"},
      {"grades merge",
       "band catalogue dec-column doubt fraction grade-column grid-radius grid-snr id-column images json lens-from method min-grades "
       "nonlens-below out overwrite pattern quiet ra-column scheme seed size threads"},
      {"grades export",
       "band catalogue dec-column doubt fraction grade-column id-column images json labels labels-by lens-from method min-grades "
       "nonlens-below out overwrite pattern quiet ra-column scheme seed size threads training-set with-controls"},
      {"grades next",
       "band by catalogue dec-column doubt fixed fraction grade-column grader id-column images json lens-from max-grades method min-grades "
       "model nonlens-below out overwrite pattern pool quiet ra-column rounds scheme scores seed threads top"},
      {"grades subjects", "band catalogue dec-column id-column images json out overwrite pattern quiet ra-column side size threads top"},
      {"candidates",
       "band collapse dec-column fields id-column images json known model out overwrite pattern prevalence quiet ra-column radius "
       "score-column size threads threshold top"},
#ifdef LENSFIND_WITH_TRAIN
      {"train",
       "allow-bad checkpoint-every data device json mine mine-images out overwrite pixel-scale quiet recipe resume seed set threads"},
      {"cascade", "allow-bad checkpoint-every data device json max-lost out overwrite quiet recipe resume seed set teacher threads"},
#endif
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
                                                    {"inspect", "none", "--images", "none", "--port", "65536"},
                                                    {"inspect", "none", "--images", "none", "--size", "7"},
                                                    {"inspect", "none", "--images", "none", "--top", "0"},
                                                    {"inspect", "none", "--images", "none", "--repeats", "1"},
                                                    {"inspect", "none", "--images", "none", "--control-fraction", "1"},
                                                    {"grades", "merge", "none", "--out", at("g"), "--lens-from", "1"},
                                                    {"grades", "merge", "none", "--out", at("g"), "--min-grades", "0"},
                                                    {"grades", "merge", "none", "--out", at("g"), "--doubt", "0"},
                                                    {"grades", "merge", "none", "--out", at("g"), "--method", "guess"},
                                                    {"grades", "next", "none", "--out", at("n.csv"), "--max-grades", "1001"},
                                                    {"grades", "next", "none", "--out", at("n.csv"), "--by", "chance"},
                                                    {"grades", "subjects", "none", "--images", "none", "--out", at("s"), "--side", "15"},
                                                    {"grades", "export", "none", "--out", at("e.csv"), "--size", "2049"},
                                                    {"candidates", "none", "--out", at("c"), "--prevalence", "1"},
                                                    {"candidates", "none", "--out", at("c"), "--size", "1025"},
                                                    {"candidates", "none", "--out", at("c"), "--radius", "0"},
                                                    {"candidates", "none", "--out", at("c"), "--collapse", "3601"},
#ifdef LENSFIND_WITH_TRAIN
                                                    {"train", "--recipe", "demo", "--data", "no", "--out", at("r"), "--pixel-scale", "0"},
                                                    {"train", "--recipe", "demo", "--data", "no", "--out", at("r"), "--device", "tpu"},
                                                    {"cascade", "--teacher", "no", "--data", "no", "--out", at("r"), "--max-lost", "1"},
#endif
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
