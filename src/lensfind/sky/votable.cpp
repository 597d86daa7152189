#include <cstring>
#include <deque>
#include <istream>
#include <map>

#include <fmt/format.h>
#include <libxml/parser.h>

#include "lensfind/base/error.h"
#include "lensfind/base/text_stream.h"
#include "lensfind/sky/table_formats.h"
#include "lensfind/sky/votable_field.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_bytes = std::size_t{1} << 16;
constexpr std::size_t most_columns = 100000;

using Attributes = std::map<std::string, std::string>;

struct System {
  std::string name, equinox;
};

/// What a VOTable's elements say, as they come from the parser: fields, then the rows of the table that is chosen.
class VotableContent {
 public:
  VotableContent(std::string origin, TableTest wanted) : origin_{std::move(origin)}, wanted_{std::move(wanted)} {}

  void begin(std::string_view element, const Attributes& of);
  void end(std::string_view element);
  void text(std::string_view more);

  [[nodiscard]] bool is_chosen() const { return chosen_; }
  [[nodiscard]] bool is_done() const { return done_; }
  [[nodiscard]] int tables() const { return tables_; }
  [[nodiscard]] const std::string& table_name() const { return table_name_; }
  [[nodiscard]] const std::vector<VotableField>& fields() const { return fields_; }
  [[nodiscard]] ColumnHead head_of(const VotableField& field) const;
  /// The next row that is whole. Throws Error where the table has ended amid a row.
  std::optional<std::vector<std::string>> take_row();

 private:
  void begin_data();
  void begin_stream(const Attributes& of);
  [[noreturn]] void refuse(const std::string& what, const std::string& hint) const { throw Error{origin_ + ": " + what, hint}; }

  std::string origin_;
  TableTest wanted_;
  std::map<std::string, System> systems_;
  std::vector<VotableField> fields_;
  int tables_ = 0;
  std::string table_name_;
  bool in_table_ = false, chosen_ = false, done_ = false, in_cell_ = false, in_stream_ = false, in_field_ = false;
  std::string cell_;
  std::size_t row_bytes_ = 0;
  std::vector<std::string> row_;
  std::deque<std::vector<std::string>> rows_;
  std::optional<VotableBinary> binary_;
};

std::string value_of(const Attributes& of, const char* name) {
  const auto found = of.find(name);
  return found == of.end() ? std::string{} : found->second;
}

ColumnHead VotableContent::head_of(const VotableField& field) const {
  ColumnHead head{.name = field.name, .unit = field.unit, .ucd = field.ucd};
  auto system = systems_.find(field.ref);
  const bool position = field.ucd.starts_with("pos.") || field.ucd.starts_with("POS_");
  if (system == systems_.end() && field.ref.empty() && position && systems_.size() == 1) system = systems_.begin();
  if (system == systems_.end()) return head;
  head.system = system->second.name;
  head.equinox = system->second.equinox;
  return head;
}

void VotableContent::begin(std::string_view element, const Attributes& of) {
  if (done_) return;
  if (element == "COOSYS") {
    systems_[value_of(of, "ID")] = {value_of(of, "system"), value_of(of, "equinox")};
  } else if (element == "TABLE") {
    in_table_ = true;
    fields_.clear();
    table_name_ = value_of(of, "name");
  } else if (element == "FIELD" && in_table_ && !chosen_) {
    if (fields_.size() >= most_columns) refuse("has more than 100,000 columns", "is it a table of objects?");
    VotableField field{value_of(of, "name"),
                       value_of(of, "unit"),
                       value_of(of, "ucd"),
                       value_of(of, "ref"),
                       value_of(of, "datatype"),
                       value_of(of, "arraysize"),
                       ""};
    if (field.name.empty()) field.name = value_of(of, "ID");
    if (field.name.empty()) field.name = fmt::format("column_{}", fields_.size() + 1);
    fields_.push_back(std::move(field));
    in_field_ = true;
  } else if (element == "VALUES" && in_field_) {
    fields_.back().null = value_of(of, "null");
  } else if (element == "DATA" && in_table_) {
    begin_data();
  } else if (!chosen_) {
    return;
  } else if (element == "TR") {
    row_.clear();
    row_bytes_ = 0;
  } else if (element == "TD") {
    if (row_.size() == fields_.size()) refuse("a row has more cells than the table has fields", "is it a whole VOTable?");
    if (value_of(of, "encoding") == "base64")
      refuse("its cells are base64", "save it with plain cells, for instance with TOPCAT or astropy");
    in_cell_ = true;
    cell_.clear();
  } else if (element == "BINARY" || element == "BINARY2") {
    binary_.emplace(fields_, element == "BINARY2", origin_);
  } else if (element == "FITS") {
    refuse("its data are a FITS file inside", "save it as a FITS table, or as a VOTable with TABLEDATA or BINARY2");
  } else if (element == "STREAM" && binary_) {
    begin_stream(of);
  }
}

