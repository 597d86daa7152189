#pragma once

#include <string_view>

namespace lensfind::report {

/// page/page.css and page/page.js as they were when the program was built.
extern const std::string_view page_css;
extern const std::string_view page_js;

}  // namespace lensfind::report
