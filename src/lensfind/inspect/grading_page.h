#pragma once

#include <string_view>

namespace lensfind::inspect {

/// page/grading.html and its style and scripts as they were when the program was built.
extern const std::string_view grading_html, grading_css, gallery_js, backend_js, static_backend_js, list_js, pictures_js, grading_js;

}  // namespace lensfind::inspect
