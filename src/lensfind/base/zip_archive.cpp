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

// Lengths and signatures of the records: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.14 to 4.3.16.
constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50, locator_signature = 0x07064b50;
constexpr std::size_t local_length = 30, central_length = 46, end_length = 22, locator_length = 20, longest_comment = 65535;
// ZIP64, section 4.5.3: a number of 32 bits that is too small for its value holds ones, and the value stands elsewhere.
constexpr std::size_t elsewhere = 0xFFFFFFFF, zip64_field = 1;
constexpr std::size_t stored = 0, deflated = 8;  // methods, section 4.4.5

/// The list of an archive's files.
struct Directory {
  std::size_t files = 0;
  std::size_t begin = 0;
};

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
  /// Found by the record that ends the archive. A comment may follow it, and hold what looks like such a record: the last one is taken
  /// whose directory is there, or of an empty archive the last.
  [[nodiscard]] Directory directory() const {
    if (bytes_.size() < end_length) damaged();
    const std::size_t last = bytes_.size() - end_length;
    std::optional<Directory> found;
    for (std::size_t back = 0; back <= std::min(last, longest_comment); ++back) {
      const std::size_t at = last - back;
      if (number<std::uint32_t>(at) != end_signature) continue;
      const Directory directory = directory_of(at);
      if (has_signature(directory.begin, central_signature)) return directory;
      if (!found) found = directory;
    }
    if (!found) damaged();
    return *found;
  }

 private:
  [[nodiscard]] bool has_signature(std::size_t at, std::uint32_t signature) const {
    return at <= bytes_.size() && bytes_.size() - at >= end_length && number<std::uint32_t>(at) == signature;
  }
  /// What the end record at `end` says, or of ZIP64 the longer record that a locator before it names.
  [[nodiscard]] Directory directory_of(std::size_t end) const {
    if (end >= locator_length && number<std::uint32_t>(end - locator_length) == locator_signature) {
      const std::size_t longer = number<std::uint64_t>(end - locator_length + 8);
      if (has_signature(longer, end64_signature)) return {number<std::uint64_t>(longer + 32), number<std::uint64_t>(longer + 48)};
    }
    return {number<std::uint16_t>(end + 10), number<std::uint32_t>(end + 16)};
  }

  std::span<const std::byte> bytes_;
  const std::string& origin_;
};

/// A file as the directory lists it.
struct Entry {
  std::string name;
  std::size_t method = 0;
  std::uint32_t crc = 0;
  std::size_t held = 0;    ///< bytes in the archive
  std::size_t length = 0;  ///< bytes of the file itself
  std::size_t local = 0;   ///< where its own header begins
  std::size_t end = 0;     ///< of this entry
};

/// Takes the numbers that do not fit into an entry from its ZIP64 field, which holds them in this order.
void read_zip64(const Reader& reader, std::size_t extra, Entry& entry) {
  while (extra + 4 <= entry.end) {
    const std::size_t kind = reader.number<std::uint16_t>(extra), end = extra + 4 + reader.number<std::uint16_t>(extra + 2);
    if (kind != zip64_field) {
      extra = end;
      continue;
    }
    std::size_t at = extra + 4;
    for (std::size_t* value : {&entry.length, &entry.held, &entry.local}) {
      if (*value != elsewhere) continue;
      if (at + 8 > std::min(end, entry.end)) reader.damaged();
      *value = reader.number<std::uint64_t>(at);
      at += 8;
    }
    return;
  }
}

Entry read_entry(const Reader& reader, std::size_t at) {
  if (reader.number<std::uint32_t>(at) != central_signature) reader.damaged();
  const std::size_t name_length = reader.number<std::uint16_t>(at + 28), extra = at + central_length + name_length;
  Entry entry{.name = reader.text(at + central_length, name_length),
              .method = reader.number<std::uint16_t>(at + 10),
              .crc = static_cast<std::uint32_t>(reader.number<std::uint32_t>(at + 16)),
              .held = reader.number<std::uint32_t>(at + 20),
              .length = reader.number<std::uint32_t>(at + 24),
              .local = reader.number<std::uint32_t>(at + 42)};
  const std::size_t extra_length = reader.number<std::uint16_t>(at + 30);
  entry.end = extra + extra_length;
  read_zip64(reader, extra, entry);
  entry.end += reader.number<std::uint16_t>(at + 32);
  return entry;
}

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
  const Directory directory = reader.directory();
  std::map<std::string, ZipFile> files;
  std::size_t at = directory.begin;
  for (std::size_t i = 0; i < directory.files; ++i) {
    const Entry entry = read_entry(reader, at);
    if (entry.method != stored && entry.method != deflated)
      throw Error{fmt::format("{}: `{}` is compressed by method {}", origin, entry.name, entry.method), "store or deflate it"};
    if (entry.method == stored && entry.held != entry.length) reader.damaged();
    if (reader.number<std::uint32_t>(entry.local) != local_signature) reader.damaged();
    const std::size_t data =
        entry.local + local_length + reader.number<std::uint16_t>(entry.local + 26) + reader.number<std::uint16_t>(entry.local + 28);
    files[entry.name] = {reader.part(data, entry.held), entry.length, entry.crc, entry.method == deflated};
    at = entry.end;
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