void VotableContent::begin_data() {
  ++tables_;
  ColumnHeads heads;
  for (const VotableField& field : fields_)
    if (field.is_single()) heads.push_back(head_of(field));
  chosen_ = !wanted_ || wanted_(heads);
}

void VotableContent::begin_stream(const Attributes& of) {
  if (!value_of(of, "href").empty())
    refuse("its data lie in another file", "save it with its data inside, for instance with TOPCAT or astropy");
  const std::string encoding = value_of(of, "encoding");
  if (encoding != "base64")
    refuse(fmt::format("its stream has the encoding `{}`", encoding), "save it with base64, as TOPCAT and astropy do");
  in_stream_ = true;
}

void VotableContent::end(std::string_view element) {
  if (element == "FIELD") in_field_ = false;
  if (element == "STREAM") in_stream_ = false;
  if (element == "TD" && in_cell_) {
    row_.push_back(fields_[row_.size()].value_of_text(cell_));
    in_cell_ = false;
  }
  if (element == "TR" && chosen_ && !done_) {
    row_.resize(fields_.size());
    rows_.push_back(std::move(row_));
    row_.clear();
  }
  if (element == "TABLE") {
    in_table_ = false;
    done_ = chosen_;
  }
}

void VotableContent::text(std::string_view more) {
  if (in_stream_) binary_->add(more);
  if (!in_cell_) return;
  row_bytes_ += more.size();
  if (row_bytes_ > most_row_bytes) refuse("a row of its table has more than 64 MiB", "is it a whole VOTable?");
  cell_ += more;
}

std::optional<std::vector<std::string>> VotableContent::take_row() {
  if (binary_) {
    auto row = binary_->next();
    if (!row && done_ && binary_->has_rest()) refuse("its stream ends amid a row", "copy or save it again");
    return row;
  }
  if (rows_.empty()) return {};
  std::vector<std::string> row = std::move(rows_.front());
  rows_.pop_front();
  return row;
}

/// Feeds libxml2's push parser with a file. What handlers throw is kept until the parser has returned: it is C.
class VotableParser {
 public:
  VotableParser(const fs::path& path, VotableContent& content) : path_{path}, content_{content}, file_{open_text(path)} {
    static const bool ready = (xmlInitParser(), true);
    static_cast<void>(ready);
    handlers_.initialized = XML_SAX2_MAGIC;
    handlers_.startElementNs = begin;
    handlers_.endElementNs = end;
    handlers_.characters = text;
    handlers_.cdataBlock = text;
    handlers_.serror = [](void*, auto*) {};  // newer versions of libxml2 pass a constant error
    context_ = xmlCreatePushParserCtxt(&handlers_, this, nullptr, 0, nullptr);
    if (context_ == nullptr) throw Error{path.string() + ": cannot be parsed", "is there memory left?"};
    xmlCtxtUseOptions(context_, XML_PARSE_NONET);
  }
  VotableParser(const VotableParser&) = delete;
  VotableParser& operator=(const VotableParser&) = delete;
  ~VotableParser() { xmlFreeParserCtxt(context_); }

  /// Parses the next block; false at the end. Throws Error where it is no XML, or what a handler threw.
  bool feed() {
    if (ended_) return false;
    block_.resize(block_bytes);
    file_->read(block_.data(), static_cast<std::streamsize>(block_bytes));
    const auto count = static_cast<int>(file_->gcount());
    if (file_->bad()) throw Error{path_.string() + ": reading failed", "check the disk, and whether the file is whole"};
    ended_ = count == 0;
    const int fault = xmlParseChunk(context_, block_.data(), count, ended_ ? 1 : 0);
    if (failure_) std::rethrow_exception(failure_);
    if (fault != XML_ERR_OK && context_->wellFormed == 0 && !content_.is_done()) {
      const xmlError* error = xmlCtxtGetLastError(context_);
      std::string what = error != nullptr && error->message != nullptr ? error->message : "unknown";
      while (what.ends_with('\n')) what.pop_back();
      throw Error{fmt::format("{}: is no whole VOTable (line {}: {})", path_.string(), error != nullptr ? error->line : 0, what),
                  "copy or save it again"};
    }
    return !ended_;
  }

