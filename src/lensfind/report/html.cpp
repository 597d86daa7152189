#include "lensfind/report/html.h"

#include <cstdint>

#include <fmt/format.h>

#include "lensfind/base/utf8.h"
#include "lensfind/report/page_files.h"

namespace lensfind::report {

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char letter : valid_utf8(text)) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t held = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (k < held ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= held ? alphabet[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

std::string script_json(const Value& value) {
  std::string out;
  for (const char letter : to_json(value, -1)) {
    if (letter == '<')
      out += "\\u003c";
    else
      out += letter;
  }
  return out;
}

std::string value_html(const Value& value) {
  if (value.is_string()) return escape(value.as_string());
  if (value.is_array()) {
    std::string out = "<ul>";
    for (const Value& item : value.as_array()) out += "<li>" + value_html(item) + "</li>";
    return out + "</ul>";
  }
  if (value.is_object()) {
    std::string out = "<dl>";
    for (const auto& [key, member] : value.as_object()) out += "<dt>" + escape(key) + "</dt><dd>" + value_html(member) + "</dd>";
    return out + "</dl>";
  }
  return escape(to_json(value, -1));
}

std::string page_html(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src "
      "'unsafe-inline'\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n{}\n<script>\n{}</script>\n</body>\n</html>\n",
      escape(title), page_css, body, page_js);
}

}  // namespace lensfind::report
