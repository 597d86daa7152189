#include "lensfind/base/zip_archive.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <zlib.h>

#include "lensfind/base/error.h"

namespace lensfind::base {
namespace {

// Lengths and signatures of the records: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr std::size_t local_length = 30, central_length = 46, end_length = 22, longest_comment = 65535;
constexpr std::size_t stored = 0, deflated = 8;  // methods, section 4.4.5

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& origin) : bytes_{bytes}, origin_{origin} {}

  [[noreturn]] void damaged() const {
    throw Error{origin_ + ": a damaged archive", "the file is cut short or no archive; copy or make it again"};
  }

  [[nodiscard]] std::span<const std::byte> part(std::size_t begin, std::size_t length) const {
    if (begin > bytes_.size() || length > bytes_.size() - begin) damaged();
    return bytes_.subspan(begin, length);
  }
  template <typename Number>
  [[nodiscard]] std::size_t number(std::size_t at) const {
    Number value;
    std::memcpy(&value, part(at, sizeof value).data(), sizeof value);
    return value;
  }
  [[nodiscard]] std::string text(std::size_t at, std::size_t length) const {
    const auto bytes = part(at, length);
    return {reinterpret_cast<const char*>(bytes.data()), length};
  }
  /// Of the record that ends the archive. A comment may follow it, and hold what looks like such a record: the last one is taken whose
  /// directory is there, or of an empty archive the last.
  [[nodiscard]] std::size_t find_end() const {
    if (bytes_.size() < end_length) damaged();
    const std::size_t last = bytes_.size() - end_length;
    std::optional<std::size_t> found;
    for (std::size_t back = 0; back <= std::min(last, longest_comment); ++back) {
      const std::size_t at = last - back;
      if (number<std::uint32_t>(at) != end_signature) continue;
      if (starts_directory(number<std::uint32_t>(at + 16))) return at;
      if (!found) found = at;
    }
    if (!found) damaged();
    return *found;
  }

 private:
  [[nodiscard]] bool starts_directory(std::size_t at) const {
    return at < bytes_.size() - end_length && number<std::uint32_t>(at) == central_signature;
  }

  std::span<const std::byte> bytes_;
  const std::string& origin_;
};

[[noreturn]] void damaged_bytes(const std::string& name, const char* what) {
  throw Error{fmt::format("{}: {}", name, what), "copy or make the file again"};
}

/// Fills `out` with the beginning of what deflated bytes hold; `whole`: they must end there.
void inflate_to(std::span<const std::byte> packed, std::span<std::byte> out, bool whole, const std::string& name) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw Error{name + ": cannot be unpacked", "is there memory left?"};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));  // zlib only reads there
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, whole ? Z_FINISH : Z_SYNC_FLUSH);
  const bool filled = stream.avail_out == 0 && (whole ? status == Z_STREAM_END : status == Z_OK || status == Z_STREAM_END);
  inflateEnd(&stream);
  if (!filled) damaged_bytes(name, "its compressed bytes are damaged");
}

/// Deflate shrinks by at most 1032; a length beyond that is a lie, and is not allocated.
void require_possible_length(const ZipFile& file, const std::string& name) {
  if (file.length / 1100 > file.bytes.size()) damaged_bytes(name, "its compressed bytes are damaged");
}

}  // namespace

std::map<std::string, ZipFile> read_zip(std::span<const std::byte> archive, const std::string& origin) {
  const Reader reader{archive, origin};
  const std::size_t end = reader.find_end();
  const std::size_t count = reader.number<std::uint16_t>(end + 10);
  std::size_t at = reader.number<std::uint32_t>(end + 16);
  std::map<std::string, ZipFile> files;
  for (std::size_t i = 0; i < count; ++i) {
    if (reader.number<std::uint32_t>(at) != central_signature) reader.damaged();
    const std::size_t method = reader.number<std::uint16_t>(at + 10);
    const auto crc = static_cast<std::uint32_t>(reader.number<std::uint32_t>(at + 16));
    const std::size_t length = reader.number<std::uint32_t>(at + 24);
    const std::size_t name_length = reader.number<std::uint16_t>(at + 28);
    const std::size_t local = reader.number<std::uint32_t>(at + 42);
    const std::string name = reader.text(at + central_length, name_length);
    if (method != stored && method != deflated)
      throw Error{fmt::format("{}: `{}` is compressed by method {}", origin, name, method), "store or deflate it"};
    if (reader.number<std::uint32_t>(local) != local_signature) reader.damaged();
    const std::size_t data = local + local_length + reader.number<std::uint16_t>(local + 26) + reader.number<std::uint16_t>(local + 28);
    const std::size_t held = reader.number<std::uint32_t>(at + 20);
    if (method == stored && held != length) reader.damaged();
    files[name] = {reader.part(data, held), length, crc, method == deflated};
    at += central_length + name_length + reader.number<std::uint16_t>(at + 30) + reader.number<std::uint16_t>(at + 32);
  }
  return files;
}

void check_contents(const ZipFile& file, std::span<const std::byte> contents, const std::string& what) {
  const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(contents.data()), contents.size());
  // torch leaves the checksum out on request (set_crc32_options) and then writes 0.
  if (contents.size() == file.length && (file.crc == 0 || file.crc == crc)) return;
  throw Error{fmt::format("{}: its bytes do not have the checksum that the archive states", what),
              "the file was damaged on a disk or on the way; copy or make it again"};
}

UnpackedFile unpack(const ZipFile& file, const std::string& name, UnpackBudget& budget) {
  UnpackedFile unpacked{{}, file.bytes};
  if (file.deflated) {
    budget.take(file.length);
    require_possible_length(file, name);
    unpacked.held.resize(file.length);
    inflate_to(file.bytes, unpacked.held, true, name);
    unpacked.bytes = unpacked.held;
  }
  check_contents(file, unpacked.bytes, name);
  return unpacked;
}

std::vector<std::byte> unpack_start(const ZipFile& file, std::size_t max, const std::string& name) {
  max = std::min(max, file.length);
  if (!file.deflated) return {file.bytes.begin(), file.bytes.begin() + static_cast<std::ptrdiff_t>(max)};
  require_possible_length(file, name);
  std::vector<std::byte> start(max);
  inflate_to(file.bytes, start, false, name);
  return start;
}

}  // namespace lensfind::base
