#include "lensfind/base/temporary_name.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <random>

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "lensfind/base/hash128.h"

namespace lensfind::base {
namespace {

/// Process ids mean nothing on another machine that shares the disk.
std::string machine() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return hash128(std::as_bytes(std::span{name})).text().substr(0, 8);
}

std::string random_digits() {
  std::random_device device;  // getrandom(2) or the like; a seed that others could guess would let them put a link under the name
  return fmt::format("{:08x}{:08x}", device(), device());
}

bool runs(int process) { return process == ::getpid() || ::kill(process, 0) == 0 || errno == EPERM; }

}  // namespace

std::string temporary_mark() {
  static const std::string here = machine();
  return fmt::format("{}-{}-{}", ::getpid(), here, random_digits());
}

std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  std::filesystem::path named = path.has_filename() ? path : path.parent_path();
  named += ".tmp-" + temporary_mark();
  return named;
}

bool is_left_by_dead(std::string_view mark) {
  int process = 0;
  const char* const end = mark.data() + mark.size();
  const auto read = std::from_chars(mark.data(), end, process);
  if (read.ec != std::errc{} || process <= 0 || read.ptr == end || *read.ptr != '-') return false;
  const std::string_view rest{read.ptr + 1, static_cast<std::size_t>(end - read.ptr - 1)};
  const bool has_machine = rest.find('-') != std::string_view::npos;
  if (has_machine && rest.substr(0, rest.find('-')) != machine()) return false;
  return !runs(process);
}

}  // namespace lensfind::base
