#include "lensfind/inspect/result_formats.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/utf8.h"
#include "lensfind/base/value.h"
#include "lensfind/report/html.h"
#include "lensfind/sky/table.h"

namespace lensfind::inspect {
namespace {

using Kind = ResultColumn::Kind;

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i > 0 ? "," : "") + csv_field(fields[i]);
  return line + "\n";
}

/// astropy takes an unquoted empty field of a text for missing: texts that are empty stand in quotes.
std::string ecsv_line(const ResultTable& table, const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool empty_text = table.columns[i].kind == Kind::text && fields[i].empty();
    line += (i > 0 ? "," : "") + (empty_text ? "\"\"" : csv_field(fields[i]));
  }
  return line + "\n";
}

std::vector<std::string> column_names_of(const ResultTable& table) {
  std::vector<std::string> names;
  for (const ResultColumn& column : table.columns) names.push_back(column.name);
  return names;
}

std::string quoted_yaml(const std::string& text) { return to_json(Value{valid_utf8(text)}, -1); }

/// XML 1.0 has no way to say control characters but tab and line breaks: they become U+FFFD.
std::string xml_text(const std::string& text) {
  std::string out;
  for (const char letter : report::escape(text)) {
    const bool is_control = static_cast<unsigned char>(letter) < 0x20 && letter != '\t' && letter != '\n' && letter != '\r';
    out += is_control ? std::string{"\uFFFD"} : std::string{letter};
  }
  return out;
}

std::string type_name(Kind kind, const char* text, const char* whole, const char* real) {
  return kind == Kind::text ? text : kind == Kind::whole ? whole : real;
}

std::string latex_escaped(const std::string& text) {
  std::string out;
  for (const char letter : valid_utf8(text)) {
    if (letter == '\\') {
      out += "\\textbackslash{}";
    } else if (letter == '~' || letter == '^') {
      out += fmt::format("\\{}{{}}", letter);
    } else {
      if (std::string_view{"&%$#_{}"}.find(letter) != std::string_view::npos) out += '\\';
      out += letter;
    }
  }
  return out;
}

std::string latex_cell(const ResultColumn& column, const std::string& text) {
  if (text.empty()) return "\\nodata";
  const auto value = column.kind == Kind::real ? parse_number(text) : std::nullopt;
  if (!value) return latex_escaped(text);
  return column.unit == "deg" ? fmt::format("{:.5f}", *value) : fmt::format("{:.3g}", *value);
}

void write_binary(const std::filesystem::path& path, const ResultTable& table) {
  std::vector<sky::TableColumn> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ResultColumn& from = table.columns[i];
    sky::TableColumn column{.name = from.name, .unit = from.unit};
    column.kind = from.kind == Kind::text    ? sky::ColumnKind::text
                  : from.kind == Kind::whole ? sky::ColumnKind::whole
                                             : sky::ColumnKind::real;
    for (const auto& row : table.rows) {
      column.width = std::max(column.width, row[i].size());
      column.has_gaps = column.has_gaps || row[i].empty();
    }
    columns.push_back(std::move(column));
  }
  const auto writer = sky::create_table(path, std::move(columns), static_cast<std::int64_t>(table.rows.size()));
  for (const auto& row : table.rows) writer->add(row);
  writer->commit();
}

}  // namespace

std::string csv_text(const ResultTable& table) {
  std::string out = csv_line(column_names_of(table));
  for (const auto& row : table.rows) out += csv_line(row);
  return out;
}

std::string ecsv_text(const ResultTable& table) {
  std::string out = "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n";
  for (const ResultColumn& column : table.columns) {
    out += fmt::format("# - {{name: {}, datatype: {}", quoted_yaml(column.name), type_name(column.kind, "string", "int64", "float64"));
    if (!column.unit.empty()) out += ", unit: " + column.unit;
    if (!column.description.empty()) out += ", description: " + quoted_yaml(column.description);
    out += "}\n";
  }
  out += fmt::format("# meta: {{description: {}}}\n# schema: astropy-2.0\n", quoted_yaml(table.description));
  out += csv_line(column_names_of(table));
  for (const auto& row : table.rows) out += ecsv_line(table, row);
  return out;
}

std::string votable_text(const ResultTable& table) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\n"
      "<RESOURCE>\n<COOSYS ID=\"icrs\" system=\"ICRS\"/>\n<TABLE name=\"{}\">\n<DESCRIPTION>{}</DESCRIPTION>\n",
      xml_text(table.name), xml_text(table.description));
  for (const ResultColumn& column : table.columns) {
    out += fmt::format("<FIELD name=\"{}\" {}", xml_text(column.name),
                       type_name(column.kind, "datatype=\"unicodeChar\" arraysize=\"*\"", "datatype=\"long\"", "datatype=\"double\""));
    if (!column.unit.empty()) out += fmt::format(" unit=\"{}\"", xml_text(column.unit));
    if (!column.ucd.empty()) out += fmt::format(" ucd=\"{}\"", xml_text(column.ucd));
    if (column.ucd.starts_with("pos.eq")) out += " ref=\"icrs\"";
    out += fmt::format("><DESCRIPTION>{}</DESCRIPTION></FIELD>\n", xml_text(column.description));
  }
  out += "<DATA><TABLEDATA>\n";
  for (const auto& row : table.rows) {
    out += "<TR>";
    for (const std::string& field : row) out += fmt::format("<TD>{}</TD>", xml_text(field));
    out += "</TR>\n";
  }
  return out + "</TABLEDATA></DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n";
}

std::string latex_text(const ResultTable& table) {
  std::vector<std::size_t> shown;
  for (const char* name : {"name", "id", "ra", "dec", "grades", "mean", "spread", "grade", "kind", "probability", "settled"})
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      if (table.columns[i].name == name) shown.push_back(i);
  std::string out = fmt::format("\\begin{{deluxetable}}{{{}}}\n\\tablecaption{{{}}}\n\\tablehead{{", std::string(shown.size(), 'l'),
                                latex_escaped(table.description));
  for (const std::size_t i : shown)
    out += fmt::format("{}\\colhead{{{}}}", i == shown.front() ? "" : " & ", latex_escaped(table.columns[i].name));
  out += "}\n\\startdata\n";
  for (const auto& row : table.rows) {
    for (const std::size_t i : shown) out += (i == shown.front() ? "" : " & ") + latex_cell(table.columns[i], row[i]);
    out += " \\\\\n";
  }
  return out + "\\enddata\n\\end{deluxetable}\n";
}

void write_result_table(const std::filesystem::path& path, const ResultTable& table) {
  std::string suffix = path.extension().string();
  for (char& letter : suffix)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  if (suffix == ".csv")
    write_file(path, csv_text(table));
  else if (suffix == ".ecsv")
    write_file(path, ecsv_text(table));
  else if (suffix == ".vot" || suffix == ".xml" || suffix == ".votable")
    write_file(path, votable_text(table));
  else if (suffix == ".tex")
    write_file(path, latex_text(table));
  else if (suffix == ".fits" || suffix == ".fit" || suffix == ".parquet")
    write_binary(path, table);
  else
    throw Error{fmt::format("{}: no table is written under such a name", path.string()),
                "end it in .csv, .fits, .parquet, .vot, .ecsv or .tex"};
}

}  // namespace lensfind::inspect
