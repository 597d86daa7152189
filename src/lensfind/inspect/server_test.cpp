#include "lensfind/inspect/server.h"

#include <gmock/gmock.h>

#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A server of ten objects that answers bytes.
class ServerBytes : public ::testing::Test {
 protected:
  static CandidateList objects() {
    CandidateList list;
    for (int i = 0; i < 10; ++i) list.objects.push_back({.object = {.id = "secret" + std::to_string(i)}});
    return list;
  }
  static Drawn drawn(std::size_t, const View&) { return {.picture = {1, 1, 1, {7}}}; }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  std::string get(const std::string& path, const std::string& headers = {}) {
    return server_.answers_to("GET " + path + " HTTP/1.1\r\nHost: " + host() + "\r\n" + headers + "\r\n");
  }

  ScratchFolder folder_;
  Session session_{objects(), drawn, 1, GradeStore{folder_ / "g.sqlite"}, {}};
  Server server_{session_, {.token = "0123456789abcdef01234567"}};
};

TEST_F(ServerBytes, AnswersWhoHasTheToken) {
  EXPECT_THAT(get("/0123456789abcdef01234567/api/state?grader=anna"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\"count\":1")));
  EXPECT_THAT(get("/0123456789abcdef01234567/"), HasSubstr("<title>Grading</title>"));
  EXPECT_THAT(get("/0123456789abcdef01234568/api/state?grader=anna"), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 403"));
}

// Through a proxy with HTTPS others ask under its name; the link is the one that the server then answers.
TEST_F(ServerBytes, LinksOfFurtherHostsAreAnswered) {
  Session session{objects(), drawn, 1, GradeStore{folder_ / "h.sqlite"}, {}};
  Server server{session, {.token = "0123456789abcdef01234567", .hosts = {"grading.example.org"}}};
  EXPECT_THAT(server.links_of_hosts("anna b"),
              ::testing::ElementsAre("https://grading.example.org/0123456789abcdef01234567/?grader=anna%20b"));
  const std::string asks =
      "GET /0123456789abcdef01234567/ HTTP/1.1\r\nHost: grading.example.org\r\nOrigin: https://grading.example.org\r\n\r\n";
  EXPECT_THAT(server.answers_to(asks), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(server_.answers_to(asks), StartsWith("HTTP/1.1 403"));
}

TEST_F(ServerBytes, EveryAnswerForbidsScriptsFramesAndCaches) {
  for (const std::string path : {"/0123456789abcdef01234567/", "/0123456789abcdef01234567/api/state?grader=anna", "/nothing"}) {
    const std::string answer = get(path);
    for (const char* header : {"Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
                               "Referrer-Policy: no-referrer", "Cache-Control: no-store"})
      EXPECT_THAT(answer, HasSubstr(header)) << path;
    EXPECT_THAT(answer, Not(HasSubstr("Access-Control-Allow"))) << path;
  }
}

// Two requests in one: what stands behind the first's body must not be taken for a request with its rights, nor for its body.
TEST_F(ServerBytes, WhatIsNoHttpIsRefusedWithoutHarm) {
  const std::string token = "/0123456789abcdef01234567/";
  for (const std::string& bytes :
       {std::string{"\r\n\r\n"}, std::string{"GET\r\n\r\n"}, std::string{"GET  HTTP/1.1\r\n\r\n"}, std::string(20000, 'A'),
        "GET " + token + std::string(9000, 'a') + " HTTP/1.1\r\nHost: " + host() + "\r\n\r\n",
        "GET " + token + " HTTP/9.9\r\nHost: " + host() + "\r\n\r\n",
        "POST " + token + "api/grade HTTP/1.1\r\nHost: " + host() +
            "\r\nX-Lensfind: 1\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        "POST " + token + "api/grade HTTP/1.1\r\nHost: " + host() +
            "\r\nX-Lensfind: 1\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}",
        "GET " + token + "api/state?grader=anna HTTP/1.1\r\nHost: " + host() + "\r\nHost: evil.example\r\n\r\n",
        "GET " + token + "api/state?grader=%00%ff HTTP/1.1\r\nHost: " + host() + "\r\n\r\n",
        "TRACE " + token + " HTTP/1.1\r\nHost: " + host() + "\r\n\r\n"}) {
    const std::string answer = server_.answers_to(bytes);
    EXPECT_THAT(answer, Not(HasSubstr("HTTP/1.1 200"))) << bytes.substr(0, 200);
    EXPECT_THAT(answer, Not(HasSubstr("secret"))) << bytes.substr(0, 200);
  }
  EXPECT_THAT(get(token + "api/state?grader=anna"), StartsWith("HTTP/1.1 200")) << "it lives";
}

TEST_F(ServerBytes, PagesOfBlindGradersNeverHoldAnId) {
  const std::string state = get("/0123456789abcdef01234567/api/state?grader=anna");
  const std::size_t at = state.find("\"order\":\"") + 9;
  const std::string order = state.substr(at, state.find('"', at) - at);
  for (const std::string path :
       {"api/names?from=0&count=9&order=", "api/columns?order=", "api/item?slot=3&order=", "picture?slot=3&order="})
    EXPECT_THAT(get("/0123456789abcdef01234567/" + path + order), Not(HasSubstr("secret"))) << path;
  EXPECT_THAT(get("/0123456789abcdef01234567/picture?slot=3&order=" + order), HasSubstr("\x89PNG"));
}

}  // namespace
}  // namespace lensfind::inspect
