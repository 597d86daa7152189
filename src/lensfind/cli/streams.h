#pragma once

#include <string_view>

namespace lensfind::cli {

/// Opens /dev/null in place of those of stdin, stdout and stderr that are closed, so that no file of the work ever gets their numbers, and
/// lets a pipe without a reader and a limit on file sizes be errors of a write instead of the program's death.
void prepare_streams();

/// A message on stderr. Never throws: where stderr is full, or its reader is gone, the message is lost and the work goes on.
void print_message(std::string_view text);

/// A result on stdout. Never throws: results_are_written() tells afterwards whether all arrived.
void print_result(std::string_view text);

/// Whether stdout took all results. A reader that had enough and left (`| head`) is no fault.
bool results_are_written();

}  // namespace lensfind::cli
