#pragma once

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "program.h"

namespace program {

using lensfind::Value;

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
  /// The most memory it has had, in MB.
  [[nodiscard]] double peak_mb() const {
    std::ifstream status{fmt::format("/proc/{}/status", child_)};
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return 0;
  }
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

/// What `inspect` is tried with.
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

}  // namespace program
