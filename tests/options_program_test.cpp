#include <map>
#include <set>
#include <sstream>

#include "lensfind/base/value.h"
#include "program.h"

/// Options that come from described structs: their names are what scripts rely on, their ranges are kept before anything is opened.
namespace {

using program::Program;
using program::run;
using program::run_shell;
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
       "pad pattern pixel-scale precision prevalence quiet ra-column readers resume seeing shard threads top tta zero-point"},
      {"evaluate",
       "bootstrap completeness data grades id-column json label-column onnx-output onnx-size out overwrite prevalence quiet relabel "
       "score-column scores seed split target threads truth tta validation"},
      {"check", "against band json out overwrite quiet seed shortcut-sample threads"},
      {"calibrate", "data json onnx-output onnx-size out overwrite prevalence quiet split target threads"},
      {"match", "dec-column group id-column json known out overwrite quiet ra-column radius score-column threads threshold top"},
      {"ensemble", "bootstrap combine data folds json out overwrite quiet seed split threads"},
      {"export", "card json onnx-output onnx-size out overwrite packed quiet threads tta"},
      {"inspect",
       "address band catalogue control-fraction controls dec-column grader grades host id-column images json known open pattern port quiet "
       "ra-column repeats residuals scheme seed sighted size static threads title top truth"},
      {"grades merge",
       "band catalogue dec-column doubt fraction grade-column grid-radius grid-snr id-column images json lens-from method min-grades "
       "nonlens-below out overwrite pattern quiet ra-column scheme seed size threads"},
      {"grades export",
       "band catalogue dec-column doubt fraction grade-column id-column images json labels labels-by lens-from method min-grades "
       "nonlens-below out overwrite pattern quiet ra-column scheme seed size threads training-set with-controls"},
      {"grades next",
       "band by catalogue deal dec-column doubt fixed fraction grade-column grader id-column images json lens-from max-grades method "
       "min-grades "
       "model nonlens-below out overwrite pattern pool quiet ra-column rounds scheme scores seed threads top"},
      {"grades subjects", "band catalogue dec-column id-column images json out overwrite pattern quiet ra-column side size threads top"},
      {"candidates",
       "band collapse dec-column fields id-column images json known model out overwrite pattern prevalence quiet ra-column radius "
       "score-column size threads threshold top"},
#ifdef LENSFIND_WITH_TRAIN
      {"train",
       "allow-bad checkpoint-every data device json mine mine-images out overwrite pixel-scale quiet recipe resume seed set threads"},
      {"pretrain", "allow-bad checkpoint-every data device json out overwrite quiet recipe resume seed set threads"},
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
  EXPECT_THAT(run({"score", "--help"}).out, AllOf(HasSubstr("default 0.1"), HasSubstr("between 0 and 1"), HasSubstr("auto|f32|bf16|int8")));
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

TEST(Options, MistypedOnesArePointedTo) {
  EXPECT_THAT(run({"score", "--presicion", "f32"}).err, HasSubstr("did you mean `--precision`?"));
  EXPECT_THAT(run({"grades", "mrege"}).err, HasSubstr("did you mean `grades merge`?"));
  EXPECT_THAT(run({"survey", "mesure"}).err, HasSubstr("did you mean `survey measure`?"));
  EXPECT_EQ(run({"survey", "mesure"}).status, 2);
}

/// Every command and part, as `lensfind grades merge --help --json` is asked for.
std::vector<std::vector<std::string>> all_commands() {
  std::vector<std::vector<std::string>> names;
  const lensfind::Value known = lensfind::parse_json(run({"--help", "--json"}).out, "help");
  for (const lensfind::Value& command : known.at("commands").as_array()) {
    const std::string name = command.at("name").as_string();
    names.push_back({name});
    const lensfind::Value help = lensfind::parse_json(run({name, "--help", "--json"}).out, name);
    if (!help.find("parts")) continue;
    for (const lensfind::Value& part : help.at("parts").as_array()) names.push_back({name, part.at("name").as_string()});
  }
  return names;
}

TEST(Options, AreToldAsDataTheSameAsInWords) {
  const auto commands = all_commands();
  EXPECT_GE(commands.size(), 28U);
  for (std::vector<std::string> words : commands) {
    std::string name = words[0] + (words.size() > 1 ? " " + words[1] : "");
    words.insert(words.end(), {"--help", "--json"});
    const lensfind::Value help = lensfind::parse_json(run(words).out, name);
    if (help.find("parts")) continue;
    std::set<std::string> flags;
    for (const lensfind::Value& option : help.at("options").as_array()) flags.insert(option.at("flag").as_string());
    flags.erase("--help");
    EXPECT_EQ(flags, options_of(name)) << name;
  }
}

TEST(Options, AreToldWithTheKindOfTheirValue) {
  const lensfind::Value help = lensfind::parse_json(run({"score", "--help", "--json"}).out, "score");
  std::map<std::string, lensfind::Value> options;
  for (const lensfind::Value& option : help.at("options").as_array()) options.emplace(option.at("flag").as_string(), option);
  EXPECT_EQ(options.at("--out").at("kind").as_string(), "path");
  EXPECT_TRUE(options.at("--out").at("required").as_bool());
  EXPECT_EQ(options.at("--prevalence").at("kind").as_string(), "number");
  EXPECT_EQ(options.at("--resume").at("kind").as_string(), "flag");
  EXPECT_EQ(options.at("--band").at("kind").as_string(), "text");
  EXPECT_TRUE(options.at("--band").at("many").as_bool());
  EXPECT_EQ(options.at("--precision").at("kind").as_string(), "choice");
  EXPECT_EQ(options.at("--precision").at("value").as_string(), "auto|f32|bf16|int8");
  EXPECT_EQ(options.at("--precision").at("choices"), (lensfind::Value::Array{"auto", "f32", "bf16", "int8"}));
  EXPECT_EQ(help.at("arguments").as_array().at(0).at("kind").as_string(), "model");
}

