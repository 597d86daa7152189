#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/workflows/adapt.h"
#include "lensfind/workflows/adapt_report.h"

namespace lensfind::cli {
namespace {

Value value_of(const workflows::AdaptResult& result, const std::filesystem::path& out) {
  Value steps{Value::Array{}}, notes{Value::Array{}};
  for (const workflows::StepRow& row : result.steps) steps.push_back(workflows::to_json_value(row));
  for (const std::string& note : result.notes) notes.push_back(note);
  return empty_object()
      .set("out", out.string())
      .set("lenses", result.lenses)
      .set("nonlenses", result.nonlenses)
      .set("unlabelled", result.unlabelled)
      .set("steps", steps)
      .set("whole", workflows::to_json_value(result.whole))
      .set("notes", notes);
}

void say(Console& console, const workflows::AdaptResult& result, const std::filesystem::path& out) {
  console.say(fmt::format("{} labelled lenses, {} non-lenses, {} unlabelled images; figures are of labelled images that a model never saw",
                          result.lenses, result.nonlenses, result.unlabelled));
  for (const workflows::StepRow& row : result.steps)
    console.say(fmt::format("  {:<11} {}{}", row.step, workflows::gain_text(row), row.note.empty() ? "" : " (" + row.note + ")"));
  if (result.whole.auc)
    console.say(fmt::format("  {:<11} {}", "all", workflows::gain_text(result.whole)));
  else
    console.say("nothing was judged: there are no labels");
  console.say(fmt::format("{}: the adapted model; adapt.md in it is the report", out.string()));
  console.say(fmt::format("next: lensfind score {} INPUT --out scores.csv --top 100", out.string()));
}

}  // namespace

int adapt_command(const std::vector<std::string>& words) {
  workflows::AdaptOptions options;
  CommonArguments common;
  Arguments arguments{
      "adapt",
      "Makes a model better on your own images, step by step: simulated and painted lenses like yours, statistics of your images, your few "
      "labels, look-alikes among your images. Each step is judged on labelled images that the judged model never saw, and kept only where "
      "it "
      "gains."};
  arguments.model(options.model, "a model folder with a network of its own, or an installed model's name");
  arguments.list(options.images, "--images", "INPUT", "your images, as `score` takes them: folders, cutouts, stacks, lists, or fields");
  arguments.option(options.out, "--out", "MODEL2", "model folder to make", true);
  arguments.fields(options);
  arguments.choice(options.device, "--device", {"cpu", "cuda"}, "where to train");
  common.declare(arguments, true);
  arguments.require({"--images"});
  arguments.footer(
      "A few dozen labels of a survey's images, most of them not labelled:\n"
      "  lensfind adapt cfhtls --images cutouts --labels labels.csv --out mine\n"
      "Labels alone, the quickest; and fields with a catalogue, known lenses kept from the look-alikes:\n"
      "  lensfind adapt cfhtls --images cutouts --labels labels.csv --steps labels --out mine\n"
      "  lensfind adapt des --images tiles --catalogue objects.csv --labels labels.csv --known lenses.csv --out mine\n"
      "labels.csv has the columns id,label (1 lens, 0 none); ids are those that `lensfind score` gives the same images. 10 of each class\n"
      "are the least, 50 a good beginning. MODEL2/adapt.md says what each step gained; docs/adapting.md explains it.");
  arguments.parse(words);
  if (options.catalogue && options.catalogue->empty()) options.catalogue.reset();
  options.rules.max_oversize = 3;
  options.threads = use_threads(common.threads);
  options.seed = common.seed_or_zero();
  options.survey_folders = data_folders("surveys");

  Console console{common};
  const workflows::AdaptResult result = workflows::adapt(options, console.progress(), stop_flag());
  say(console, result, options.out);
  console.result(value_of(result, options.out));
  return 0;
}

}  // namespace lensfind::cli
