#include "lensfind/cutouts/file_kind.h"

#include <algorithm>
#include <array>
#include <istream>
#include <span>
#include <string>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/base/text_stream.h"
#include "lensfind/image/fits.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

// Opening each of these would cost more than it could find.
constexpr std::array other_suffixes{".txt", ".csv",   ".tsv",     ".ecsv", ".json", ".toml", ".yaml",        ".yml", ".xml",
                                    ".vot", ".md",    ".rst",     ".htm",  ".html", ".pdf",  ".png",         ".jpg", ".jpeg",
                                    ".gif", ".svg",   ".tif",     ".tiff", ".log",  ".py",   ".sh",          ".c",   ".cpp",
                                    ".h",   ".ipynb", ".parquet", ".pt",   ".pth",  ".onnx", ".safetensors", ".h5",  ".hdf5",
                                    ".tar", ".bz2",   ".xz",      ".reg",  ".ini",  ".cfg",  ".tex",         ".bib"};

char small(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; }

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return small(x) == small(y); });
}

/// Whether an archive's first file is a numpy array (PKWARE's APPNOTE.TXT, section 4.3.7).
bool begins_with_array(std::string_view archive) {
  constexpr std::size_t name_at = 30;
  if (!archive.starts_with("PK\x03\x04") || archive.size() < name_at) return false;
  const std::size_t length = static_cast<unsigned char>(archive[26]) + 256U * static_cast<unsigned char>(archive[27]);
  return archive.substr(name_at).substr(0, length).ends_with(".npy");
}

/// The first bytes of a file, unpacked where it is gzipped.
std::string start_of(const fs::path& path, bool& packed) {
  std::string start(512, '\0');
  {
    const OpenFile file{path};
    start.resize(std::min<std::uint64_t>(start.size(), file.size()));
    file.read(0, std::as_writable_bytes(std::span{start}));
  }
  packed = start.starts_with("\x1f\x8b");
  if (!packed) return start;
  const auto file = open_text(path);
  file->read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file->gcount()));
  return start;
}

FileKind kind_by_content(const fs::path& path) {
  try {
    bool packed = false;
    const std::string start = start_of(path, packed);
    if (start.starts_with("SIMPLE  =")) return FileKind::fits;
    if (packed) return FileKind::none;
    if (start.starts_with("\x93NUMPY")) return FileKind::npy;
    return begins_with_array(start) ? FileKind::npz : FileKind::none;
  } catch (const MachineFault&) {
    throw;  // a file must not be passed over for want of descriptors
  } catch (const Error&) {
    return FileKind::none;
  }
}

}  // namespace

FileKind kind_by_name(std::string_view name) {
  if (image::has_fits_suffix(name)) return FileKind::fits;
  const std::string_view suffix = image::suffix_of(name);
  if (same_letters(suffix, ".npy")) return FileKind::npy;
  return same_letters(suffix, ".npz") ? FileKind::npz : FileKind::none;
}

FileKind kind_of_file(const fs::path& path) {
  const FileKind named = kind_by_name(path.native());
  if (named != FileKind::none) return named;
  const std::string_view suffix = image::suffix_of(path.native());
  const bool is_other = std::ranges::any_of(other_suffixes, [&](const char* other) { return same_letters(suffix, other); });
  return is_other ? FileKind::none : kind_by_content(path);
}

std::string_view cutout_suffix(std::string_view name) {
  if (kind_by_name(name) == FileKind::none) return {};
  const std::string_view last = image::suffix_of(name);
  if (!same_letters(last, ".gz") && !same_letters(last, ".fz")) return last;
  const std::string_view stem = name.substr(0, name.size() - last.size());
  return name.substr(stem.size() - image::suffix_of(stem).size());
}

}  // namespace lensfind::cutouts