/// What bash offers for the last of these words.
std::set<std::string> bash_offers(const std::string& words) {
  const auto done = run_shell(
      "bash --norc -c 'source <(\"$LENSFIND\" completion bash) || exit 3\n"
      "compopt() { :; }; read -ra COMP_WORDS <<< \"'\"$LENSFIND\"' " +
      words + "\"; [[ \"" + words +
      "\" == *\" \" ]] && COMP_WORDS+=(\"\")\n"
      "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _lensfind; printf \"%s\\n\" \"${COMPREPLY[@]}\"'");
  EXPECT_EQ(done.status, 0) << done.err;
  std::istringstream lines{done.out};
  std::set<std::string> offers;
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) offers.insert(line);
  return offers;
}

TEST(Completion, OffersCommandsOptionsChoicesAndNames) {
  using ::testing::Contains;
  using ::testing::ElementsAre;
  EXPECT_THAT(bash_offers("sc"), ElementsAre("score"));
  EXPECT_THAT(bash_offers("score --pre"), ElementsAre("--precision", "--prevalence"));
  EXPECT_THAT(bash_offers("score --precision "), ElementsAre("auto", "bf16", "f32", "int8"));
  EXPECT_THAT(bash_offers("grades me"), ElementsAre("merge"));
  EXPECT_THAT(bash_offers("grades merge --nonl"), ElementsAre("--nonlens-below"));
  EXPECT_THAT(bash_offers("simulate set --survey d"), ElementsAre("des", "des1"));
  EXPECT_THAT(bash_offers("score h"), Contains("hsc"));
  EXPECT_THAT(bash_offers("completion "), ElementsAre("bash", "fish", "zsh"));
}

TEST(Completion, NamesEveryOptionInEveryShell) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const std::string script = run({"completion", shell}).out;
    for (const std::string option : {"precision", "nonlens-below", "max-missing"}) EXPECT_THAT(script, HasSubstr(option)) << shell;
  }
  EXPECT_EQ(run({"completion", "csh"}).status, 2);
  EXPECT_EQ(run({"completion"}).status, 2);
}

class Manual : public Program {};

TEST_F(Manual, HasAPageOfEachCommandWithAllItsOptions) {
  ASSERT_EQ(run({"manual", "--out", at("man1")}).status, 0);
  const auto commands = all_commands();
  for (const std::vector<std::string>& words : commands) {
    const std::string name = words[0] + (words.size() > 1 ? " " + words[1] : ""),
                      file = words[0] + (words.size() > 1 ? "-" + words[1] : "");
    const std::string page = program::text_of(folder_ / "man1" / ("lensfind-" + file + ".1"));
    EXPECT_THAT(page, HasSubstr(".SH NAME")) << name;
    for (std::string option : options_of(name)) {
      for (std::size_t dash = option.find('-'); dash != std::string::npos; dash = option.find('-', dash + 2)) option.insert(dash, "\\");
      EXPECT_THAT(page, HasSubstr("\\fB" + option + "\\fR")) << name;
    }
  }
  EXPECT_EQ(run({"manual", "--out", at("man1")}).status, 1) << "they are there";
  EXPECT_EQ(run({"manual", "--out", at("man1"), "--overwrite"}).status, 0);
  const auto warnings = run_shell("if command -v groff >/dev/null; then groff -man -ww -z -Tutf8 '" + at("man1") + "'/*.1 2>&1; fi");
  EXPECT_EQ(warnings.out, "");
}

TEST(Version, SaysCommitLibrariesAndInstructions) {
  EXPECT_THAT(run({"--version"}).out, ::testing::MatchesRegex("lensfind [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  const lensfind::Value said = lensfind::parse_json(run({"version", "--json"}).out, "version");
  const std::string commit = said.at("commit").is_null() ? "" : said.at("commit").as_string();
  const std::string head = run_shell("git -C '" LENSFIND_SOURCE_DIR "' rev-parse HEAD 2>/dev/null").out;
  EXPECT_EQ(commit.substr(0, 40), head.substr(0, 40));
  EXPECT_EQ(said.at("libraries").at("wcslib").as_string() + "\n", run_shell("pkg-config --modversion wcslib").out);
  EXPECT_THAT(said.at("openvino").as_string(), HasSubstr(said.at("libraries").at("OpenVINO").as_string()));
  const bool avx512 = run_shell("grep -qw avx512f /proc/cpuinfo").status == 0, avx2 = run_shell("grep -qw avx2 /proc/cpuinfo").status == 0;
  EXPECT_THAT(said.at("processor").at("kernels").as_string(), ::testing::StartsWith(avx512 ? "AVX3" : avx2 ? "AVX2" : ""));
  EXPECT_THAT(run({"version"}).out, AllOf(HasSubstr("commit "), HasSubstr("cfitsio "), HasSubstr("kernels ")));
}

}  // namespace
