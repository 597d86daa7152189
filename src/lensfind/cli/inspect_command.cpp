#include <algorithm>
#include <cstdlib>
#include <span>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <spawn.h>

#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/inspect/same_look.h"
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
  inspect::ShowingOptions showing;
  inspect::ServerOptions server;
  std::vector<fs::path> residuals;
  fs::path grades, known, controls, truth, still;
  std::string scheme = "abcx", grader, title;
  std::optional<std::int64_t> top;
  double control_fraction = .2;
  bool sighted = false, open = false;
  CommonArguments common;

  static void describe(auto& field) {
    using A = InspectArguments;
    field(&A::pictures, "pictures", any(), "where the pictures are");
    field(&A::residuals, "residuals", any().taking("INPUT"),
          "what a lens fit leaves of the images, under the same ids (files of the same names): shown on a key");
    field(&A::grades, "grades", any().taking("G.sqlite"),
          "file of the grades, made where it is not there (default: SCORES with .grades.sqlite)");
    field(&A::grader, "grader", any().taking("NAME"), "who grades; others take the link with their own name");
    field(&A::scheme, "scheme", any().taking("NAME"), "abcx (A B C X), half (0 to 3 with halves), or a TOML file");
    field(&A::top, "top", at_least(1).taking("K"), "only the K best by score");
    field(&A::sighted, "sighted", any(), "not blind: ids, scores, known lenses and others' grades are shown, the best score comes first");
    field(&A::showing, "showing", any(), "how they come before a grader");
    field(&A::known, "known", any().taking("LIST"),
          "known lenses (a table with positions or the candidates' ids): controls, mixed in unseen");
    field(&A::controls, "controls", any().taking("DIR"), "images of controls, as `simulate --paint` leaves them: mixed in unseen");
    field(&A::truth, "truth", any().taking("FILE"), "what the controls are: id, label, theta_e_arcsec, arc_snr (default DIR/truth.csv)");
    field(&A::control_fraction, "control_fraction", Range{.min = 0, .max = 1, .below_max = true}.taking("FRACTION"),
          "fraction of the controls among the pictures");
    field(&A::still, "static", any().taking("OUT.html"),
          "no server: one file with everything in it for --grader, who saves grades from it as a table");
    field(&A::title, "title", any().taking("TEXT"), "of the page");
    field(&A::server, "server", any(), "where the page is served");
    field(&A::open, "open", any(), "open the page in the browser");
  }
};

void check(const InspectArguments& read) {
  if (read.controls.empty() && !read.truth.empty()) throw Usage{"--truth goes with --controls"};
  if (!read.still.empty() && read.grader.empty()) throw Usage{"--static needs --grader: each grader gets a file of their own"};
  if (!read.still.empty() && read.sighted) throw Usage{"--static pages are blind; leave --sighted out"};
  if (!read.grader.empty() && !inspect::is_grader_name(read.grader)) throw Usage{"--grader takes a name of 1 to 60 letters"};
  if (read.pictures.inputs.empty() && !fs::is_directory(read.scores)) throw Usage{"--images is missing: which images belong to the table?"};
}

/// What follows from the arguments where they do not say it.
void fill_in(InspectArguments& read) {
  if (read.pictures.inputs.empty()) read.pictures.inputs = {read.scores};
  if (read.truth.empty() && !read.controls.empty()) read.truth = read.controls / "truth.csv";
  if (read.grades.empty()) {
    const fs::path plain = fs::is_directory(read.scores) && !read.scores.has_filename() ? read.scores.parent_path() : read.scores;
    read.grades = fs::path{plain}.replace_extension(".grades.sqlite");
  }
  read.showing.blind = !read.sighted;
  read.showing.seed = read.common.seed_or_zero();
}

