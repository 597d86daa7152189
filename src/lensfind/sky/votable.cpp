#include <istream>
#include <map>

#include <fmt/format.h>
#include <libxml/parser.h>

#include "lensfind/base/error.h"
#include "lensfind/base/text_stream.h"
#include "lensfind/sky/table_formats.h"
#include "lensfind/sky/votable_content.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_bytes = std::size_t{1} << 16;

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
  ~VotableParser() {
    xmlFreeDoc(context_->myDoc);  // there is one where the file declares entities; null else
    xmlFreeParserCtxt(context_);
  }

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
