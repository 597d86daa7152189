#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/network/stored_numbers.h"
#include "lensfind/network/torch_state.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {
namespace {

constexpr std::size_t longest_header = 100'000'000;  // the format's own limit

/// One line of the header: where a tensor lies behind it.
struct Entry {
  std::string name;
  std::string type;
  std::vector<std::int64_t> shape;
  std::size_t begin = 0, end = 0;
};

[[noreturn]] void damaged(const std::string& origin, const std::string& what) {
  throw Error{fmt::format("{}: {}", origin, what), "the file is damaged, cut short or no safetensors file"};
}

std::size_t bytes_of_type(const std::string& origin, const Entry& entry) {
  static constexpr std::pair<const char*, std::size_t> sizes[]{{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
                                                               {"I32", 4}, {"I16", 2}, {"I8", 1},  {"U64", 8},  {"U32", 4},
                                                               {"U16", 2}, {"U8", 1},  {"BOOL", 1}};
  for (const auto& [name, size] : sizes) {
    if (entry.type == name) return size;
  }
  throw Error{fmt::format("{}: `{}` is of type {}", origin, entry.name, entry.type), "convert the weights to F32, F16 or BF16"};
}

std::size_t not_negative(const std::string& origin, const Value& value) {
  if (value.as_integer() < 0) damaged(origin, "a negative size or offset in the header");
  return static_cast<std::size_t>(value.as_integer());
}

Entry read_entry(const std::string& origin, const std::string& name, const Value& fields, std::size_t data_bytes) {
  Entry entry{.name = name, .type = fields.at("dtype").as_string()};
  const std::size_t item = bytes_of_type(origin, entry);
  std::size_t count = 1;
  for (const Value& length : fields.at("shape").as_array()) {
    const std::size_t along = not_negative(origin, length);
    // A product that overflows would pass for a small one.
    if (along != 0 && count > std::numeric_limits<std::size_t>::max() / item / along)
      damaged(origin, fmt::format("`{}` has an impossible shape", name));
    count *= along;
    entry.shape.push_back(length.as_integer());
  }
  const Value::Array& offsets = fields.at("data_offsets").as_array();
  if (offsets.size() != 2) damaged(origin, fmt::format("`{}` has {} data offsets, not 2", name, offsets.size()));
  entry.begin = not_negative(origin, offsets[0]);
  entry.end = not_negative(origin, offsets[1]);
  if (entry.begin > entry.end || entry.end > data_bytes) {
    damaged(origin, fmt::format("`{}` lies at bytes {} to {} of {}", name, entry.begin, entry.end, data_bytes));
  }
  if (entry.end - entry.begin != count * item) {
    damaged(origin, fmt::format("`{}` holds {} bytes, but its shape and type need {}", name, entry.end - entry.begin, count * item));
  }
  return entry;
}

/// The tensors must fill the data without gap or overlap, as the format demands.
void require_tiling(const std::string& origin, std::vector<Entry>& entries, std::size_t data_bytes) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair{a.begin, a.end} < std::pair{b.begin, b.end};
  });
  std::size_t reached = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != reached)
      damaged(origin, fmt::format("`{}` {}", entry.name, entry.begin < reached ? "overlaps another" : "leaves a gap before it"));
    reached = entry.end;
  }
  if (reached != data_bytes) damaged(origin, fmt::format("{} bytes belong to no tensor", data_bytes - reached));
}

std::vector<Entry> read_entries(const Value& header, const std::string& origin, std::size_t data_bytes) try {
  std::vector<Entry> entries;
  for (const auto& [name, fields] : header.as_object()) {
    if (name != "__metadata__") entries.push_back(read_entry(origin, name, fields, data_bytes));
  }
  return entries;
} catch (const Error& error) {
  // An accessor of Value knows neither the file nor that nobody wrote this by hand.
  if (std::string_view{error.what()}.starts_with(origin)) throw;
  damaged(origin, fmt::format("the header is no list of tensors ({})", error.what()));
}

