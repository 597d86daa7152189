#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/npy.h"

namespace lensfind {
namespace {

constexpr std::string_view magic{"\x93NUMPY", 6};
constexpr std::array readable_types{"<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|u1", "<u1", ">u1", "<u2", ">u2"};
constexpr std::size_t most_dimensions = 32;  // numpy's own limit

/// Reads the Python dictionary of a header: three known keys in any order, nothing else.
class HeaderText {
 public:
  HeaderText(std::string_view text, const std::string& origin) : text_{text}, origin_{origin} {}

  NpyHeader parse() {
    NpyHeader header;
    bool has_type = false;
    bool has_order = false;
    bool has_shape = false;
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !has_type) {
        header.type = type();
        has_type = true;
      } else if (key == "fortran_order" && !has_order) {
        header.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        header.shape = shape();
        has_shape = true;
      } else {
        fail();
      }
      if (!take(',') && peek() != '}') fail();
    }
    if (!has_type || !has_order || !has_shape || peek() != '\0') fail();
    return header;
  }

 private:
  [[noreturn]] void fail() const {
    throw Error{fmt::format("{}: the .npy header cannot be understood near its byte {}", origin_, at_),
                "write the file again with numpy.save"};
  }
  /// The next character that is no white space, or 0 at the end.
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) fail();
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail();
    const std::size_t end = text_.find(quote, ++at_);
    if (end == std::string_view::npos) fail();
    std::string word{text_.substr(at_, end - at_)};
    at_ = end + 1;
    return word;
  }
  std::string type() {
    if (peek() == '[') {
      throw Error{origin_ + ": holds records with named fields, not pixels", "save a plain float32 array of (bands, height, width)"};
    }
    return quoted();
  }
  bool boolean() {
    peek();
    for (const auto& [word, value] : {std::pair{std::string_view{"True"}, true}, std::pair{std::string_view{"False"}, false}}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    fail();
  }
  std::vector<std::int64_t> shape() {
    std::vector<std::int64_t> sizes;
    expect('(');
    while (!take(')')) {
      peek();
      std::int64_t size = 0;
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), size);
      if (error != std::errc{} || size < 0 || sizes.size() == most_dimensions) fail();
      at_ = static_cast<std::size_t>(end - text_.data());
      take('L');  // Python 2 wrote long integers so
      sizes.push_back(size);
      if (!take(',') && peek() != ')') fail();
    }
    return sizes;
  }

  std::string_view text_;
  const std::string& origin_;
  std::size_t at_ = 0;
};

std::uint64_t bytes_of_type(const std::string& type) { return static_cast<std::uint64_t>(type[2] - '0'); }

void check_size(const NpyHeader& header, std::uint64_t file_bytes, const std::string& origin) {
  const std::uint64_t held = (file_bytes - header.data_offset) / bytes_of_type(header.type);
  // Multiplied step by step: a product of hostile sizes would overflow.
  std::uint64_t promised = std::ranges::find(header.shape, 0) == header.shape.end() ? 1 : 0;
  for (const std::int64_t size : header.shape) {
    if (promised == 0) break;
    if (static_cast<std::uint64_t>(size) > held / promised) {
      throw Error{
          fmt::format("{}: the header promises an array of ({}), the file holds {} values", origin, fmt::join(header.shape, ", "), held),
          "the file is cut short or damaged; copy or write it again"};
    }
    promised *= static_cast<std::uint64_t>(size);
  }
}

}  // namespace

std::uint64_t NpyHeader::values() const {
  std::uint64_t product = 1;
  for (const std::int64_t size : shape) product *= static_cast<std::uint64_t>(size);
  return product;
}

std::uint64_t NpyHeader::value_bytes() const { return values() * bytes_of_type(type); }

NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::uint64_t file_bytes, const std::string& origin) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  if (text.empty()) throw Error{origin + ": is empty", "copy or write the file again"};
  if (text.size() < 10 || !text.starts_with(magic)) throw Error{origin + ": is no .npy file", "write it with numpy.save"};
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
  const std::size_t version = byte(6);
  if (version < 1 || version > 3 || byte(7) != 0) {
    throw Error{fmt::format("{}: has .npy format version {}.{}", origin, version, byte(7)),
                "versions 1.0 to 3.0 are read; write it with numpy.save"};
  }
  const std::size_t start = version == 1 ? 10 : 12;
  if (text.size() < start) throw Error{origin + ": is cut short within its header", "copy or write the file again"};
  std::size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (length > text.size() - start) {
    throw Error{fmt::format("{}: its header should be {} bytes long, and is not", origin, length),
                "the file is cut short or damaged; copy or write it again"};
  }
  NpyHeader header = HeaderText{text.substr(start, length), origin}.parse();
  header.data_offset = start + length;
  if (std::ranges::find(readable_types, header.type) == readable_types.end()) {
    throw Error{fmt::format("{}: holds values of type '{}'", origin, header.type),
                "float16, float32, float64, uint8 and uint16 are read; convert with array.astype('float32')"};
  }
  check_size(header, file_bytes, origin);
  return header;
}

std::string npy_header_text(std::span<const std::int64_t> shape, const std::string& type) {
  const std::string comma = shape.size() == 1 ? "," : "";
  std::string dictionary = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", type, fmt::join(shape, ", "), comma);
  // The newline ends it, and the values begin at a multiple of 64 bytes.
  const std::size_t length = (10 + dictionary.size() + 1 + 63) / 64 * 64 - 10;
  dictionary.resize(length - 1, ' ');
  const std::array<char, 4> version_and_length{1, 0, static_cast<char>(length & 0xff), static_cast<char>(length >> 8)};
  return std::string{magic} + std::string{version_and_length.data(), 4} + dictionary + '\n';
}

}  // namespace lensfind
