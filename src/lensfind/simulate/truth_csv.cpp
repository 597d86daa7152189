#include "lensfind/simulate/truth_csv.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::simulate {
namespace {

/// The order of the columns in the file. Neighbours that have a value for each band stand together band by band.
constexpr std::string_view column_order[]{
    "id",
    "split",
    "label",
    "kind",
    "group",
    "seed",
    "index",
    "z_lens",
    "z_source",
    "sigma_v",
    "theta_e_arcsec",
    "axis_ratio",
    "angle_rad",
    "shear1",
    "shear2",
    "source_x_arcsec",
    "source_y_arcsec",
    "lens_mag",
    "source_mag",
    "magnification",
    "arc_snr",
    "slope",
    "effective_radius_arcsec",
    "source_radius_arcsec",
    "neighbours",
    "rotated_rad",
    "broken_band",
    "artefact",
    "background_rms",
    "source_image",
    "lens_x_arcsec",
    "lens_y_arcsec",
    "lens_sersic_index",
    "lens_light_axis_ratio",
    "lens_light_angle_rad",
    "source_sersic_index",
    "source_axis_ratio",
    "source_angle_rad",
    "source_knots",
    "seeing_fwhm_arcsec",
    "gain",
    "group_sigma_v",
    "galaxy_theta_e_arcsec",
    "halo_theta_e_arcsec",
    "halo_core_arcsec",
    "halo_ellipticity",
    "quasar_i",
    "z_source_2",
    "members",
};

std::string text_of(const std::string& value) { return csv_field(value); }
std::string text_of(bool value) { return value ? "1" : "0"; }
std::string text_of(double value) { return fmt::format("{:.7g}", value); }
template <typename M>
std::string text_of(M value) {
  if constexpr (std::is_enum_v<M>)
    return name_of(value);
  else
    return std::to_string(value);
}
template <typename M>
std::string text_of(const std::optional<M>& value) {
  return value ? text_of(*value) : std::string{};
}

/// Whether the text holds such a value.
bool take(std::string_view text, std::string& into) { return into = text, true; }
template <typename M>
bool take(std::string_view text, M& into) {
  if constexpr (std::is_same_v<M, double>) {
    const std::optional<double> number = parse_number(text);
    if (number) into = *number;
    return number.has_value();
  } else if constexpr (std::is_enum_v<M>) {
    const std::optional<M> named = find_named<M>(text);
    if (named) into = *named;
    return named.has_value();
  } else if constexpr (std::is_same_v<M, bool>) {
    into = text == "1";
    return into || text == "0";
  } else {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size();
  }
}
template <typename M>
bool take(std::string_view text, std::optional<M>& into) {
  return take(text, into.emplace());
}

/// A described property: its column, and how its cells are written and read.
struct Property {
  TruthColumn column;
  std::string former_name;
  std::function<std::string(TruthRow&, std::size_t band)> write;
  std::function<bool(TruthRow&, std::string_view cell, std::size_t band)> read;
};

template <typename M>
Property property_of(std::function<M&(TruthRow&)> member) {
  if constexpr (fields_detail::is_list<M>::value) {
    return {{.for_each_band = true},
            {},
            [member](TruthRow& row, std::size_t band) {
              const M& values = member(row);
              return band < values.size() ? text_of(values[band]) : std::string{};
            },
            [member](TruthRow& row, std::string_view cell, std::size_t band) {
              M& values = member(row);
              values.resize(std::max(values.size(), band + 1));
              return take(cell, values[band]);
            }};
  } else {
    return {{.is_text = fields_detail::holds_text<M>()},
            {},
            [member](TruthRow& row, std::size_t) { return text_of(member(row)); },
            [member](TruthRow& row, std::string_view cell, std::size_t) { return take(cell, member(row)); }};
  }
}

/// Collects the properties that a described struct within the row has, and those of its described members.
template <typename T>
struct Collector {
  std::function<T&(TruthRow&)> within;
  std::vector<Property>& out;

