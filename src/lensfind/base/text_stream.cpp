#include "lensfind/base/text_stream.h"

#include <array>
#include <fstream>
#include <streambuf>

#include <zlib.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"

namespace lensfind::base {
namespace {

class GzipBuffer final : public std::streambuf {
 public:
  explicit GzipBuffer(const std::filesystem::path& path) : file_{gzopen(path.c_str(), "rb")} {}
  GzipBuffer(const GzipBuffer&) = delete;
  GzipBuffer& operator=(const GzipBuffer&) = delete;
  ~GzipBuffer() override { gzclose(file_); }

 protected:
  int_type underflow() override {
    const int read = gzread(file_, block_.data(), static_cast<unsigned>(block_.size()));
    int fault = Z_OK;
    if (read <= 0) gzerror(file_, &fault);
    // A stream that throws while it reads is what std::istream calls bad.
    if (read < 0 || (read == 0 && fault != Z_OK)) throw std::ios_base::failure{"damaged gzip"};
    if (read == 0) return traits_type::eof();
    setg(block_.data(), block_.data(), block_.data() + read);
    return traits_type::to_int_type(block_[0]);
  }

 private:
  gzFile file_;
  std::array<char, std::size_t{1} << 16> block_{};
};

class GzipStream final : public std::istream {
 public:
  explicit GzipStream(const std::filesystem::path& path) : std::istream{nullptr}, unpacked_{path} { rdbuf(&unpacked_); }

 private:
  GzipBuffer unpacked_;
};

}  // namespace

std::unique_ptr<std::istream> open_text(const std::filesystem::path& path) {
  require_regular_file(path);
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) throw Error{path.string() + ": cannot be read", "check the path and its permissions"};
  std::array<char, 2> magic{};
  file->read(magic.data(), magic.size());
  if (file->gcount() == 2 && magic == std::array{'\x1f', '\x8b'}) return std::make_unique<GzipStream>(path);
  file->clear();
  file->seekg(0);
  return file;
}

}  // namespace lensfind::base
