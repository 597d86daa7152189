#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/npy.h"

namespace lensfind::image {
namespace {

constexpr std::string_view magic{"\x93NUMPY", 6};
constexpr std::array readable_kinds{"b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"};
constexpr std::size_t max_dimensions = 32;        // numpy's own limit
constexpr std::size_t max_cutout_dimensions = 4;  // of a stack

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
      if (error != std::errc{} || size < 0 || sizes.size() == max_dimensions) fail();
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

std::uint64_t bytes_of_type(const std::string& type) { return std::stoull(type.substr(2)); }

/// numpy's longdouble of this machine, which knows no other order of bytes than its own.
bool is_long_double(std::string_view type) {
  return type.starts_with(std::endian::native == std::endian::little ? '<' : '>') && type.substr(1) == "f16" && sizeof(long double) == 16;
}

/// A type as numpy spells it itself: with the order of bytes in front, which `=`, `|` and nothing leave to this machine.
std::string spelled_out(std::string type) {
  constexpr std::string_view orders = "<>|=";
  if (type.empty()) return type;
  if (orders.find(type[0]) == std::string_view::npos) type.insert(0, "=");
  if (type[0] == '=' || type[0] == '|') type[0] = std::endian::native == std::endian::little ? '<' : '>';
  return type;
}

bool is_readable(const std::string& type) {
  return is_long_double(type) || (type.size() == 3 && std::ranges::find(readable_kinds, type.substr(1)) != readable_kinds.end());
}

/// Takes away axes of length 1 that a cutout or stack cannot have: (n, 1, bands, h, w) becomes (n, bands, h, w); and puts the only channel
/// of (h, w, 1) and (n, h, w, 1) first. Where values lie in the file does not change.
void drop_degenerate_axes(std::vector<std::int64_t>& shape) {
  while (shape.size() > max_cutout_dimensions) {
    const auto one = shape.back() == 1 ? shape.end() - 1 : std::ranges::find(shape, 1);
    if (one == shape.end()) return;
    shape.erase(one);
  }
  const std::size_t axes = shape.size();
  if (axes < 3 || shape[axes - 1] != 1 || shape[axes - 2] <= 1 || shape[axes - 3] <= 1) return;
  shape.pop_back();
  shape.insert(shape.end() - 2, 1);
}

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
  const std::string written = std::exchange(header.type, spelled_out(header.type));
  if (!is_readable(header.type)) {
    throw Error{fmt::format("{}: holds values of type '{}'", origin, written),
                "floats of 16 to 64 bits, integers of 8 to 64 bits and bool are read; convert with array.astype('float32')"};
  }
  check_size(header, file_bytes, origin);
  drop_degenerate_axes(header.shape);
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

}  // namespace lensfind::image
