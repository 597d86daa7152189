#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/inspect/session.h"

namespace lensfind::inspect {

/// Where the page is served.
struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;                         ///< 0: a free one
  std::string token = random_token();   ///< stands in every address; whoever has it may grade
  std::vector<std::string> hosts = {};  ///< further names under which browsers may ask, as "grading.example.org"

  static void describe(auto& field) {
    field(&ServerOptions::port, "port", between(0, 65535).taking("N"), "0: a free one");
    field(&ServerOptions::address, "address", any().taking("IP"), "listen there instead of at this machine only; put HTTPS before it");
    field(&ServerOptions::hosts, "hosts", any().as("--host").taking("NAME"),
          "a further name under which browsers may ask, as grading.example.org");
  }
};

/// Serves the grading page and its pictures over HTTP. Every request must name the token and come from the page itself: another Host (as
/// by DNS rebinding), a foreign Origin, requests over 64 kB and those that take more than 10 s to come are refused.
class Server {
 public:
  /// Listens at once. Throws Error where the port is taken.
  Server(Session& session, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int port() const;
  /// "http://127.0.0.1:8123/TOKEN/", with "?grader=NAME" where there is one.
  [[nodiscard]] std::string link(const std::string& grader = {}) const;
  /// "https://NAME/TOKEN/" for each of ServerOptions::hosts, as others ask through the HTTPS that stands before it.
  [[nodiscard]] std::vector<std::string> links_of_hosts(const std::string& grader = {}) const;
  /// Answers until `stop` says so, which is asked ten times a second.
  void run(const std::function<bool()>& stop);
  /// What a client would get that sends these bytes, without a network. For tests.
  std::string answers_to(std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A text as it stands in an address: letters, digits and -._~ as they are, all else %XX.
std::string url_encoded(const std::string& text);

}  // namespace lensfind::inspect