InspectArguments read_inspect_arguments(const std::vector<std::string>& words) {
  InspectArguments read;
  Arguments arguments{
      "inspect",
      "Serves a page on which people grade candidates: pictures one by one or as a mosaic, all by keys, blind and in a random order for "
      "each grader. Every grade is on the disk before the page says so. Ctrl-C ends it; it goes on where it ended."};
  arguments.positional(read.scores, "SCORES",
                       "a table of candidates with ids (as `score` and `candidates` leave it), or a folder of images");
  arguments.fields(read);
  read.common.declare(arguments, true);
  arguments.footer(
      "Examples:\n"
      "  lensfind inspect scores.csv --images survey.npy --top 500 --grades g.sqlite --grader anna --open\n"
      "  lensfind inspect catalogue.csv --images field_g.fits field_r.fits field_i.fits --band g --band r --band i --catalogue "
      "catalogue.csv\n"
      "  lensfind inspect scores.csv --images cutouts --controls painted --known lenses.csv\n\n"
      "Then: lensfind grades merge g.sqlite --out merged");
  arguments.parse(words);
  check(read);
  fill_in(read);
  return read;
}

/// Candidates, known lenses and other controls with their pictures.
struct Collection {
  inspect::CandidateList list;
  std::shared_ptr<inspect::Pictures> pictures, control_pictures, residuals;
  std::size_t first_control = 0;
  std::int64_t known = 0, without_picture = 0, lens_controls = 0;
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
  std::unordered_set<std::string> taken;
  for (const inspect::Listed& listed : all.list.objects) taken.insert(listed.object.id);
  for (inspect::GradedObject& control : inspect::choose_controls(std::move(controls), all.list.objects.size(), arguments.control_fraction,
                                                                 arguments.common.seed_or_zero())) {
    if (taken.contains(control.id))
      throw Error{control.id + ": a candidate and a control have this id",
                  "put the controls into a folder of another name and list its parent"};
    all.lens_controls += control.truth == Label::lens;
    all.list.objects.push_back({std::move(control), {}});
  }
}

/// Controls that have none of their own would be known by it.
void add_residuals(const InspectArguments& arguments, Collection& all, Console& console) {
  std::unordered_set<std::string> wanted;
  for (const inspect::Listed& listed : all.list.objects) wanted.insert(listed.object.id);
  auto residuals = std::make_shared<inspect::Pictures>(
      inspect::PictureOptions{.inputs = arguments.residuals, .bands = arguments.pictures.bands, .pattern = arguments.pictures.pattern},
      &wanted);
  const auto missing = std::ranges::count_if(wanted, [&](const std::string& id) { return !residuals->has(id); });
  if (missing == static_cast<std::int64_t>(wanted.size()))
    throw Error{"no residual has the id of a picture", "give --residuals files of the same names as those of --images"};
  const bool has_controls =
      std::ranges::any_of(all.list.objects, [](const inspect::Listed& listed) { return listed.object.role != inspect::Role::candidate; });
  if (missing > 0)
    console.say(fmt::format("note: {} of {} pictures have no residual{}", with_commas(missing),
                            with_commas(static_cast<std::int64_t>(wanted.size())),
                            has_controls && !arguments.sighted ? "; none is shown, because it would tell which are controls" : ""));
  if (missing == 0 || !has_controls || arguments.sighted) all.residuals = std::move(residuals);
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
  if (!arguments.residuals.empty()) add_residuals(arguments, all, console);
  for (const std::string& note : all.list.notes) console.say("note: " + note);
  return all;
}

/// The first of some objects that can be drawn; nothing where none of a few can.
std::optional<inspect::Drawn> first_drawn(const inspect::Pictures& pictures, std::span<const std::string> ids) {
  constexpr std::size_t tries = 20;
  for (const std::string& id : ids.first(std::min(tries, ids.size()))) {
    try {
      return pictures.draw(id, {});
    } catch (const Error&) {
      continue;  // the page says so when it comes to it
    }
  }
  return {};
}

