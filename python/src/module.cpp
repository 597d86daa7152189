#include "bindings.h"

NB_MODULE(_core, module) {
  using namespace lensfind::python;
  module.attr("__version__") = LENSFIND_VERSION;
  bind_errors();
  bind_network(module);
  bind_score_run(module);
  bind_evaluation(module);
  bind_survey(module);
  bind_scene(module);
  bind_field_cutouts(module);
  bind_field_set(module);
  bind_pictures(module);
  bind_training(module);
}
