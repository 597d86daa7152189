#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/value.h"

namespace lensfind::cli {

/// One command of the program, or a part of one, as `grades merge`. `run` gets the words behind the name and returns the exit status.
struct Command {
  const char* name;
  const char* summary;
  int (*run)(const std::vector<std::string>& words);
  const std::vector<Command>& (*parts)() = nullptr;
};

/// In the order in which `lensfind --help` shows them.
const std::vector<Command>& commands();

const std::vector<Command>& survey_parts();
const std::vector<Command>& grades_parts();

/// [{"name", "summary"}]
Value names_and_summaries(const std::vector<Command>& commands);

/// Runs the part that words[0] names, with the words behind it. Throws HelpAsked with `about` and the parts where no part is named, Usage
/// where there is none of the name.
int run_part(const std::string& command, const std::string& about, const std::vector<Command>& parts,
             const std::vector<std::string>& words);

int demo_command(const std::vector<std::string>& words);
int simulate_command(const std::vector<std::string>& words);
int survey_command(const std::vector<std::string>& words);
int render_command(const std::vector<std::string>& words);
int pretrain_command(const std::vector<std::string>& words);
int train_command(const std::vector<std::string>& words);
int adapt_command(const std::vector<std::string>& words);
int cascade_command(const std::vector<std::string>& words);
int import_command(const std::vector<std::string>& words);
int ensemble_command(const std::vector<std::string>& words);
int calibrate_command(const std::vector<std::string>& words);
int merge_command(const std::vector<std::string>& words);
int match_command(const std::vector<std::string>& words);
int export_command(const std::vector<std::string>& words);
int evaluate_command(const std::vector<std::string>& words);
int compare_command(const std::vector<std::string>& words);
int combine_command(const std::vector<std::string>& words);
int score_command(const std::vector<std::string>& words);
int inspect_command(const std::vector<std::string>& words);
int grades_command(const std::vector<std::string>& words);
int candidates_command(const std::vector<std::string>& words);
int models_command(const std::vector<std::string>& words);
int networks_command(const std::vector<std::string>& words);
int check_command(const std::vector<std::string>& words);
int doctor_command(const std::vector<std::string>& words);
int version_command(const std::vector<std::string>& words);
int completion_command(const std::vector<std::string>& words);
int manual_command(const std::vector<std::string>& words);

/// Folders in which recipes and surveys are looked for by name: $LENSFIND_DATA, then share/lensfind beside the program's bin folder.
std::vector<std::filesystem::path> data_folders(const std::string& kind);

/// The command line as it could be given again.
std::string command_line(const std::string& command, const std::vector<std::string>& words);

}  // namespace lensfind::cli
