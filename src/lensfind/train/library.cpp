#include "lensfind/train/library.h"

#include "lensfind/train/device.h"

using namespace lensfind::train;

extern "C" {
extern const Library lensfind_train_library;
const Library lensfind_train_library{read_recipe,
                                     train,
                                     parse_recipe,
                                     parse_ensemble,
                                     plan_series,
                                     train_series,
                                     open_batch_feed,
                                     fine_tune,
                                     refresh_norm_statistics,
                                     logits_of,
                                     head_features,
                                     torch_version,
                                     read_pretrain_recipe,
                                     pretrain};
}
