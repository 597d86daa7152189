#include "lensfind/inspect/request_framing.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace lensfind::inspect {
namespace {

constexpr int bad_request = 400, too_large = 413, head_too_large = 431, not_implemented = 501;

/// No line ends but CR LF, no zero bytes.
bool has_plain_lines(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0') return false;
    if (head[i] == '\n' && (i == 0 || head[i - 1] != '\r')) return false;
    if (head[i] == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) return false;
  }
  return true;
}

bool is_same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Digits alone; what is too long for a number is large.
std::optional<std::size_t> length_of(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, [](char letter) { return letter >= '0' && letter <= '9'; })) return {};
  std::size_t length = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), length);
  return status == std::errc{} ? length : static_cast<std::size_t>(-1);
}

struct Headers {
  int refusal = 0;
  std::optional<std::size_t> length;
};

void read_header(std::string_view line, Headers& headers) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() || name.find_first_of(" \t") != std::string_view::npos) {
    headers.refusal = bad_request;
  } else if (is_same_name(name, "transfer-encoding")) {
    headers.refusal = not_implemented;
  } else if (is_same_name(name, "content-length")) {
    if (headers.length) headers.refusal = bad_request;
    headers.length = length_of(trimmed(line.substr(colon + 1)));
    if (!headers.length) headers.refusal = bad_request;
  }
}

/// Of a head with its last, empty line.
Headers read_headers(std::string_view head) {
  Headers headers;
  for (std::size_t begin = head.find('\n') + 1; begin + 2 < head.size() && headers.refusal == 0;) {
    const std::size_t end = head.find('\r', begin);
    read_header(head.substr(begin, end - begin), headers);
    begin = end + 2;
  }
  return headers;
}

}  // namespace

Framing frame_request(std::string_view bytes, const RequestLimits& limits) {
  const std::size_t last = bytes.substr(0, limits.head).find("\n\r\n");
  if (last == std::string_view::npos) return {.refusal = bytes.size() < limits.head ? 0 : head_too_large};
  const std::string_view head = bytes.substr(0, last + 3);
  if (!has_plain_lines(head)) return {.refusal = bad_request};
  const Headers headers = read_headers(head);
  if (headers.refusal != 0) return {.refusal = headers.refusal};
  const std::size_t body = headers.length.value_or(0);
  if (body > limits.body) return {.refusal = too_large};
  return {.size = bytes.size() < head.size() + body ? 0 : head.size() + body};
}

}  // namespace lensfind::inspect
