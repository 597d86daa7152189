#include "lensfind/image/png.h"

#include <memory>

#include <fmt/format.h>
#include <png.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"

namespace lensfind::image {
namespace {

struct Writer {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

[[noreturn]] void fail(png_structp, png_const_charp message) {
  throw Error{fmt::format("a PNG picture cannot be written: {}", message), "is there enough memory?"};
}

void append(png_structp png, png_bytep bytes, png_size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(bytes), count);
}

}  // namespace

std::string encode_png(const Picture& picture) {
  const std::size_t row_bytes = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
  if (picture.width < 1 || picture.height < 1 || (picture.channels != 1 && picture.channels != 3) ||
      picture.values.size() != row_bytes * static_cast<std::size_t>(picture.height)) {
    throw Error{fmt::format("a picture of {} x {} pixels and {} channels has {} values", picture.height, picture.width, picture.channels,
                            picture.values.size()),
                "give (height, width, channels) values, 1 or 3 channels"};
  }
  std::string bytes;
  Writer writer;
  // libpng is told to throw instead of jumping: a jump over C++ objects would leave them behind.
  writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, fail, nullptr);
  if (writer.png != nullptr) writer.info = png_create_info_struct(writer.png);
  if (writer.info == nullptr) throw Error{"a PNG picture cannot be written: no memory", "is there enough memory?"};
  png_set_write_fn(writer.png, &bytes, append, nullptr);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(picture.width), static_cast<png_uint_32>(picture.height), 8,
               picture.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  for (int row = 0; row < picture.height; ++row)
    png_write_row(writer.png, picture.values.data() + static_cast<std::size_t>(row) * row_bytes);
  png_write_end(writer.png, nullptr);
  return bytes;
}

void write_png(const std::filesystem::path& path, const Picture& picture) { write_file(path, encode_png(picture)); }

}  // namespace lensfind::image
