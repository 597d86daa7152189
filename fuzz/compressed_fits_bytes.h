#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <fitsio.h>

/// A tile-compressed FITS image as CFITSIO makes it, changed here and there as a fuzzer's bytes say: values of cards, single bytes, cards
/// that stand twice, the file's end. Short inputs come as far as decoding tiles.
class CompressedFitsBytes {
 public:
  CompressedFitsBytes(const std::uint8_t* data, std::size_t size) : left_{data}, size_{size} {}

  std::string file() {
    static const std::vector<std::string> whole = whole_files();
    std::string bytes = whole[take() % whole.size()];
    while (size_ > 0) change(bytes);
    return bytes;
  }

 private:
  static constexpr std::size_t card_size = 80;

  static std::string whole_file(int method, int type, int axes) {
    std::size_t size = 0;
    void* memory = nullptr;
    fitsfile* file = nullptr;
    int status = 0;
    std::array<long, 3> sizes{24, 20, 2};
    std::vector<float> pixels(24 * 20 * 2);
    std::iota(pixels.begin(), pixels.end(), 1.5F);
    fits_create_memfile(&file, &memory, &size, 2880, std::realloc, &status);
    fits_set_compression_type(file, method, &status);
    fits_create_img(file, type, axes, sizes.data(), &status);
    fits_write_img(file, TFLOAT, 1, axes == 3 ? 960 : 480, pixels.data(), &status);
    fits_flush_file(file, &status);
    LONGLONG end = 0;
    fits_get_hduaddrll(file, nullptr, nullptr, &end, &status);
    std::string bytes{static_cast<const char*>(memory), static_cast<std::size_t>(end)};
    fits_close_file(file, &status);
    std::free(memory);
    if (status != 0) __builtin_trap();
    return bytes;
  }
  static std::vector<std::string> whole_files() {
    std::vector<std::string> files;
    for (const int axes : {2, 3}) {
      for (const int method : {RICE_1, GZIP_1, GZIP_2}) {
        for (const int type : {LONG_IMG, FLOAT_IMG}) files.push_back(whole_file(method, type, axes));
      }
      files.push_back(whole_file(PLIO_1, LONG_IMG, axes));
    }
    return files;
  }

  unsigned take() {
    if (size_ == 0) return 0;
    --size_;
    return *left_++;
  }
  /// A card of the second header, which is the table's, or of the first.
  std::size_t take_card(const std::string& bytes) {
    const std::size_t cards = std::max<std::size_t>(bytes.size() / card_size, 1);
    return std::min<std::size_t>(take(), cards - 1) * card_size;
  }
  void change(std::string& bytes) {
    static constexpr std::array numbers{"0",     "1",  "-1", "2", "7", "104", "999", "2147483647", "-2147483648", "9223372036854775807",
                                        "1E300", "'x'"};
    if (bytes.size() < 3 * card_size) return;
    const unsigned kind = take() % 8;
    if (kind < 4) {
      const std::size_t card = take_card(bytes);
      std::string value = numbers[take() % numbers.size()];
      value.insert(0, 20 - std::min<std::size_t>(20, value.size()), ' ');
      bytes.replace(card + 10, value.size(), value);
    } else if (kind == 4) {
      const std::size_t from = take_card(bytes);
      bytes.replace(take_card(bytes), card_size, std::string{bytes, from, card_size});
    } else if (kind == 5) {
      const std::size_t at = take_card(bytes);
      for (std::size_t i = 0; i < 30 && i < size_; ++i) bytes[at + i] = static_cast<char>(take());
    } else if (kind == 6) {
      const std::size_t at = (take() << 8U | take()) % bytes.size();
      bytes[at] = static_cast<char>(take());
    } else {
      bytes.resize(bytes.size() - std::min<std::size_t>(bytes.size(), take() * 16U));
    }
  }

  const std::uint8_t* left_;
  std::size_t size_;
};
