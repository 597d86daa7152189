#include "lensfind/cutouts/inputs.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <sys/stat.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/cutouts/field_inputs.h"
#include "lensfind/cutouts/file_list.h"
#include "lensfind/cutouts/list_print.h"
#include "lensfind/cutouts/npz_sources.h"
#include "lensfind/cutouts/set_facts.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

/// Consecutive inputs with one source.
struct Group {
  ListedFile file;
  std::shared_ptr<const Source> source;
  bool stack = false;
  std::int64_t count = 1;
};

using Identity = std::pair<std::uint64_t, std::uint64_t>;

/// Device and inode, or nothing where there is no such file.
std::optional<Identity> identity_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return Identity{status.st_dev, status.st_ino};
}

}  // namespace

ListOptions list_options_of(const InputOptions& options) {
  return {.bands = options.bands, .pattern = options.pattern, .columns = options.columns, .long_ids = options.long_ids};
}

struct InputStream::State {
  InputOptions options;
  std::shared_ptr<const PixelRules> rules;
  std::unique_ptr<FieldInputs> objects;  ///< of a catalogue; null: the inputs are the files
  std::vector<fs::path> watched;
  std::vector<std::optional<Identity>> identities;
  std::size_t next_argument = 0;
  FileList files;
  ListOptions list_options;
  std::shared_ptr<ListFindings> findings = std::make_shared<ListFindings>();
  std::uintmax_t cutout_bytes = 0;  ///< size of the last file that was one cutout
  bool met_npy_stack = false;
  std::optional<ListedFile> pending;  ///< listed, but not yet a group
  std::shared_ptr<NpzStacks> npz_stacks = std::make_shared<NpzStacks>();
  std::optional<Group> group;
  std::int64_t index = 0;  ///< of the next input in the group

  fs::path set;  ///< whose facts the rules have

  std::optional<ListedFile> next_file();
  /// Rules with what is known of the simulated set that an argument is of.
  void take_rules_of(const fs::path& argument);
  Group group_of(ListedFile listed);
  Group group_of_npz(ListedFile file) const;
  /// Goes to the next group; false at the end.
  bool advance();
  std::optional<Input> next_of_files();
};

std::optional<ListedFile> InputStream::State::next_file() {
  while (true) {
    if (files) {
      if (auto file = files()) return file;
      files = nullptr;
    }
    if (next_argument == options.arguments.size()) return {};
    const fs::path& argument = options.arguments[next_argument++];
    files = files_of(argument, list_options);
    take_rules_of(argument);
  }
}

void InputStream::State::take_rules_of(const fs::path& argument) {
  std::error_code unknown;
  const fs::path place = fs::is_directory(argument, unknown) ? argument : argument.parent_path();
  if (next_argument > 1 && place == set) return;
  set = place;
  PixelRules of_argument = options.rules;
  of_argument.of_set = facts_of_set(place);
  rules = std::make_shared<const PixelRules>(std::move(of_argument));
}

Group InputStream::State::group_of(ListedFile listed) {
  if (listed.kind == FileKind::npz && listed.bands.empty()) return group_of_npz(std::move(listed));
  Group cutout{std::move(listed), nullptr};
  const ListedFile& file = cutout.file;
  cutout.source =
      file.bands.empty() ? cutout_source(file.path, file.kind, rules->mask_planes) : band_files_source(file.bands, rules->mask_planes);
  if (!file.bands.empty() || file.kind == FileKind::fits || !options.npy_stacks) return cutout;
  // Opening each file to see whether it is a stack would double the work on a cold disk: files as long as the last cutout are taken for
  // cutouts (a stack among them is set aside by name when it is read).
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file.path, error);
  if (error || bytes == cutout_bytes) return cutout;
  try {
    if (image::is_npy_stack(file.path)) {
      StackSource stack = stack_source(file.path);
      met_npy_stack = true;
      if (stack.count > 0) return {file, std::move(stack.source), true, stack.count};
    } else {
      cutout_bytes = bytes;
    }
  } catch (const MachineFault&) {
    throw;  // a stack must not count as one cutout
  } catch (const Error&) {
    return cutout;  // reading it says what is wrong with it
  }
  return cutout;
}

Group InputStream::State::group_of_npz(ListedFile file) const {
  try {
    StackSource stack = npz_source(file.path, options.bands, npz_stacks);
    if (stack.count > 0) return {std::move(file), std::move(stack.source), stack.stack, stack.count};
  } catch (const MachineFault&) {
    throw;
  } catch (const Error& error) {
    return {std::move(file), unreadable_source(error.what(), error.hint())};
  } catch (const std::bad_alloc&) {
    return {std::move(file), unreadable_source("needs more memory than there is", "unpack it into an .npy stack")};
  }
  return {std::move(file), unreadable_source("holds no image", "write it again")};
}

bool InputStream::State::advance() {
  if (!pending) pending = next_file();
  group.reset();
  index = 0;
  if (!pending) return false;
  group = group_of(*pending);  // where it throws it can be tried again
  pending.reset();
  return true;
}

