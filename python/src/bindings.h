#pragma once

#include <nanobind/nanobind.h>

/// The rooms as Python sees them: thin functions on arrays, paths and dictionaries. python/lensfind/ makes the interface of them.
namespace lensfind::python {

namespace nb = nanobind;

void bind_errors();                            ///< Error and Stopped become lensfind.Error and KeyboardInterrupt
void bind_network(nb::module_& module);        ///< scores of arrays
void bind_score_run(nb::module_& module);      ///< scores of files and fields
void bind_evaluation(nb::module_& module);     ///< figures of anybody's scores
void bind_survey(nb::module_& module);         ///< simulated cutouts
void bind_scene(nb::module_& module);          ///< rendered scenes
void bind_field_cutouts(nb::module_& module);  ///< what is cut from fields
void bind_field_set(nb::module_& module);      ///< which fields positions lie in
void bind_pictures(nb::module_& module);       ///< cutouts in colours
void bind_training(nb::module_& module);       ///< the training room, loaded when it is first asked for

}  // namespace lensfind::python
