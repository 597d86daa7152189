#include "program.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/random.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weights.h"

namespace program {
namespace {

constexpr int look_every_milliseconds = 5;

struct Pipe {
  std::array<int, 2> ends{};
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  }
};

Result run_until(const std::string& program, const std::vector<std::string>& arguments, const std::function<bool()>& when) {
  Pipe out, err;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out.ends[1], STDOUT_FILENO);
    ::dup2(err.ends[1], STDERR_FILENO);
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  ::close(out.ends[1]);
  ::close(err.ends[1]);
  Result result;
  std::array<pollfd, 2> watched{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (when && when()) {
      ::kill(child, SIGKILL);
      break;
    }
    ::poll(watched.data(), 2, when ? look_every_milliseconds : -1);
    for (pollfd& stream : watched) {
      if (stream.fd < 0 || stream.revents == 0) continue;
      std::array<char, 65536> buffer;
      const ssize_t got = ::read(stream.fd, buffer.data(), buffer.size());
      if (got > 0) {
        (&stream == &watched[0] ? result.out : result.err).append(buffer.data(), static_cast<std::size_t>(got));
      } else {
        stream.fd = -1;
      }
    }
  }
  ::close(out.ends[0]);
  ::close(err.ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace

Result run(const std::vector<std::string>& arguments) { return run_until(LENSFIND_PROGRAM, arguments, {}); }
Result run_and_kill(const std::vector<std::string>& arguments, const std::function<bool()>& when) {
  return run_until(LENSFIND_PROGRAM, arguments, when);
}
Result run_shell(const std::string& line) {
  ::setenv("LENSFIND", LENSFIND_PROGRAM, 1);
  return run_until("/bin/sh", {"-c", line}, {});
}

void write_noise_set(const fs::path& folder, const NoiseCounts& counts) {
  const std::array parts{std::pair{"train_lenses", counts.train_lenses}, std::pair{"train_nonlenses", counts.train_nonlenses},
                         std::pair{"test_lenses", counts.test_lenses}, std::pair{"test_nonlenses", counts.test_nonlenses}};
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const bool lens = part % 2 == 0;
    fs::create_directories(folder / parts[part].first);
    for (int i = 1; i <= parts[part].second; ++i) {
      lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
      lensfind::RandomStream random{10'000 * part + static_cast<std::uint64_t>(i), lensfind::Purpose::test};
      for (float& value : image.values()) value = static_cast<float>(random.uniform());
      for (int row = 10; lens && row < 20; ++row) {
        for (int column = 10; column < 20; ++column) {
          for (int band = 0; band < 3; ++band) image.at(band, row, column) += .3F;
        }
      }
      lensfind::image::write_npy(folder / parts[part].first / (std::to_string(i) + ".npy"), image.view());
    }
  }
}

Result import_student(const fs::path& folder) {
  const lensfind::network::Graph graph = lensfind::network::build_network("student", 3, 32, 2);
  lensfind::network::write_safetensors(folder / "student.safetensors", lensfind::network::initialise(graph, 1));
  return run({"import", "--network", "student", "--size", "32", "--weights", (folder / "student.safetensors").string(), "--out",
              (folder / "model").string()});
}

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file{path};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> temporaries_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (entry.path().filename().string().find(".tmp-") != std::string::npos) names.push_back(entry.path().string());
  }
  return names;
}

fs::path shared_folder() {
  const char* named = std::getenv("LENSFIND_SHARED");
  const fs::path folder = named ? fs::path{named} : fs::path{LENSFIND_SOURCE_DIR} / ".." / "shared";
  return fs::exists(folder / "data") ? fs::canonical(folder) : fs::path{};
}

void Program::SetUp() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  folder_ = fs::path{::testing::TempDir()} /
            ("lensfind-" + std::string{info->test_suite_name()} + "-" + info->name() + "-" + std::to_string(::getpid()));
  fs::create_directories(folder_);
}

void Program::TearDown() { fs::remove_all(folder_); }

}  // namespace program