InputStream::InputStream(InputOptions options) : state_{std::make_unique<State>()} {
  State& state = *state_;
  state.options = std::move(options);
  state.options.rules.bands = state.options.bands;
  state.rules = std::make_shared<const PixelRules>(state.options.rules);
  state.watched = state.options.arguments;
  if (state.options.catalogue) {
    state.objects = std::make_unique<FieldInputs>(state.options);
    state.watched.push_back(*state.options.catalogue);
  } else {
    // A misspelt second argument is an error now, not after a night.
    state.list_options = list_options_of(state.options);
    for (const fs::path& argument : state.options.arguments) files_of(argument, state.list_options);
    state.list_options.findings = state.findings;
  }
  for (const fs::path& path : state.watched) state.identities.push_back(identity_of(path));
}

const std::vector<std::string>& InputStream::columns() const {
  static const std::vector<std::string> none, positions{"ra", "dec"};
  if (state_->objects) return state_->objects->columns();
  return state_->options.positions ? positions : none;
}

InputStream::~InputStream() = default;
InputStream::InputStream(InputStream&&) noexcept = default;
InputStream& InputStream::operator=(InputStream&&) noexcept = default;

std::optional<Input> InputStream::next() {
  State& state = *state_;
  std::optional<Input> input = state.objects ? state.objects->next() : state.next_of_files();
  if (input) input->rules = state.rules;
  return input;
}

std::optional<Input> InputStream::State::next_of_files() {
  if ((!group || index == group->count) && !advance()) return {};
  const std::int64_t number = index++;
  const ListedFile& file = group->file;
  Input input{.id = file.id,
              .name = file.name,
              .path = file.path,
              .source = group->source,
              .index = number,
              .of_stack = group->stack,
              .position = file.position,
              .seeing = file.seeing};
  input.reports_position = options.positions;
  input.may_have_position = file.position || (file.kind == FileKind::fits && !group->stack);
  if (!group->stack) return input;
  input.name = fmt::format("{}#{}", file.name, number);
  input.id = file.id_given ? fmt::format("{}#{}", file.id, number) : input.name;
  return input;
}

std::int64_t InputStream::skip(std::int64_t count) {
  State& state = *state_;
  std::int64_t skipped = 0;
  while (state.objects && skipped < count && state.objects->next()) ++skipped;
  if (state.objects) return skipped;
  while (skipped < count) {
    if ((!state.group || state.index == state.group->count) && !state.advance()) break;
    const std::int64_t now = std::min(count - skipped, state.group->count - state.index);
    state.index += now;
    skipped += now;
  }
  return skipped;
}

std::int64_t InputStream::skip_stack(std::int64_t max) {
  if (!state_->group) return 0;
  const std::int64_t count = std::min(max, state_->group->count - state_->index);
  state_->index += count;
  return count;
}

bool InputStream::met_npy_stack() const { return state_->met_npy_stack; }

const ListFindings& InputStream::findings() const { return *state_->findings; }

void InputStream::check_arguments() const {
  for (std::size_t i = 0; i < state_->watched.size(); ++i) {
    if (identity_of(state_->watched[i]) != state_->identities[i]) {
      throw Error{state_->watched[i].string() + ": has gone while it was read", "bring it back (is it mounted?) and go on with --resume"};
    }
  }
}

InputCount count_inputs(const InputOptions& options, std::int64_t part, const StopFlag& stop) {
  InputStream stream{options};
  InputCount result;
  ListPrint print;
  const auto end_part = [&](std::int64_t count) { result.parts.push_back(print.take(count)); };
  while (const auto input = stream.next()) {
    if (stop) throw Stopped{"stopped while the inputs were counted", "start it again"};
    const std::int64_t place = result.count % part;
    print.add(*input, place);
    result.count += 1 + stream.skip_stack(part - place - 1);
    if (result.count % part == 0) end_part(part);
    result.positions = result.positions || input->may_have_position;
  }
  if (result.count % part != 0) end_part(result.count % part);
  result.npy_stacks = stream.met_npy_stack();
  result.fingerprint = hash128(std::as_bytes(std::span{result.parts})).text();
  result.findings = stream.findings();
  return result;
}

std::string further_fields(const Input& input, double missing) {
  std::string fields = input.columns;
  if (input.reports_missing) fields += fmt::format(",{:.3g}", missing);
  if (!input.reports_position) return fields;
  const std::optional<sky::Position> position = input.position ? input.position : input.source->position(input.index);
  return fields + (position ? fmt::format(",{:.7f},{:.7f}", position->ra_deg, position->dec_deg) : ",,");
}

std::string reading_text(const InputOptions& options) {
  PixelRules rules = options.rules;
  rules.bands = options.bands;
  return fmt::format("{}; {}{}{}", rules_text(rules), options.catalogue ? "cut from fields" : "cutouts",
                     options.columns.ra.empty() ? "" : fmt::format(" at {}, {}", options.columns.ra, options.columns.dec),
                     options.pattern.empty() ? "" : "; named " + options.pattern);
}

Fitting read_input(const Input& input, image::MutableImageView wanted) {
  static const PixelRules plain;
  const PixelRules& rules = input.rules ? *input.rules : plain;
  return input.source->read_by(rules, input.index, wanted);
}

}  // namespace lensfind::cutouts
