#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lensfind/base/value.h"

/// Pieces of an HTML page. Whatever comes from a user (ids, paths, names) passes through escape().
namespace lensfind::report {

/// Text that is safe between tags and inside quoted attributes; bytes that are no UTF-8 become U+FFFD.
std::string escape(std::string_view text);

/// Base64 (RFC 4648) of bytes, for data: addresses.
std::string base64(std::string_view bytes);

/// JSON that may stand inside a `<script>` element: `<` is written as `\u003c`, so that no `</script>` ends it.
std::string script_json(const Value& value);

/// A value as nested definition lists. For provenance, of which the report knows only that it is data.
std::string value_html(const Value& value);

/// A whole page: the embedded style sheet and script, a policy that forbids every request, and `body`. `title` is escaped here.
std::string page_html(std::string_view title, std::string_view body);

}  // namespace lensfind::report
