#include "lensfind/image/npz_arrays.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"

namespace lensfind::image {
namespace {

constexpr std::string_view suffix = ".npy";
constexpr std::size_t header_bytes = std::size_t{1} << 16;
constexpr std::array picture_names{"image", "img", "cutout", "stamp", "data", "pixels", "x"};

std::string array_name(const std::string& file) { return file.ends_with(suffix) ? file.substr(0, file.size() - suffix.size()) : file; }

/// Throws Error where it holds no numbers that can be pixels.
NpzArray read_array(const std::string& file_name, const ZipFile& file, const std::string& origin) {
  NpzArray array{array_name(file_name), &file, {}};
  const std::string name = fmt::format("{}: `{}`", origin, array.name);
  array.header = parse_npy_header(unpack_start(file, header_bytes, name), file.length, name);
  return array;
}

bool may_be_picture(const NpyHeader& header) {
  const std::size_t axes = header.shape.size();
  return axes >= 2 && axes <= 4 && header.shape[axes - 1] > 1 && header.shape[axes - 2] > 1;
}

bool has_picture_name(const NpzArray& array) {
  std::string name = array.name;
  std::ranges::transform(name, name.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return std::ranges::any_of(picture_names, [&](const std::string& known) { return name == known || name == known + "s"; });
}

std::vector<std::string> names_of(const std::map<std::string, ZipFile>& files) {
  std::vector<std::string> names;
  for (const auto& [name, file] : files) names.push_back(array_name(name));
  return names;
}

/// The arrays under the names of the bands; empty where the file has none of these names. Throws Error where it has some of them.
std::vector<NpzArray> arrays_of_bands(const std::map<std::string, ZipFile>& files, const std::string& origin,
                                      const std::vector<std::string>& bands) {
  std::vector<NpzArray> arrays;
  const std::string* missing = nullptr;
  for (const std::string& band : bands) {
    const auto file = files.find(band + std::string{suffix});
    if (file == files.end()) {
      missing = &band;
      continue;
    }
    arrays.push_back(read_array(file->first, file->second, origin));
    arrays.back().is_band = true;
  }
  if (!arrays.empty() && missing != nullptr)
    throw Error{fmt::format("{}: holds {} and no array `{}`", origin, fmt::join(names_of(files), ", "), *missing),
                "give one array, or a 2-D array for each of the model's bands under its name"};
  return arrays;
}

/// The one that is the picture, where that can be told.
std::optional<NpzArray> picture_of(std::vector<NpzArray> candidates) {
  const auto only = [](std::vector<NpzArray>& arrays) { return arrays.size() == 1 ? std::optional{arrays.front()} : std::nullopt; };
  std::vector<NpzArray> named;
  std::ranges::copy_if(candidates, std::back_inserter(named), has_picture_name);
  if (!named.empty()) return only(named);
  std::size_t max = 0;
  for (const NpzArray& array : candidates) max = std::max(max, array.header.shape.size());
  std::erase_if(candidates, [&](const NpzArray& array) { return array.header.shape.size() < max; });
  return only(candidates);
}

}  // namespace

std::vector<NpzArray> choose_arrays(const std::map<std::string, ZipFile>& files, const std::string& origin,
                                    const std::vector<std::string>& bands) {
  if (files.empty()) throw Error{origin + ": holds no array", "write the cutout again"};
  if (files.size() == 1) return {read_array(files.begin()->first, files.begin()->second, origin)};
  if (std::vector<NpzArray> arrays = arrays_of_bands(files, origin, bands); !arrays.empty()) return arrays;
  std::vector<NpzArray> candidates;
  for (const auto& [name, file] : files) {
    try {
      NpzArray array = read_array(name, file, origin);
      if (may_be_picture(array.header)) candidates.push_back(std::move(array));
    } catch (const Error&) {
      // Texts and objects beside the picture are passed over; a picture that is damaged is not.
      UnpackBudget budget{origin, "leave such arrays out"};
      unpack(file, fmt::format("{}: `{}`", origin, array_name(name)), budget);
    }
  }
  if (std::optional<NpzArray> picture = picture_of(candidates)) return {std::move(*picture)};
  std::vector<std::string> names = names_of(files);
  if (candidates.empty())
    throw Error{fmt::format("{}: holds {}, and none of them is a cutout", origin, fmt::join(names, ", ")),
                "a cutout is (bands, height, width) or (height, width) of numbers"};
  names.clear();
  for (const NpzArray& array : candidates) names.push_back(array.name);
  throw Error{fmt::format("{}: which of {} is the picture?", origin, fmt::join(names, ", ")),
              "call it image, give one picture a file, or name each band's array as the model names its bands"};
}

bool is_in_bands(const std::vector<NpzArray>& arrays) { return arrays.front().is_band; }

NpzOutline outline_of(const NpzArray& array, const std::string& origin) {
  const std::string name = fmt::format("{}: `{}`", origin, array.name);
  const bool stack = array.header.shape.size() == 4;
  if (!stack) return {npy_cutout_shape(array.header, name), 1, false};
  if (array.header.shape[0] == 0) throw Error{name + " is a stack of no images", "write it again"};
  return {npy_image_shape(array.header, 3, name), array.header.shape[0], true};
}

ImageShape shape_of_bands(const std::vector<NpzArray>& arrays, const std::string& origin) {
  ImageShape shape;
  for (const NpzArray& array : arrays) {
    const ImageShape band = npy_cutout_shape(array.header, fmt::format("{}: `{}`", origin, array.name));
    if (band.bands != 1) throw Error{fmt::format("{}: `{}` is no 2-D array", origin, array.name), "give a 2-D array a band"};
    if (&array == &arrays.front()) shape = band;
    if (shape != band) throw Error{origin + ": its bands differ in size", "bring them to one pixel grid"};
  }
  shape.bands = static_cast<int>(arrays.size());
  return shape;
}

}  // namespace lensfind::image
