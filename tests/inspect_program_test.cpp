#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/value.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "program.h"
#include "raw_client.h"

namespace {

using namespace std::chrono_literals;
using lensfind::Value;
using lensfind::testing::RawClient;
using Clock = std::chrono::steady_clock;
using program::Program;
using program::run;
using ::testing::HasSubstr;

/// `lensfind inspect` as it runs; ended with the object.
class Inspecting {
 public:
  explicit Inspecting(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"inspect", "--json"});
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      std::vector<char*> words{const_cast<char*>(LENSFIND_PROGRAM)};
      for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
      words.push_back(nullptr);
      ::execv(LENSFIND_PROGRAM, words.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    std::string text;
    for (std::array<char, 512> block; text.find("\n}") == std::string::npos;) {
      const ssize_t got = ::read(ends[0], block.data(), block.size());
      if (got <= 0) break;
      text.append(block.data(), static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    said_ = lensfind::parse_json(text, "what inspect printed");
    port_ = static_cast<int>(said_.at("port").as_integer());
    const std::string link = said_.at("link").as_string();
    const std::size_t begin = link.find('/', 7) + 1;
    token_ = link.substr(begin, link.find('/', begin) - begin);
  }
  /// It ends well when asked to, unless a test ended it before: sanitizers speak by the exit status.
  ~Inspecting() {
    if (child_ <= 0) return;
    const int status = end(SIGTERM);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "inspect ended with status " << status;
  }
  Inspecting(const Inspecting&) = delete;
  Inspecting& operator=(const Inspecting&) = delete;

  int end(int signal) {
    if (child_ <= 0) return 0;
    ::kill(child_, signal);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = 0;
    return status;
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] pid_t process() const { return child_; }
  [[nodiscard]] std::string at(const std::string& path) const { return "/" + token_ + "/" + path; }
  [[nodiscard]] httplib::Client client() const {
    httplib::Client client{"127.0.0.1", port_};
    client.set_read_timeout(20, 0);
    return client;
  }
  [[nodiscard]] httplib::Result get(const std::string& path, const httplib::Headers& headers = {}) const {
    return client().Get(at(path), headers);
  }
  [[nodiscard]] Value state(const std::string& grader) const {
    return lensfind::parse_json(get("api/state?grader=" + grader)->body, "state");
  }
  [[nodiscard]] httplib::Result post(const std::string& path, const std::string& body,
                                     httplib::Headers headers = {{"X-Lensfind", "1"}}) const {
    return client().Post(at(path), headers, body, "application/json");
  }
  int grade(const Value& state, std::int64_t slot, const std::string& grade, const std::string& uid) const {
    const auto answer = post("api/grade", lensfind::to_json(lensfind::empty_object()
                                                                .set("grader", state.at("grader"))
                                                                .set("order", state.at("order"))
                                                                .set("slot", slot)
                                                                .set("grade", grade)
                                                                .set("note", "<script>alert(1)</script>")
                                                                .set("uid", uid)));
    return answer ? answer->status : -1;
  }

 private:
  pid_t child_ = 0;
  Value said_;
  int port_ = 0;
  std::string token_;
};

class Inspect : public Program {
 protected:
  /// 40 cutouts in a folder and a table of their scores, one id with a script in it.
  void SetUp() override {
    Program::SetUp();
    program::fs::create_directory(folder_ / "images");
    std::ofstream scores{folder_ / "s.csv"};
    scores << "id,logit,probability,ra,dec,comment\n";
    for (int i = 0; i < 40; ++i) {
      const std::string id = i == 7 ? "<img src=x onerror=alert(1)>" : fmt::format("{}", i);
      lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
      for (std::size_t k = 0; k < image.values().size(); ++k)
        image.values()[k] = static_cast<float>((k * 7919 + static_cast<std::size_t>(i)) % 101);
      lensfind::image::write_npy(folder_ / "images" / (id + ".npy"), image.view());
      scores << fmt::format("{},{},{},{},{},<b>bold</b>\n", id, -i, .5, 10 + i, -i);
    }
  }
  [[nodiscard]] std::vector<std::string> arguments() const {
    return {at("s.csv"), "--images", at("images"), "--grades", at("g.sqlite"), "--grader", "anna"};
  }
};

TEST_F(Inspect, ServesThePageItsPicturesAndTakesGrades) {
  const Inspecting inspecting{arguments()};
  EXPECT_THAT(inspecting.get("?grader=anna")->body, HasSubstr("grading.js"));
  EXPECT_THAT(inspecting.get("grading.js")->body, HasSubstr("backend"));
  const Value state = inspecting.state("anna");
  EXPECT_GE(state.at("count").as_integer(), 40);
  const std::string picture = fmt::format("picture?order={}&slot=0", state.at("order").as_string());
  for (const char* view : {"", "&scaling=linear", "&scaling=zscale", "&scaling=sqrt", "&band=1", "&residual=smooth"}) {
    const auto png = inspecting.get(picture + view);
    ASSERT_TRUE(png);
    EXPECT_EQ(png->status, 200) << view << png->body;
    EXPECT_TRUE(png->body.starts_with("\x89PNG")) << view;
  }
  EXPECT_EQ(inspecting.get(picture + "&band=7")->status, 404);
  EXPECT_EQ(inspecting.get(picture + "&field=4")->status, 404) << "no fields were given";
  EXPECT_EQ(inspecting.grade(state, 0, "A", "aaaaaaaa"), 200);
  EXPECT_EQ(inspecting.grade(state, 1, "Q", "bbbbbbbb"), 400);
  const auto merged = run({"grades", "merge", at("g.sqlite"), "--out", at("m")});
  EXPECT_EQ(merged.status, 0) << merged.err;
  EXPECT_THAT(program::text_of(folder_ / "m" / "objects.csv"), HasSubstr("alert(1)")) << "what was noted is kept as it is";
}

TEST_F(Inspect, NothingAcknowledgedIsLostByAKillAndItGoesOnWhereItEnded) {
  std::string order;
  {
    Inspecting inspecting{arguments()};
    const Value state = inspecting.state("anna");
    order = state.at("order").as_string();
    for (int i = 0; i < 10; ++i) ASSERT_EQ(inspecting.grade(state, i, "B", fmt::format("aaaaaaa{}", i)), 200);
    inspecting.end(SIGKILL);
  }
  const Inspecting again{arguments()};
  const Value state = again.state("anna");
  EXPECT_EQ(state.at("order").as_string(), order);
  EXPECT_EQ(state.at("grades").as_array().size(), 10u);
}

TEST_F(Inspect, TwoGradersAndTwoTabsAtOnceLoseNothing) {
  const Inspecting inspecting{arguments()};
  const auto grade_all = [&](const std::string& who, const std::string& grade, char letter) {
    const Value state = inspecting.state(who);
    for (int i = 0; i < 30; ++i) EXPECT_EQ(inspecting.grade(state, i, grade, fmt::format("{}-{:06}", letter, i)), 200);
  };
  std::thread anna{grade_all, "anna", "A", 'a'}, other_tab{grade_all, "anna", "A", 'b'}, ben{grade_all, "ben", "X", 'c'};
  for (std::thread* thread : {&anna, &other_tab, &ben}) thread->join();
  EXPECT_EQ(inspecting.state("anna").at("grades").as_array().size(), 30u);
  const Value of_ben = inspecting.state("ben");
  for (const Value& row : of_ben.at("grades").as_array()) EXPECT_EQ(row.as_array()[1].as_string(), "X");
  EXPECT_EQ(of_ben.at("grades").as_array().size(), 30u);
}

// A lens fit leaves images of the same names; where some are missing, blind pages with controls show none.
TEST_F(Inspect, ShowsWhatALensFitLeaves) {
  program::fs::create_directory(folder_ / "left");
  for (int i = 0; i < 39; ++i) {
    lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
    for (std::size_t k = 0; k < image.values().size(); ++k) image.values()[k] = static_cast<float>(k % 7);
    lensfind::image::write_npy(folder_ / "left" / (i == 7 ? "<img src=x onerror=alert(1)>.npy" : fmt::format("{}.npy", i)), image.view());
  }
  std::vector<std::string> with_fit = arguments();
  with_fit.insert(with_fit.end(), {"--residuals", at("left"), "--repeats", "0"});
  {
    const Inspecting inspecting{with_fit};
    const Value state = inspecting.state("anna");
    EXPECT_TRUE(state.at("has_fit").as_bool());
    std::set<int> statuses;
    std::set<std::string> pictures;
    for (int slot = 0; slot < 40; ++slot) {
      const auto answer = inspecting.get(fmt::format("picture?order={}&slot={}&residual=fit", state.at("order").as_string(), slot));
      statuses.insert(answer->status);
      if (answer->status == 200) pictures.insert(answer->body);
    }
    EXPECT_EQ(statuses, (std::set{200, 404})) << "one has no fit";
    EXPECT_EQ(pictures.size(), 1u) << "the residuals are all alike, the images are not";
  }
  std::ofstream{folder_ / "known.csv"} << "id\n3\n";
  with_fit.insert(with_fit.end(), {"--known", at("known.csv")});
  const Inspecting blind{with_fit};
  const Value state = blind.state("anna");
  EXPECT_FALSE(state.at("has_fit").as_bool());
  EXPECT_EQ(blind.get(fmt::format("picture?order={}&slot=0&residual=fit", state.at("order").as_string()))->status, 404);
}

TEST_F(Inspect, EndsByItselfWhenAsked) {
  Inspecting inspecting{arguments()};
  const int status = inspecting.end(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status));
}

TEST_F(Inspect, RefusesWhoeverLacksTheToken) {
  const Inspecting inspecting{arguments()};
  httplib::Client client = inspecting.client();
  const std::string wrong = "/" + std::string(24, 'a') + "/";
  for (const std::string& path : {std::string{"/"}, wrong, wrong + "api/state?grader=anna", std::string{"/api/state?grader=anna"},
                                  inspecting.at("").substr(0, 20) + "/", inspecting.at("").substr(0, 25)}) {
    const auto answer = client.Get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 403) << path;
    EXPECT_THAT(answer->body, ::testing::Not(HasSubstr("order"))) << path;
  }
}