  template <typename M, typename Owner>
  void operator()(M Owner::*member, const char* name, const Range& range, const char* help, const char* former = "") {
    const std::function<M&(TruthRow&)> inner = [within = within, member](TruthRow& row) -> M& { return within(row).*member; };
    if constexpr (fields_detail::Described<M>) {
      Collector<M> collector{inner, out};
      M::describe(collector);
    } else {
      Property property = property_of<M>(inner);
      property.column.name = name;
      property.column.unit = range.unit;
      property.column.help = help;
      property.former_name = former;
      out.push_back(std::move(property));
    }
  }
};

std::size_t place_of(const Property& property) {
  const auto place = static_cast<std::size_t>(std::ranges::find(column_order, property.column.name) - std::begin(column_order));
  if (place == std::size(column_order)) throw Error{fmt::format("{} has no place in truth.csv", property.column.name), "give it one"};
  return place;
}

/// All properties, in the order of their columns.
const std::vector<Property>& properties() {
  static const std::vector<Property> all = [] {
    std::vector<Property> out;
    Collector<TruthRow> collector{[](TruthRow& row) -> TruthRow& { return row; }, out};
    TruthRow::describe(collector);
    std::ranges::sort(out, {}, place_of);
    return out;
  }();
  return all;
}

/// Calls visit(property, band) for each column of a file with so many bands.
void for_each_column(std::size_t bands, const std::function<void(const Property&, std::size_t band)>& visit) {
  const auto is_single = [](const Property& property) { return !property.column.for_each_band; };
  for (auto first = properties().begin(); first != properties().end();) {
    if (is_single(*first)) {
      visit(*first++, 0);
      continue;
    }
    const auto end = std::find_if(first, properties().end(), is_single);
    for (std::size_t band = 0; band < bands; ++band)
      for (auto property = first; property != end; ++property) visit(*property, band);
    first = end;
  }
}

/// The band of a file's column that holds such a property: empty where the property is not one of bands; nothing where it is another's.
std::optional<std::string> band_of(const std::string& column, const Property& property) {
  if (!property.column.for_each_band)
    return column == property.column.name || (!column.empty() && column == property.former_name) ? std::optional{std::string{}}
                                                                                                 : std::nullopt;
  const std::string begin = property.column.name + "_";
  return column.starts_with(begin) && column.size() > begin.size() ? std::optional{column.substr(begin.size())} : std::nullopt;
}

}  // namespace

std::vector<TruthColumn> truth_columns() {
  std::vector<TruthColumn> columns;
  for (const Property& property : properties()) columns.push_back(property.column);
  return columns;
}

std::string truth_markdown() {
  std::string table = "| column | unit | what it is |\n|---|---|---|\n";
  for (const TruthColumn& column : truth_columns())
    table += fmt::format("| `{}{}` | {} | {} |\n", column.name, column.for_each_band ? "_<band>" : "", column.unit, column.help);
  return table;
}

std::string truth_header(const std::vector<std::string>& bands) {
  std::string line;
  for_each_column(bands.size(), [&](const Property& property, std::size_t band) {
    if (!line.empty()) line += ",";
    line += property.column.name;
    if (property.column.for_each_band) line += "_" + bands[band];
  });
  return line + "\n";
}

std::string truth_row(const TruthKey& key, const Truth& truth, std::size_t bands) {
  TruthRow row{key, truth};
  if (row.truth.group.empty()) row.truth.group = key.id;
  std::string line;
  for_each_column(bands, [&, first = true](const Property& property, std::size_t band) mutable {
    if (!std::exchange(first, false)) line += ",";
    line += property.write(row, band);
  });
  return line + "\n";
}

TruthReader::TruthReader(const std::filesystem::path& path) : table_{path} {
  const std::vector<std::string>& columns = table_.columns();
  for (std::size_t column = 0; column < columns.size(); ++column) {
    for (std::size_t property = 0; property < properties().size(); ++property) {
      const std::optional<std::string> band = band_of(columns[column], properties()[property]);
      if (!band) continue;
      const auto known = std::ranges::find(bands_, *band);
      const auto place = static_cast<std::size_t>(known - bands_.begin());
      if (known == bands_.end() && !band->empty()) bands_.push_back(*band);
      cells_.push_back({column, property, band->empty() ? 0 : place});
      break;
    }
  }
}

std::optional<TruthRow> TruthReader::next() {
  if (!table_.next()) return std::nullopt;
  TruthRow row;
  for (const Cell& cell : cells_) {
    const std::string_view text = table_[cell.column];
    if (!text.empty() && !properties()[cell.property].read(row, text, cell.band))
      throw Error{fmt::format("{}: {} is `{}`", table_.where(), table_.columns()[cell.column], text),
                  "truth.csv holds what `simulate` wrote into it"};
  }
  if (row.truth.group == row.key.id) row.truth.group.clear();
  return row;
}

}  // namespace lensfind::simulate
