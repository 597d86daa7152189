#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/cli/grades_arguments.h"
#include "lensfind/inspect/export.h"

namespace lensfind::cli {

int grades_export(const std::vector<std::string>& words) {
  GradesArguments grades;
  std::filesystem::path out, labels;
  std::string rule = "settled";
  bool overwrite = false, with_controls = false;
  Arguments arguments{"grades export",
                      "The merged grades as one table for papers and other programs, by the name of OUT: .csv, .fits, .parquet, .vot "
                      "(VOTable), .ecsv, .tex (LaTeX). And labels for `train`, `calibrate` and `evaluate --relabel`."};
  grades.declare(arguments);
  arguments.option(out, "--out", "FILE", "the table");
  arguments.option(labels, "--labels", "FILE", "labels, as CSV (id,label): 1 lenses, 0 non-lenses; what is undecided is left out");
  arguments.choice(rule, "--labels-by", {"settled", "grade"},
                   "what decides a label: the settled consensus, or the label of the median grade");
  arguments.flag(with_controls, "--with-controls", "also the controls, in the table");
  arguments.flag(overwrite, "--overwrite", "replace the files");
  arguments.footer(
      "Examples:\n  lensfind grades export G.sqlite --out candidates.fits\n  lensfind grades export G.sqlite --out table.tex\n"
      "  lensfind grades export G.sqlite --labels labels.csv --labels-by grade\n");
  arguments.parse(words);
  if (out.empty() && labels.empty()) throw Usage{"--out or --labels is missing: what shall be written?"};
  (void)grades.merge_options();
  for (const auto& path : {out, labels})
    if (!path.empty() && !overwrite) require_absent(path);

  Console console{grades.common};
  const inspect::Merged merged = grades.merge(grades.read(console), console);
  Value result = empty_object();
  if (!out.empty()) {
    const inspect::ResultTable table = inspect::objects_table(merged, with_controls);
    inspect::write_result_table(out, table);
    console.say(fmt::format("{} objects: {}", with_commas(static_cast<std::int64_t>(table.rows.size())), out.string()));
    result.set("out", out.string()).set("objects", table.rows.size());
  }
  if (!labels.empty()) {
    const auto [lenses, others] = inspect::write_labels(labels, merged, value_named<inspect::LabelRule>(rule));
    console.say(fmt::format("{} lenses and {} non-lenses: {}", with_commas(lenses), with_commas(others), labels.string()));
    if (lenses + others == 0) console.say("note: nothing is decided yet; --labels-by grade takes the median grade");
    result.set("labels", labels.string()).set("lenses", lenses).set("nonlenses", others);
  }
  console.result(result);
  return 0;
}

}  // namespace lensfind::cli