TEST_F(Inspect, NoFileIsReachedByPath) {
  const Inspecting inspecting{arguments()};
  for (const char* path :
       {"../s.csv", "%2e%2e/s.csv", "..%2fs.csv", "%2e%2e%2fs.csv", "....//s.csv", "..\\s.csv", "/etc/passwd", "%2fetc%2fpasswd",
        "..%252fs.csv", "grading.js/../../s.csv", "picture?order=../s.csv&slot=0", "picture?order=x&slot=../0", "grading.js%00.css"}) {
    const auto answer = inspecting.get(path);
    if (!answer) continue;  // not even an answer
    EXPECT_THAT(answer->status, ::testing::AnyOf(400, 403, 404, 409)) << path;
    EXPECT_THAT(answer->body, ::testing::Not(HasSubstr("logit,probability"))) << path;
  }
}

TEST_F(Inspect, RefusesForeignHostsAndOrigins) {
  const Inspecting inspecting{arguments()};
  const std::string state = "api/state?grader=anna";
  const std::string own = fmt::format("127.0.0.1:{}", inspecting.port());
  const auto status = [&](const httplib::Headers& headers) { return inspecting.get(state, headers)->status; };
  EXPECT_EQ(status({{"Host", own}}), 200);
  EXPECT_EQ(status({{"Host", fmt::format("localhost:{}", inspecting.port())}}), 200);
  EXPECT_EQ(status({{"Host", "evil.example"}}), 403);
  EXPECT_EQ(status({{"Host", fmt::format("evil.example:{}", inspecting.port())}}), 403);
  EXPECT_EQ(status({{"Host", "127.0.0.1"}}), 403) << "another port's name";
  EXPECT_EQ(status({{"Origin", "http://" + own}}), 200);
  EXPECT_EQ(status({{"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(status({{"Origin", "null"}}), 403);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}}), 403);
  const std::string body = R"({"grader":"anna"})";
  EXPECT_EQ(inspecting.post("api/undo", body, {})->status, 403) << "without the page's header";
  EXPECT_EQ(inspecting.client().Post(inspecting.at("api/undo"), {{"X-Lensfind", "1"}}, body, "text/plain")->status, 403)
      << "as a form sends it";
  EXPECT_EQ(inspecting.post("api/undo", body, {{"X-Lensfind", "1"}, {"Origin", "https://evil.example"}})->status, 403);
  EXPECT_EQ(inspecting.client().Get(inspecting.at("api/grade"))->status, 404);
}

TEST_F(Inspect, RefusesWhatIsTooLargeOrNoRequest) {
  const Inspecting inspecting{arguments()};
  const auto large = inspecting.post("api/grade", std::string(1000000, 'x'));
  EXPECT_TRUE(!large || large->status == 413) << large->status;
  for (const char* body : {"", "{", "[]", "null", "7", "{\"slot\":{}}", "{\"grader\":7}", "{\"grader\":\"anna\",\"slot\":1e99}"}) {
    const auto answer = inspecting.post("api/grade", body);
    ASSERT_TRUE(answer) << body;
    EXPECT_EQ(answer->status, 400) << body;
  }
  const auto deep = inspecting.post("api/grade", std::string(30000, '['));
  EXPECT_EQ(deep->status, 400);
  EXPECT_GE(inspecting.get("api/state?grader=" + std::string(20000, 'a'))->status, 400);
  EXPECT_EQ(inspecting.state("anna").at("grades").as_array().size(), 0u) << "it lives, and nothing was stored";
}

// Clients that send a byte every 300 ms, in headers and bodies, and 100 that send nothing: no part of a request comes late, but the whole
// never comes. The page is served within a second all the while, and they are dropped after 10 s.
TEST_F(Inspect, SlowClientsHoldNobodyUpAndAreDropped) {
  const Inspecting inspecting{arguments()};
  std::vector<RawClient> heads, bodies, idle;
  for (int i = 0; i < 60; ++i) {
    heads.emplace_back(inspecting.port());
    ASSERT_TRUE(heads.back().send("GET / HTTP/1.1\r\nX: "));
    bodies.emplace_back(inspecting.port());
    ASSERT_TRUE(bodies.back().send("POST " + inspecting.at("api/grade") + " HTTP/1.1\r\nContent-Length: 60000\r\n\r\n"));
  }
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(idle.emplace_back(inspecting.port()).is_connected());
  const auto begun = Clock::now();
  std::jthread drips{[&](const std::stop_token& end) {
    for (; !end.stop_requested(); std::this_thread::sleep_for(300ms))
      for (const std::vector<RawClient>* clients : {&heads, &bodies})
        for (const RawClient& client : *clients) (void)client.send("a");
  }};
  for (; Clock::now() - begun < 9s; std::this_thread::sleep_for(500ms)) {
    const auto asked = Clock::now();
    const auto answer = inspecting.get("api/state?grader=anna");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_LT(Clock::now() - asked, 1s);
  }
  for (std::vector<RawClient>* clients : {&heads, &bodies, &idle})
    for (RawClient& client : *clients)
      EXPECT_TRUE(client.closes_within(std::chrono::duration_cast<std::chrono::milliseconds>(begun + 13s - Clock::now())));
  EXPECT_THAT(heads.front().read_until("\r\n\r\n", 1ms), ::testing::StartsWith("HTTP/1.1 408"));
}

/// The most memory a process has had, in MB.
double peak_mb(pid_t process) {
  std::ifstream status{fmt::format("/proc/{}/status", process)};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

// A hundred at once: were they kept until they are all there, it would be 100 MB.
TEST_F(Inspect, RequestsOfAMillionBytesAreRefusedAndNotKept) {
  const Inspecting inspecting{arguments()};
  ASSERT_EQ(inspecting.get("api/state?grader=anna")->status, 200);
  const double before = peak_mb(inspecting.process());
  const std::string large(1000000, 'a'), path = inspecting.at("api/grade");
  const std::vector<std::pair<std::string, std::string>> requests{
      {"POST " + path + large + " HTTP/1.1\r\n\r\n", "HTTP/1.1 431"},
      {"POST " + path + " HTTP/1.1\r\nX: " + large + "\r\n\r\n", "HTTP/1.1 431"},
      {"POST " + path + " HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + large, "HTTP/1.1 413"}};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 100; ++i)
    threads.emplace_back([&, i] {
      const auto& [request, status] = requests[static_cast<std::size_t>(i) % requests.size()];
      RawClient client{inspecting.port()};
      (void)client.send(request);
      EXPECT_THAT(client.read_until("\r\n\r\n", 10s), ::testing::StartsWith(status));
    });
  threads.clear();
  EXPECT_LT(peak_mb(inspecting.process()), before + 30);
  EXPECT_EQ(inspecting.get("api/state?grader=anna")->status, 200);
}

/// What all pictures of a page say of themselves.
std::set<std::string> facts_of_pictures(const Inspecting& inspecting) {
  const Value state = inspecting.state("anna");
  std::set<std::string> facts;
  for (std::int64_t slot = 0; slot < state.at("count").as_integer(); ++slot) {
    const auto picture = inspecting.get(fmt::format("picture?order={}&slot={}", state.at("order").as_string(), slot));
    EXPECT_EQ(picture->status, 200) << picture->body;
    facts.insert(picture->get_header_value("X-Lensfind-View"));
  }
  return facts;
}

// Candidates with all headers, controls without any: a scale bar, a compass or a band's name must not tell them apart.
TEST_F(Inspect, PicturesOfControlsSayNoMoreAndNoLessThanThoseOfCandidates) {
  program::fs::create_directories(folder_ / "fits");
  program::fs::create_directories(folder_ / "painted");
  std::ofstream truth{folder_ / "painted" / "truth.csv"};
  truth << "id,label,theta_e_arcsec,arc_snr\n";
  const double degrees = .2 / 3600;
  for (int i = 0; i < 12; ++i) {
    lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
    for (std::size_t k = 0; k < image.values().size(); ++k)
      image.values()[k] = static_cast<float>((k * 7919 + static_cast<std::size_t>(i)) % 101);
    lensfind::image::write_fits(folder_ / "fits" / fmt::format("{}.fits", i), image.view(),
                                {{"MAGZERO", 30.0, ""},
                                 {"BAND0", std::string{"g"}, ""},
                                 {"BAND1", std::string{"r"}, ""},
                                 {"BAND2", std::string{"i"}, ""},
                                 {"CTYPE1", std::string{"RA---TAN"}, ""},
                                 {"CTYPE2", std::string{"DEC--TAN"}, ""},
                                 {"CRPIX1", 16.5, ""},
                                 {"CRPIX2", 16.5, ""},
                                 {"CRVAL1", 30.0, ""},
                                 {"CRVAL2", 0.0, ""},
                                 {"CD1_1", -degrees, ""},
                                 {"CD2_2", degrees, ""}});
    lensfind::image::write_npy(folder_ / "painted" / fmt::format("c{}.npy", i), image.view());
    truth << fmt::format("c{},{},{},{}\n", i, i % 2, i % 2 == 1 ? "1.5" : "", i % 2 == 1 ? "20" : "");
  }
  truth.close();
  const std::vector<std::string> arguments{at("fits"), "--grades", at("f.sqlite"), "--grader", "anna"};
  {
    const auto alone = facts_of_pictures(Inspecting{arguments});
    ASSERT_EQ(alone.size(), 1u);
    EXPECT_THAT(*alone.begin(), HasSubstr(R"("north_up":true)"));
  }
  std::vector<std::string> with_controls = arguments;
  with_controls.insert(with_controls.end(), {"--controls", at("painted"), "--control-fraction", "0.5"});
  EXPECT_EQ(facts_of_pictures(Inspecting{with_controls}).size(), 1u);
}

// 50 grades by keyboard, undo, two graders, a kill, the static page, widths, contrast: tests/browser/grading_check.py says what is wrong.
TEST_F(Inspect, PeopleGradeInABrowser) {
  FILE* const output = ::popen("python3 -B '" LENSFIND_SOURCE_DIR "/tests/browser/grading_check.py' '" LENSFIND_PROGRAM "' 2>&1", "r");
  std::string said;
  for (std::array<char, 4096> block; std::fgets(block.data(), block.size(), output) != nullptr;) said += block.data();
  const int status = ::pclose(output);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77) GTEST_SKIP() << said;
  if (code == 127) GTEST_SKIP() << "no python3 here: the grading page was not tried";
  EXPECT_EQ(code, 0) << said;
}

TEST_F(Inspect, AStaticPageHoldsAllItNeeds) {
  const auto result =
      run({"inspect", at("s.csv"), "--images", at("images"), "--grades", at("g.sqlite"), "--grader", "anna", "--static", at("a.html")});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string page = program::text_of(folder_ / "a.html");
  EXPECT_THAT(page, ::testing::Not(HasSubstr("<img src=x")));
  for (const char* outside : {"src=\"grading", "href=\"grading", "<script src", "<link rel=\"stylesheet"})
    EXPECT_THAT(page, ::testing::Not(HasSubstr(outside))) << outside;
  EXPECT_EQ(run({"inspect", at("s.csv"), "--images", at("images"), "--static", at("b.html")}).status, 2) << "no grader";
}

TEST_F(Inspect, FaultsOfUsersAreNamed) {
  EXPECT_EQ(run({"inspect"}).status, 2);
  EXPECT_EQ(run({"inspect", at("s.csv")}).status, 2);
  const auto other = run({"inspect", at("s.csv"), "--images", at("images"), "--grades", at("s.csv")});
  EXPECT_EQ(other.status, 1) << "a file of something else is not written over";
  EXPECT_THAT(program::text_of(folder_ / "s.csv"), HasSubstr("id,logit"));
  const auto scheme = run({"inspect", at("s.csv"), "--images", at("images"), "--scheme", "abc"});
  EXPECT_EQ(scheme.status, 1);
  EXPECT_THAT(scheme.err, HasSubstr("abcx, half"));
  program::fs::create_directory(folder_ / "empty");
  EXPECT_THAT(run({"inspect", at("s.csv"), "--images", at("empty")}).err, HasSubstr("is an image"));
}

}  // namespace
