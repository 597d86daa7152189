#include <chrono>
#include <thread>

#include "inspecting.h"
#include "raw_client.h"

namespace {

using namespace std::chrono_literals;
using lensfind::testing::RawClient;
using Clock = std::chrono::steady_clock;
using program::Inspect;
using program::Inspecting;
using ::testing::HasSubstr;

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

// A hundred at once: were they kept until they are all there, it would be 100 MB.
TEST_F(Inspect, RequestsOfAMillionBytesAreRefusedAndNotKept) {
  const Inspecting inspecting{arguments()};
  ASSERT_EQ(inspecting.get("api/state?grader=anna")->status, 200);
  const double before = inspecting.peak_mb();
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
  EXPECT_LT(inspecting.peak_mb(), before + 30);
  EXPECT_EQ(inspecting.get("api/state?grader=anna")->status, 200);
}

}  // namespace
