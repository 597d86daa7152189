#include "lensfind/cli/command.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/cli/arguments.h"

namespace lensfind::cli {

std::vector<std::filesystem::path> data_folders(const std::string& kind) {
  std::vector<std::filesystem::path> folders;
  if (const char* own = std::getenv("LENSFIND_DATA")) folders.push_back(std::filesystem::path{own} / kind);
  std::error_code status;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", status);
  if (!status) folders.push_back(program.parent_path().parent_path() / "share" / "lensfind" / kind);
  return folders;
}

std::string command_line(const std::string& command, const std::vector<std::string>& words) {
  std::string text = "lensfind " + command;
  for (const std::string& word : words) {
    const bool plain = word.find_first_of(" \t'\"$&|;<>()*?[]#~`\\") == std::string::npos && !word.empty();
    text += plain ? " " + word : " '" + word + "'";
  }
  return text;
}

Value names_and_summaries(const std::vector<Command>& commands) {
  Value list{Value::Array{}};
  for (const Command& command : commands) list.push_back(empty_object().set("name", command.name).set("summary", command.summary));
  return list;
}

int run_part(const std::string& command, const std::string& about, const std::vector<Command>& parts,
             const std::vector<std::string>& words) {
  if (words.empty() || words.front() == "--help" || words.front() == "-h") {
    if (std::ranges::find(words, "--json") != words.end())
      throw HelpAsked{
          to_json(empty_object().set("name", "lensfind " + command).set("about", about).set("parts", names_and_summaries(parts))) + "\n"};
    std::string text = fmt::format("{}\n\nParts:\n", about);
    for (const Command& part : parts) text += fmt::format("  {:<8}  {}\n", part.name, part.summary);
    throw HelpAsked{text + fmt::format("\n`lensfind {} PART --help` explains one.\n", command)};
  }
  std::vector<std::string> names;
  for (const Command& part : parts) {
    if (words.front() == part.name) return part.run({words.begin() + 1, words.end()});
    names.emplace_back(part.name);
  }
  const std::string near = nearest_name(words.front(), names);
  throw Usage{fmt::format("`{}` has no part `{}`; it has {}", command, words.front(), fmt::join(names, ", ")),
              near.empty() ? "" : fmt::format("did you mean `{} {}`?", command, near)};
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
#ifdef LENSFIND_WITH_TRAIN
      {"demo", "the whole way once on a small simulated survey, in a few minutes", demo_command},
#endif
      {"simulate", "labelled cutouts of lenses and non-lenses, as a survey would see them", simulate_command},
      {"survey", "what a survey's images are like: measured on your own, or of an installed one", survey_command, survey_parts},
      {"render", "one scene with given parameters, as .npy, FITS or PNG", render_command},
      {"check", "look through a data set before it is trained on", check_command},
#ifdef LENSFIND_WITH_TRAIN
      {"pretrain", "a network that has seen a survey's unlabelled cutouts, for `train` to begin from", pretrain_command},
      {"train", "train a network by a recipe; leaves a model folder", train_command},
      {"adapt", "a better model for your own images: what each step gained on labelled ones", adapt_command},
      {"cascade", "a small student network before a model, so that it sees only what may be a lens", cascade_command},
#endif
      {"import", "a model folder from timm's or torchvision's weights", import_command},
      {"ensemble", "several models as one", ensemble_command},
      {"calibrate", "probabilities and thresholds from labelled cutouts the model never saw", calibrate_command},
      {"evaluate", "how good a model, or anyone's scores, are at a survey's prevalence; leaves a report", evaluate_command},
      {"compare", "several models on the same samples, with paired differences", compare_command},
      {"combine", "several finders' scores as one, chosen by cross-validation", combine_command},
      {"score", "scores for every cutout of a survey, and the best candidates as a page", score_command},
      {"candidates", "from finished scores: priced anew, one row an object, known lenses tagged, and a page", candidates_command},
      {"merge", "one table of the chunks that shards of a survey left", merge_command},
      {"match", "candidates against a list of known lenses, by position", match_command},
      {"inspect", "a page on which people grade candidates, blind and with controls", inspect_command},
      {"grades", "what people say of candidates: agreement, consensus, tables, labels", grades_command, grades_parts},
      {"export", "a model's ONNX file alone", export_command},
      {"models", "the models that are installed, and how good each is; a name stands wherever a model folder does", models_command},
      {"networks", "every network that can be trained, with its size", networks_command},
      {"doctor", "what this machine has, and what to install where something is missing", doctor_command},
      {"version", "the version, its commit and libraries, and which instructions of this processor it uses", version_command},
      {"completion", "a script with which bash, zsh or fish complete commands, options and names", completion_command},
      {"manual", "pages for man, one a command", manual_command},
  };
  return all;
}

}  // namespace lensfind::cli
