#include <unordered_set>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/grades_arguments.h"
#include "lensfind/inspect/zooniverse.h"

namespace lensfind::cli {
namespace {

struct SubjectArguments {
  std::filesystem::path scores, out;
  inspect::PictureOptions pictures;
  std::optional<std::size_t> top;
  int side = 400;
  bool overwrite = false;

  static void describe(auto& field) {
    using A = SubjectArguments;
    field(&A::pictures, "pictures", any(), "where the pictures are");
    field(&A::out, "out", any().taking("DIR"), "folder to make");
    field(&A::top, "top", at_least(1).taking("K"), "only the K best by score");
    field(&A::side, "side", between(16, 4096).taking("N"), "pixels a side that pictures have at least");
    field(&A::overwrite, "overwrite", any(), "replace DIR");
  }
};

}  // namespace

int grades_subjects(const std::vector<std::string>& words) {
  SubjectArguments read;
  CommonArguments common;
  Arguments arguments{"grades subjects",
                      "Candidates as subjects for Zooniverse: a picture each and the manifest.csv that Panoptes uploads. Its export of "
                      "classifications is then a file of grades for `grades merge`."};
  arguments.positional(read.scores, "SCORES", "a table of candidates with ids");
  arguments.fields(read);
  arguments.require({"--out"});
  common.declare(arguments);
  arguments.footer(
      "Example:\n  lensfind grades subjects scores.csv --images survey.npy --top 500 --out subjects\n  panoptes subject-set "
      "upload-subjects SET subjects/manifest.csv\n");
  arguments.parse(words);
  if (read.pictures.inputs.empty()) throw Usage{"--images is missing: which images belong to the table?"};

  Console console{common};
  std::vector<std::filesystem::path> inputs = inspect::paths_of(read.pictures);
  inputs.push_back(read.scores);
  AtomicFolder folder{
      {.path = read.out, .kind = FolderKind::subjects, .command = "grades subjects", .overwrite = read.overwrite, .inputs = inputs}};
  const inspect::CandidateList list = inspect::read_candidates({read.scores, read.top.value_or(0), read.pictures.columns});
  std::unordered_set<std::string> wanted;
  for (const inspect::Listed& listed : list.objects) wanted.insert(listed.object.id);
  const inspect::Pictures source{read.pictures, &wanted};
  const std::int64_t written = inspect::write_subjects(
      folder.path(), list.objects, [&](std::size_t object) { return source.draw(list.objects[object].object.id, {}); }, read.side);
  if (written == 0)
    throw Error{fmt::format("no id of {} is an image of --images", read.scores.string()), "give --images as they were given to `score`"};
  folder.commit();
  console.say(fmt::format("{} subjects: {}", with_commas(written), (read.out / "manifest.csv").string()));
  if (const auto left = static_cast<std::int64_t>(list.objects.size()) - written; left > 0)
    console.say(fmt::format("note: {} rows have no image and are left out", with_commas(left)));
  console.result(empty_object().set("out", read.out.string()).set("subjects", written));
  return 0;
}

}  // namespace lensfind::cli
