#pragma once

#include "lensfind/base/error.h"
#include "lensfind/cli/arguments.h"
#include "lensfind/network/onnx_file.h"

namespace lensfind::cli {

/// --onnx-output and --onnx-size.
inline void declare_onnx_choice(Arguments& arguments, network::OnnxChoice& into) {
  arguments.option(into.output, "--onnx-output", "NAME", "of an .onnx file with several outputs the one that is the logits");
  arguments.option(into.size, "--onnx-size", "PIXELS",
                   "side of the cutouts of an .onnx file that takes any (default: as the cutouts have)");
}

}  // namespace lensfind::cli