/// On blind pages with controls of their own folder: how all pictures say the same of themselves.
std::optional<inspect::SameLook> same_look(const Collection& all, std::span<const std::string> ids, Console& console) {
  const auto candidate = first_drawn(*all.pictures, ids.first(all.first_control));
  const auto control = first_drawn(*all.control_pictures, ids.subspan(all.first_control));
  if (!candidate || !control) return {};
  std::optional<inspect::SameLook> look{std::in_place, *candidate, *control};
  for (const std::string& warning : look->warnings()) console.progress().warn(warning);
  if (all.pictures->widest_field() > 1) console.say("note: wider fields are not shown, because controls have none");
  return look;
}

void open_browser(const std::string& link) {
  std::string program = "xdg-open", address = link;
  char* words[]{program.data(), address.data(), nullptr};
  pid_t child = 0;
  posix_spawnp(&child, program.c_str(), nullptr, nullptr, words, environ);
}

/// Listens to everybody, under no name that others know.
bool is_for_others(const inspect::ServerOptions& server) {
  return (server.address == "0.0.0.0" || server.address == "::") && server.hosts.empty();
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
  const InspectArguments arguments = read_inspect_arguments(words);
  const inspect::Scheme scheme = inspect::find_scheme(arguments.scheme, data_folders("schemes"));
  Console console{arguments.common};
  Collection all = collect(arguments, console);
  const auto controls = static_cast<std::int64_t>(all.list.objects.size() - all.first_control);
  const auto candidates = static_cast<std::int64_t>(all.first_control);
  std::vector<std::string> ids;
  for (const inspect::Listed& listed : all.list.objects) ids.push_back(listed.object.id);
  const bool is_unseen = !arguments.sighted && controls > 0;
  const std::optional<inspect::SameLook> look = is_unseen ? same_look(all, ids, console) : std::nullopt;
  const int widest_field = is_unseen ? 1 : all.pictures->widest_field();
  const auto draw = [&](std::size_t object, const inspect::View& view) {
    const bool is_control = object >= all.first_control;
    const auto& pictures = view.residual == inspect::View::Residual::fit ? all.residuals : is_control ? all.control_pictures : all.pictures;
    inspect::Drawn drawn = pictures->draw(ids.at(object), view);
    if (!look) return drawn;
    return is_control ? look->of_control(std::move(drawn)) : look->of_candidate(std::move(drawn));
  };
  const std::string title = arguments.title.empty() ? "Grading: " + arguments.scores.filename().string() : arguments.title;
  if (!arguments.still.empty()) {
    write_still(arguments, all.list, draw, {.scheme = scheme, .showing = arguments.showing, .grader = arguments.grader, .title = title},
                console);
    return 0;
  }
  inspect::Session session{std::move(all.list), draw, widest_field, inspect::GradeStore{arguments.grades},
                           inspect::SessionOptions{.scheme = scheme,
                                                   .showing = arguments.showing,
                                                   .first_grader = arguments.grader,
                                                   .title = title,
                                                   .has_fit = all.residuals != nullptr}};
  inspect::Server server{session, arguments.server};

  console.say(fmt::format("{} candidates{}{}; grades: {}", with_commas(candidates),
                          all.known > 0 ? fmt::format(", {} of them known", with_commas(all.known)) : "",
                          controls > 0 ? fmt::format(", {} controls ({} of them lenses) among them unseen", with_commas(controls),
                                                     with_commas(all.lens_controls))
                                       : "",
                          arguments.grades.string()));
  if (all.without_picture > 0)
    console.say(fmt::format("note: {} rows of the table have no image and are left out", with_commas(all.without_picture)));
  console.say(fmt::format("open {}", server.link(arguments.grader)));
  for (const std::string& link : server.links_of_hosts(arguments.grader)) console.say(fmt::format("or, through HTTPS before it, {}", link));
  if (is_for_others(arguments.server))
    console.say("note: under other names than this machine's own it answers nobody: say with --host under which name others ask");
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
