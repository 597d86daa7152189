#include <cstdlib>
#include <unordered_set>

#include <fmt/format.h>
#include <spawn.h>

#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/inspect/server.h"
#include "lensfind/inspect/static_page.h"

extern char** environ;

namespace lensfind::cli {
namespace {

namespace fs = std::filesystem;

constexpr double known_radius_arcsec = 2;

struct InspectArguments {
  fs::path scores;
  inspect::PictureOptions pictures;
  fs::path catalogue, grades, known, controls, truth, still;
  std::string scheme = "abcx", grader, address = "127.0.0.1", title;
  std::vector<std::string> hosts;
  std::optional<std::int64_t> port, size, top;
  std::optional<double> repeats, control_fraction;
  bool sighted = false, open = false;
  CommonArguments common;
};

double fraction_of(const std::optional<double>& value, double otherwise, const char* flag) {
  if (value && !(*value >= 0 && *value < 1)) throw Usage{fmt::format("{} lies between 0 and 1", flag)};
  return value.value_or(otherwise);
}

InspectArguments read_arguments(const std::vector<std::string>& words) {
  InspectArguments read;
  Arguments arguments{
      "inspect",
      "Serves a page on which people grade candidates: pictures one by one or as a mosaic, all by keys, blind and in a random order for "
      "each grader. Every grade is on the disk before the page says so. Ctrl-C ends it; it goes on where it ended."};
  arguments.positional(read.scores, "SCORES",
                       "a table of candidates with ids (as `score` and `candidates` leave it), or a folder of images");
  arguments.list(read.pictures.inputs, "--images", "INPUT", "folders, stacks, lists or FITS fields that hold the candidates' images");
  arguments.option(read.catalogue, "--catalogue", "FILE", "INPUTs are FITS fields: cut its objects from them; wider fields are a key away");
  arguments.fields(read.pictures.columns);
  arguments.option(read.pictures.bands, "--band", "NAME", "a band of NAME_<band>.fits, once each, from blue to red");
  arguments.option(read.pictures.pattern, "--pattern", "PATTERN", "how files of one band are named, as '{band}/cutout-{id}.fits'");
  arguments.option(read.size, "--size", "N", "pixels a side of what is cut from fields (default 64)");
  arguments.option(read.grades, "--grades", "G.sqlite",
                   "file of the grades, made where it is not there (default: SCORES with .grades.sqlite)");
  arguments.option(read.grader, "--grader", "NAME", "who grades; others take the link with their own name");
  arguments.option(read.scheme, "--scheme", "NAME", "abcx (A B C X), half (0 to 3 with halves), or a TOML file");
  arguments.option(read.top, "--top", "K", "only the K best by score");
  arguments.flag(read.sighted, "--sighted",
                 "not blind: ids, scores, known lenses and others' grades are shown, the best score comes first");
  arguments.option(read.repeats, "--repeats", "FRACTION",
                   "fraction of the pictures that come twice, unsaid, to measure consistency (default 0.05)");
  arguments.option(read.known, "--known", "LIST",
                   "known lenses (a table with positions or the candidates' ids): controls, mixed in unseen");
  arguments.option(read.controls, "--controls", "DIR", "images of controls, as `simulate --paint` leaves them: mixed in unseen");
  arguments.option(read.truth, "--truth", "FILE", "what the controls are: id, label, theta_e_arcsec, arc_snr (default DIR/truth.csv)");
  arguments.option(read.control_fraction, "--control-fraction", "FRACTION", "fraction of the controls among the pictures (default 0.2)");
  arguments.option(read.still, "--static", "OUT.html",
                   "no server: one file with everything in it for --grader, who saves grades from it as a table");
  arguments.option(read.title, "--title", "TEXT", "of the page");
  arguments.option(read.port, "--port", "N", "0: a free one (default)");
  arguments.option(read.address, "--address", "IP", "listen there instead of at this machine only; put HTTPS before it");
  arguments.option(read.hosts, "--host", "NAME", "a further name under which browsers may ask, as grading.example.org");
  arguments.flag(read.open, "--open", "open the page in the browser");
  read.common.declare(arguments, true);
  arguments.footer(
      "Examples:\n"
      "  lensfind inspect scores.csv --images survey.npy --top 500 --grades g.sqlite --grader anna --open\n"
      "  lensfind inspect catalogue.csv --images field_g.fits field_r.fits field_i.fits --band g --band r --band i --catalogue "
      "catalogue.csv\n"
      "  lensfind inspect scores.csv --images cutouts --controls painted --known lenses.csv\n\n"
      "Then: lensfind grades merge g.sqlite --out merged");
  arguments.parse(words);
  if (read.port && (*read.port < 0 || *read.port > 65535)) throw Usage{"--port lies between 0 and 65535"};
  if (read.size && (*read.size < 8 || *read.size > 2048)) throw Usage{"--size lies between 8 and 2048"};
  if (read.top && *read.top < 1) throw Usage{"--top takes a number from 1 on"};
  if (read.controls.empty() && !read.truth.empty()) throw Usage{"--truth goes with --controls"};
  if (!read.still.empty() && read.grader.empty()) throw Usage{"--static needs --grader: each grader gets a file of their own"};
  if (!read.still.empty() && read.sighted) throw Usage{"--static pages are blind; leave --sighted out"};
  if (!read.grader.empty() && !inspect::is_grader_name(read.grader)) throw Usage{"--grader takes a name of 1 to 60 letters"};
  if (!read.catalogue.empty()) read.pictures.catalogue = read.catalogue;
  read.pictures.size = static_cast<int>(read.size.value_or(64));
  if (read.pictures.inputs.empty()) {
    if (!fs::is_directory(read.scores)) throw Usage{"--images is missing: which images belong to the table?"};
    read.pictures.inputs = {read.scores};
  }
  if (read.truth.empty() && !read.controls.empty()) read.truth = read.controls / "truth.csv";
  if (read.grades.empty()) {
    const fs::path plain = fs::is_directory(read.scores) && !read.scores.has_filename() ? read.scores.parent_path() : read.scores;
    read.grades = fs::path{plain}.replace_extension(".grades.sqlite");
  }
  return read;
}

/// Candidates, known lenses and other controls with their pictures.
struct Collection {
  inspect::CandidateList list;
  std::shared_ptr<inspect::Pictures> pictures, control_pictures;
  std::size_t first_control = 0;
  std::int64_t known = 0, without_picture = 0;
};

void add_controls(const InspectArguments& arguments, Collection& all) {
  std::vector<inspect::GradedObject> controls = inspect::read_controls(arguments.truth);
  std::unordered_set<std::string> wanted;
  for (const inspect::GradedObject& control : controls) wanted.insert(control.id);
  all.control_pictures = std::make_shared<inspect::Pictures>(
      inspect::PictureOptions{.inputs = {arguments.controls}, .bands = arguments.pictures.bands, .size = arguments.pictures.size}, &wanted);
  std::erase_if(controls, [&](const inspect::GradedObject& control) { return !all.control_pictures->has(control.id); });
  if (controls.empty())
    throw Error{fmt::format("no id of {} is an image in {}", arguments.truth.string(), arguments.controls.string()),
                "ids are paths in the folder without suffix, as `simulate` writes them"};
  const double fraction = fraction_of(arguments.control_fraction, .2, "--control-fraction");
  std::unordered_set<std::string> taken;
  for (const inspect::Listed& listed : all.list.objects) taken.insert(listed.object.id);
  for (inspect::GradedObject& control :
       inspect::choose_controls(std::move(controls), all.list.objects.size(), fraction, arguments.common.seed_or_zero())) {
    if (taken.contains(control.id))
      throw Error{control.id + ": a candidate and a control have this id",
                  "put the controls into a folder of another name and list its parent"};
    all.list.objects.push_back({std::move(control), {}});
  }
}

Collection collect(const InspectArguments& arguments, Console& console) {
  Collection all;
  if (fs::is_directory(arguments.scores)) {
    all.pictures = std::make_shared<inspect::Pictures>(arguments.pictures, nullptr);
    for (const std::string& id : all.pictures->ids()) all.list.objects.push_back({.object = {.id = id}});
    if (all.list.objects.empty())
      throw Error{arguments.scores.string() + ": holds no images", "give a table of candidates, or a folder of images"};
  } else {
    all.list =
        inspect::read_candidates({arguments.scores, static_cast<std::size_t>(arguments.top.value_or(0)), arguments.pictures.columns});
    std::unordered_set<std::string> wanted;
    for (const inspect::Listed& listed : all.list.objects) wanted.insert(listed.object.id);
    all.pictures = std::make_shared<inspect::Pictures>(arguments.pictures, &wanted);
    all.without_picture = static_cast<std::int64_t>(
        std::erase_if(all.list.objects, [&](const inspect::Listed& listed) { return !all.pictures->has(listed.object.id); }));
    if (all.list.objects.empty())
      throw Error{fmt::format("no id of {} is an image of --images", arguments.scores.string()),
                  "give --images as they were given to `score`; ids are their paths without suffix, or stack.npy#12"};
  }
  if (!arguments.known.empty()) all.known = inspect::mark_known(all.list.objects, arguments.known, known_radius_arcsec);
  all.first_control = all.list.objects.size();
  if (!arguments.controls.empty()) add_controls(arguments, all);
  for (const std::string& note : all.list.notes) console.say("note: " + note);
  return all;
}

void open_browser(const std::string& link) {
  std::string program = "xdg-open", address = link;
  char* words[]{program.data(), address.data(), nullptr};
  pid_t child = 0;
  posix_spawnp(&child, program.c_str(), nullptr, nullptr, words, environ);
}

/// The objects go into the file of grades too: there `grades` finds what is a control.
void write_still(const InspectArguments& arguments, const inspect::CandidateList& list,
                 const std::function<inspect::Drawn(std::size_t, const inspect::View&)>& draw, const inspect::StaticOptions& options,
                 Console& console) {
  inspect::GradeStore store{arguments.grades};
  store.set_scheme(options.scheme);
  std::vector<inspect::GradedObject> objects;
  for (const inspect::Listed& listed : list.objects) objects.push_back(listed.object);
  store.set_objects(objects);
  inspect::write_static_page(arguments.still, list, draw, options);
  console.say(fmt::format("a page for {}: {}", options.grader, arguments.still.string()));
  console.say(
      fmt::format("merge what they save: lensfind grades merge {} grades-{}.csv --out merged", arguments.grades.string(), options.grader));
  console.result(
      empty_object().set("page", arguments.still.string()).set("grades", arguments.grades.string()).set("objects", objects.size()));
}

}  // namespace

int inspect_command(const std::vector<std::string>& words) {
  const InspectArguments arguments = read_arguments(words);
  const double repeats = fraction_of(arguments.repeats, .05, "--repeats");
  const inspect::Scheme scheme = inspect::find_scheme(arguments.scheme, data_folders("schemes"));
  Console console{arguments.common};
  Collection all = collect(arguments, console);
  const auto controls = static_cast<std::int64_t>(all.list.objects.size() - all.first_control);
  const auto candidates = static_cast<std::int64_t>(all.first_control);
  std::vector<std::string> ids;
  for (const inspect::Listed& listed : all.list.objects) ids.push_back(listed.object.id);
  const auto draw = [&](std::size_t object, const inspect::View& view) {
    return (object < all.first_control ? all.pictures : all.control_pictures)->draw(ids.at(object), view);
  };
  const inspect::ShowingOptions showing{.blind = !arguments.sighted, .repeats = repeats, .seed = arguments.common.seed_or_zero()};
  const std::string title = arguments.title.empty() ? "Grading: " + arguments.scores.filename().string() : arguments.title;
  if (!arguments.still.empty()) {
    write_still(arguments, all.list, draw, {.scheme = scheme, .showing = showing, .grader = arguments.grader, .title = title}, console);
    return 0;
  }
  inspect::Session session{std::move(all.list), draw, all.pictures->widest_field(), inspect::GradeStore{arguments.grades},
                           inspect::SessionOptions{.scheme = scheme, .showing = showing, .first_grader = arguments.grader, .title = title}};
  inspect::Server server{session,
                         {.address = arguments.address, .port = static_cast<int>(arguments.port.value_or(0)), .hosts = arguments.hosts}};

  console.say(fmt::format("{} candidates{}{}; grades: {}", with_commas(candidates),
                          all.known > 0 ? fmt::format(", {} of them known", with_commas(all.known)) : "",
                          controls > 0 ? fmt::format(", {} controls among them unseen", with_commas(controls)) : "",
                          arguments.grades.string()));
  if (all.without_picture > 0)
    console.say(fmt::format("note: {} rows of the table have no image and are left out", with_commas(all.without_picture)));
  console.say(fmt::format("open {}", server.link(arguments.grader)));
  console.say("whoever has the link may grade; other graders change the name behind grader= ; Ctrl-C ends it");
  console.result(empty_object()
                     .set("link", server.link(arguments.grader))
                     .set("port", server.port())
                     .set("candidates", candidates)
                     .set("controls", controls)
                     .set("grades", arguments.grades.string()));
  if (arguments.open) open_browser(server.link(arguments.grader));
  server.run([] { return stop_flag().load(); });
  console.say("ended; the grades are on the disk");
  return 0;
}

}  // namespace lensfind::cli