 private:
  template <typename Handle>
  static void guarded(void* self, Handle handle) {
    auto& parser = *static_cast<VotableParser*>(self);
    if (parser.failure_) return;
    try {
      handle(parser.content_);
    } catch (...) {
      parser.failure_ = std::current_exception();
      xmlStopParser(parser.context_);
    }
  }
  static std::string_view view(const xmlChar* letters) { return reinterpret_cast<const char*>(letters); }

  static void begin(void* self, const xmlChar* name, const xmlChar*, const xmlChar*, int, const xmlChar**, int count, int,
                    const xmlChar** attributes) {
    guarded(self, [&](VotableContent& content) {
      Attributes of;
      for (int i = 0; i < count; ++i) {
        const xmlChar** attribute = attributes + 5 * static_cast<std::ptrdiff_t>(i);  // name, prefix, namespace, begin and end of its value
        of.emplace(view(attribute[0]),
                   std::string{reinterpret_cast<const char*>(attribute[3]), reinterpret_cast<const char*>(attribute[4])});
      }
      content.begin(view(name), of);
    });
  }
  static void end(void* self, const xmlChar* name, const xmlChar*, const xmlChar*) {
    guarded(self, [&](VotableContent& content) { content.end(view(name)); });
  }
  static void text(void* self, const xmlChar* letters, int count) {
    guarded(self, [&](VotableContent& content) {
      content.text({reinterpret_cast<const char*>(letters), static_cast<std::size_t>(count)});
    });
  }

  fs::path path_;
  VotableContent& content_;
  std::unique_ptr<std::istream> file_;
  xmlSAXHandler handlers_{};
  xmlParserCtxtPtr context_ = nullptr;
  std::exception_ptr failure_;
  std::string block_;
  bool ended_ = false;
};

class VotableReader final : public TableReader {
 public:
  VotableReader(const fs::path& path, const TableTest& wanted) : path_{path} {
    open(wanted);
    if (!content_->is_chosen() && content_->tables() > 0) open({});
    if (!content_->is_chosen()) throw Error{path.string() + ": holds no table with rows", "is it a whole VOTable?"};
    if (content_->tables() > 1)
      add_note(fmt::format("{}: the table is number {}{}", path.string(), content_->tables(),
                           content_->table_name().empty() ? "" : " (" + content_->table_name() + ")"));
    std::vector<std::string> left_out;
    for (std::size_t i = 0; i < content_->fields().size(); ++i) {
      const VotableField& field = content_->fields()[i];
      if (field.is_single()) {
        kept_.push_back(i);
        add_column(content_->head_of(field));
      } else {
        left_out.push_back(field.name);
      }
    }
    if (!left_out.empty()) add_note(path.string() + ": " + left_out_note(left_out));
  }

  bool next(std::vector<std::string_view>& fields) override {
    while (true) {
      if (auto row = content_->take_row()) {
        row_ = std::move(*row);
        break;
      }
      if (content_->is_done() || !parser_->feed()) {
        if (auto last = content_->take_row()) {
          row_ = std::move(*last);
          break;
        }
        return false;
      }
    }
    ++number_;
    fields.clear();
    for (const std::size_t i : kept_) fields.push_back(row_[i]);
    return true;
  }
  std::string where() const override { return fmt::format("{}, row {}", path_.string(), number_); }

 private:
  void open(const TableTest& wanted) {
    parser_.reset();
    content_ = std::make_unique<VotableContent>(path_.string(), wanted);
    parser_ = std::make_unique<VotableParser>(path_, *content_);
    while (!content_->is_chosen() && parser_->feed()) {
    }
  }

  fs::path path_;
  std::unique_ptr<VotableContent> content_;
  std::unique_ptr<VotableParser> parser_;
  std::vector<std::size_t> kept_;  ///< fields of one value
  std::vector<std::string> row_;
  std::int64_t number_ = 0;
};

}  // namespace

std::unique_ptr<TableReader> open_votable(const fs::path& path, const TableTest& wanted) {
  return std::make_unique<VotableReader>(path, wanted);
}

}  // namespace lensfind::sky
