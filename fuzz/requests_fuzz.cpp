#include <cstdint>
#include <string>

#include "lensfind/inspect/server.h"

namespace {

using namespace lensfind::inspect;

constexpr const char* token = "0123456789abcdef01234567";

/// A server of ten objects, which answers bytes.
struct Served {
  Session session;
  Server server;
  std::string host;

  Served()
      : session{list(),
                [](std::size_t, const View&) {
                  return Drawn{.picture = {1, 1, 1, {7}}};
                },
                1,
                GradeStore{":memory:"},
                {}},
        server{session, {.token = token}},
        host{"127.0.0.1:" + std::to_string(server.port())} {
    (void)session.state("anna");
  }
  static CandidateList list() {
    CandidateList objects;
    for (int i = 0; i < 10; ++i) objects.objects.push_back({.object = {.id = "secret" + std::to_string(i)}});
    return objects;
  }
};

Served& served() {
  static Served one;
  return one;
}

std::string get(const std::string& path, const std::string& headers) {
  return "GET /" + std::string{token} + "/" + path + " HTTP/1.1\r\nHost: " + served().host + "\r\n" + headers + "\r\n";
}

std::string post(const std::string& body) {
  return "POST /" + std::string{token} + "/api/grade HTTP/1.1\r\nHost: " + served().host +
         "\r\nX-Lensfind: 1\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Nothing that comes may make the server fail, or tell a blind page an id; without the token nothing may be answered with 200.
void check(const std::string& bytes, bool has_token) {
  const std::string answer = served().server.answers_to(bytes);
  if (answer.find("HTTP/1.1 500") != std::string::npos) __builtin_trap();
  if (answer.find("secret") != std::string::npos) __builtin_trap();
  if (!has_token && answer.find("HTTP/1.1 200") != std::string::npos) __builtin_trap();
}

}  // namespace

/// What a client sends: whole requests, paths and questions of the page's own, headers, and bodies.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 20000) return 0;
  const std::string text{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0] % 5) {
    case 0:
      check(text, text.find(token) != std::string::npos || text.find('%') != std::string::npos);
      break;
    case 1:
      check(get(text, ""), true);
      break;
    case 2:
      check(get("api/state?grader=" + text, ""), true);
      break;
    case 3:
      check(get("api/state?grader=anna", text), true);
      break;
    default:
      check(post(text), true);
  }
  return 0;
}
