#include <algorithm>
#include <cmath>
#include <memory>
#include <unordered_set>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/grades_arguments.h"
#include "lensfind/inspect/control_grid.h"
#include "lensfind/inspect/control_page.h"
#include "lensfind/inspect/control_report.h"
#include "lensfind/inspect/disagreements.h"
#include "lensfind/inspect/export.h"

namespace lensfind::cli {
namespace {

struct MergeArguments {
  std::filesystem::path out;
  inspect::PictureOptions pictures;
  inspect::GridEdges edges;
  bool overwrite = false;

  static void describe(auto& field) {
    field(&MergeArguments::out, "out", any().taking("DIR"), "folder to make");
    field(&MergeArguments::pictures, "pictures", any(), "for the page of disagreements");
    field(&MergeArguments::edges, "edges", any(), "of the cells of control_grid.csv");
    field(&MergeArguments::overwrite, "overwrite", any(), "replace DIR");
  }
};

std::string rate_text(const evaluate::Estimate& figure) {
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", figure.value, figure.low, figure.high);
}

std::string number_text(double value) { return std::isnan(value) ? "not defined" : fmt::format("{:.3f}", value); }

void say_graders(Console& console, const inspect::Merged& merged) {
  for (const inspect::GraderSummary& grader : merged.graders) {
    std::string line = fmt::format("  {}: {} grades", grader.grader, with_commas(grader.grades));
    if (!std::isnan(grader.median_seconds)) line += fmt::format(", {:.1f} s each", grader.median_seconds);
    if (grader.lens_controls > 0)
      line += fmt::format("; finds {} of the {} control lenses", rate_text(grader.completeness), grader.lens_controls);
    if (grader.nonlens_controls > 0)
      line += fmt::format("; takes {} of {} other controls for lenses", rate_text(grader.false_positive_rate), grader.nonlens_controls);
    if (grader.repeats > 0) line += fmt::format("; says the same again {} of {} times", rate_text(grader.consistency), grader.repeats);
    console.say(line);
  }
}

void say_method(Console& console, const inspect::Merged& merged) {
  switch (merged.method) {
    case inspect::ConsensusMethod::swap:
      console.say(fmt::format("graders are weighed by their grades of controls (SWAP); {:.2g} of the graded candidates are lenses",
                              merged.fraction));
      break;
    case inspect::ConsensusMethod::dawid_skene:
      console.say(fmt::format("no controls: graders are weighed by each other (Dawid and Skene); {:.2g} of what was graded are lenses",
                              merged.fraction));
      break;
    default:
      console.say("no probabilities: without controls it takes three graders to weigh them; grades are averaged");
  }
}

/// With few controls skills are hardly known, and every probability keeps a wide interval.
void say_why_nothing_settles(Console& console, const inspect::Merged& merged) {
  constexpr int enough = 20;
  int found = 0, refused = 0;
  for (const inspect::GraderSummary& grader : merged.graders) {
    found = std::max(found, grader.lens_controls);
    refused = std::max(refused, grader.nonlens_controls);
  }
  if (merged.method != inspect::ConsensusMethod::swap || std::min(found, refused) >= enough) return;
  console.say(
      fmt::format("note: nothing is settled yet: on {} control lenses and {} other controls nobody's skill is known well; grade more of "
                  "both (`inspect --controls`), {} each or more",
                  found, refused, enough));
}

/// The page of disagreements, with pictures where --images names them.
void write_page(const std::filesystem::path& html, const inspect::Merged& merged, const inspect::PictureOptions& options) {
  std::unordered_set<std::string> wanted;
  for (const inspect::MergedObject& object : merged.objects)
    if (object.spread > 0) wanted.insert(object.object.id);
  std::unique_ptr<inspect::Pictures> pictures;
  if (!options.inputs.empty()) pictures = std::make_unique<inspect::Pictures>(options, &wanted);
  inspect::write_disagreements(html, merged, [&](const std::string& id) -> std::optional<inspect::Drawn> {
    if (!pictures || !pictures->has(id)) return {};
    try {
      return pictures->draw(id, {});
    } catch (const Error&) {
      return {};  // the page says that there is none
    }
  });
}

}  // namespace

int grades_merge(const std::vector<std::string>& words) {
  GradesArguments grades;
  MergeArguments read;
  const std::filesystem::path& out = read.out;
  Arguments arguments{
      "grades merge",
      "Brings graders together: how well they agree, how skilled each is on the controls, and what they say together of each "
      "object. Leaves objects.csv, graders.csv, controls.csv, control_grid.csv, grades.csv, agreement.json, a page of what the controls "
      "say of "
      "the graders, controls.html, and one of what is to be talked about, disagreements.html."};
  grades.declare(arguments);
  arguments.fields(read);
  arguments.require({"--out"});
  arguments.footer(
      "Example:\n  lensfind grades merge anna.sqlite ben.csv --out merged\n\n"
      "objects.csv has mean and spread of the grades, the probability of a lens with its interval, and `settled` where that is decided.\n"
      "Controls (role known, painted, random) stand in it too, for the record; they never count as candidates.");
  arguments.parse(words);
  (void)grades.merge_options();
  for (const auto& [values, flag] : {std::pair{&read.edges.radius, "--grid-radius"}, {&read.edges.snr, "--grid-snr"}})
    if (values->size() == 1 || !std::ranges::is_sorted(*values, std::ranges::less_equal{}))
      throw Usage{fmt::format("{} takes two edges or more, ascending", flag)};

  Console console{grades.common};
  std::vector<std::filesystem::path> inputs = inspect::paths_of(read.pictures);
  inputs.insert(inputs.end(), grades.files.begin(), grades.files.end());
  AtomicFolder folder{{.path = out, .kind = FolderKind::grades, .command = "grades merge", .overwrite = read.overwrite, .inputs = inputs}};
  const inspect::GradeSet set = grades.read(console);
  const inspect::Merged merged = grades.merge(set, console);
  inspect::write_result_table(folder.path() / "objects.csv", inspect::objects_table(merged, true));
  inspect::write_result_table(folder.path() / "graders.csv", inspect::graders_table(merged));
  inspect::write_result_table(folder.path() / "controls.csv", inspect::control_table(inspect::control_completeness(merged)));
  inspect::write_result_table(folder.path() / "control_grid.csv", inspect::grid_table(inspect::grid_completeness(merged, read.edges)));
  inspect::write_control_page(folder.path() / "controls.html", merged, read.edges);
  write_page(folder.path() / "disagreements.html", merged, read.pictures);
  write_file(folder.path() / "grades.csv", inspect::grades_csv(inspect::standing(set.rows)));
  const Value result = inspect::merged_value(merged);
  write_file(folder.path() / "agreement.json", to_json(result) + "\n");
  folder.commit();

  std::int64_t lenses = 0, others = 0, candidates = 0;
  for (const inspect::MergedObject& object : merged.objects) {
    if (object.object.role != inspect::Role::candidate) continue;
    ++candidates;
    lenses += object.settled == Label::lens;
    others += object.settled == Label::non_lens;
  }
  console.say(fmt::format("{} candidates graded by {} people; settled: {} lenses, {} non-lenses", with_commas(candidates),
                          merged.graders.size(), with_commas(lenses), with_commas(others)));
  console.say(fmt::format("agreement: Krippendorff's alpha {} (ordinal), Fleiss' kappa {}", number_text(merged.alpha_ordinal),
                          number_text(merged.fleiss)));
  say_method(console, merged);
  say_graders(console, merged);
  if (lenses + others == 0) say_why_nothing_settles(console, merged);
  console.say(fmt::format("objects: {}; to talk about: {}", (out / "objects.csv").string(), (out / "disagreements.html").string()));
  console.result(Value{result}.set("out", out.string()));
  return 0;
}

}  // namespace lensfind::cli