std::vector<Entry> read_header(std::span<const std::byte> bytes, const std::string& origin, std::size_t& data_begin) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) damaged(origin, fmt::format("{} bytes are too few", bytes.size()));
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > longest_header || length > bytes.size() - sizeof length) {
    damaged(origin, fmt::format("the header claims {} bytes, the file holds {}", length, bytes.size()));
  }
  data_begin = sizeof length + static_cast<std::size_t>(length);
  const Value header = parse_json({reinterpret_cast<const char*>(bytes.data()) + sizeof length, static_cast<std::size_t>(length)}, origin);
  std::vector<Entry> entries = read_entries(header, origin, bytes.size() - data_begin);
  require_tiling(origin, entries, bytes.size() - data_begin);
  return entries;
}

/// nullopt for integers.
std::optional<StoredType> type_of_safetensors(const std::string& type) {
  if (type == "F32") return StoredType::f32;
  if (type == "F64") return StoredType::f64;
  if (type == "F16") return StoredType::f16;
  if (type == "BF16") return StoredType::bf16;
  return std::nullopt;
}

Value header_of(const Weights& weights, const char* type, std::size_t bytes, const std::map<std::string, std::string>& metadata) {
  Value header = empty_object();
  Value said = empty_object();
  for (const auto& [key, text] : metadata) said.set(key, text);
  if (!metadata.empty()) header.set("__metadata__", said);
  std::size_t reached = 0;
  for (const auto& [name, array] : weights) {
    Value shape{Value::Array{}};
    for (const std::int64_t length : array.shape) shape.push_back(length);
    const std::size_t end = reached + array.values.size() * bytes;
    Value entry = empty_object();
    entry.set("dtype", type).set("shape", std::move(shape)).set("data_offsets", Value{Value::Array{reached, end}});
    header.set(name, std::move(entry));
    reached = end;
  }
  return header;
}

}  // namespace

Weights parse_safetensors(std::span<const std::byte> bytes, const std::string& origin) {
  std::size_t data_begin = 0;
  UnpackBudget budget = weight_budget(origin);
  Weights weights;
  for (const Entry& entry : read_header(bytes, origin, data_begin)) {
    const auto type = type_of_safetensors(entry.type);
    if (!type) continue;
    budget.take((entry.end - entry.begin) / bytes_of(*type), sizeof(float));
    Array array{entry.shape, to_floats(*type, bytes.subspan(data_begin + entry.begin, entry.end - entry.begin))};
    if (!weights.emplace(entry.name, std::move(array)).second) damaged(origin, fmt::format("`{}` stands there twice", entry.name));
  }
  return weights;
}

Weights read_safetensors(const std::filesystem::path& path) { return parse_safetensors(read_weight_bytes(path), path.string()); }

namespace {

void write_header(AtomicFile& file, const Value& said) {
  std::string header = to_json(said, -1);
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = header.size();
  file.write(std::as_bytes(std::span{&length, 1}));
  file.write(header);
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const Weights& weights, const std::map<std::string, std::string>& metadata) {
  AtomicFile file{path, Durability::survives_power_loss};
  write_header(file, header_of(weights, "F32", sizeof(float), metadata));
  for (const auto& [name, array] : weights) file.write(std::as_bytes(std::span{array.values}));
  file.commit();
}

void write_half_safetensors(const std::filesystem::path& path, const Weights& weights, const std::map<std::string, std::string>& metadata) {
  AtomicFile file{path, Durability::survives_power_loss};
  write_header(file, header_of(weights, "F16", sizeof(std::uint16_t), metadata));
  for (const auto& [name, array] : weights) {
    std::vector<std::uint16_t> halves(array.values.size());
    std::ranges::transform(array.values, halves.begin(), to_half);
    file.write(std::as_bytes(std::span{halves}));
  }
  file.commit();
}

Weights rounded_to_half(Weights weights) {
  for (auto& [name, array] : weights) {
    for (float& value : array.values) {
      const std::uint16_t half = to_half(value);
      const float rounded = to_floats(StoredType::f16, std::as_bytes(std::span{&half, 1})).front();
      if (!std::isfinite(rounded)) throw Error{fmt::format("`{}` holds {}, beyond what 16 bits hold", name, value), "keep it in 32 bits"};
      value = rounded;
    }
  }
  return weights;
}

}  // namespace lensfind::network
