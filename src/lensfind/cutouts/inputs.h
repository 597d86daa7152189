#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/hash128.h"
#include "lensfind/base/progress.h"
#include "lensfind/cutouts/file_list.h"
#include "lensfind/cutouts/sources.h"
#include "lensfind/image/image.h"
#include "lensfind/sky/columns.h"

namespace lensfind::cutouts {

/// One cutout that is to be scored.
struct Input {
  std::string id;                   ///< path relative to the INPUT folder without suffix ("sub/12"), or "stack.npy#12"
  std::string name;                 ///< as the table of rejected inputs names it ("sub/12.npy")
  std::filesystem::path path = {};  ///< of its file, or of one of its bands; of a catalogue's objects none
  std::shared_ptr<const Source> source;
  std::int64_t index = 0;        ///< in the source
  bool of_stack = false;         ///< it is one image of several
  std::string columns = {};      ///< of a catalogue: further fields of its row, as CSV, each after a comma
  bool reports_missing = false;  ///< the fraction of missing pixels follows
  std::shared_ptr<const PixelRules> rules = {};
  std::optional<sky::Position> position = {};  ///< as a list gives it
  bool may_have_position = false;              ///< it has one, or is a FITS file, whose header may say it
  bool reports_position = false;               ///< `ra` and `dec` follow
  std::vector<float> seeing = {};              ///< FWHM in arcsec a band, as a catalogue or list says it, NaN where not; empty: none does
};

/// What is to be scored.
struct InputOptions {
  std::vector<std::filesystem::path> arguments;    ///< INPUT: folders, cutouts, stacks, lists (file_list.h)
  std::vector<std::string> bands;                  ///< the model's, in its order; empty: unknown
  std::optional<std::filesystem::path> catalogue;  ///< where given, the arguments are fields, and its objects are cut from them
  sky::ColumnNames columns = {};                   ///< columns of the catalogue's ids and positions, where the usual names do not tell
  image::ImageShape wanted;                        ///< bands and size of what is cut from fields
  PixelRules rules = {};                           ///< how pixels are read; its bands are replaced by these
  std::string pattern = {};                        ///< how files of one band are named (file_list.h)
  bool long_ids = false;                           ///< ids begin with the argument (file_list.h)
  bool positions = false;                          ///< whether the scores have columns `ra` and `dec`: count_inputs() met inputs that may
                                                   ///< have positions
  bool npy_stacks = true;                          ///< false: count_inputs() met none, so .npy files are taken for single cutouts unseen
};

/// How the files that the arguments stand for are listed.
ListOptions list_options_of(const InputOptions& options);

/// The cutouts that INPUT arguments stand for, one after the other, always in the same order. Memory does not grow with the number of
/// inputs, except for the names of one folder.
class InputStream {
 public:
  /// Throws Error where an argument does not exist or is of no known kind.
  explicit InputStream(InputOptions options);
  ~InputStream();
  InputStream(InputStream&&) noexcept;
  InputStream& operator=(InputStream&&) noexcept;

  /// Names of the columns behind id, logit and probability: a catalogue's, or ra and dec where options.positions says so.
  [[nodiscard]] const std::vector<std::string>& columns() const;
  /// The next input, or nothing at the end. Throws Error where a folder or list cannot be read: that is no reason to set inputs aside.
  /// After a MachineFault (base/open_file.h) it may be asked again for the same input.
  std::optional<Input> next();
  /// Passes over `count` inputs, in stacks without looking at each. Returns how many it passed over.
  std::int64_t skip(std::int64_t count);
  /// Passes over what is left of the last input's stack, but at most `max` images. Returns how many.
  std::int64_t skip_stack(std::int64_t max = std::numeric_limits<std::int64_t>::max());
  /// Whether one of the inputs so far was of an .npy stack.
  [[nodiscard]] bool met_npy_stack() const;
  /// What was met so far besides inputs.
  [[nodiscard]] const ListFindings& findings() const;
  /// Throws Error where one of the arguments has gone since the beginning. What cannot be read then is not bad, but away.
  void check_arguments() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// How many inputs there are, whether .npy stacks are among them, and a fingerprint of the list.
struct InputCount {
  std::int64_t count = 0;
  bool npy_stacks = false;
  bool positions = false;           ///< some may have a position: FITS files, and what lists give one
  ListFindings findings = {};       ///< what was met besides inputs
  std::vector<Hash128> parts = {};  ///< fingerprints (list_print.h) of each `part` inputs
  std::string fingerprint = {};     ///< of all inputs: 32 hexadecimal digits that change where an id or the order does
};
InputCount count_inputs(const InputOptions& options, std::int64_t part = 4096, const StopFlag& stop = never_stop());

/// The fields of an input's row behind id, logit and probability, each after a comma: its columns, `missing` where it reports that, and its
/// position (ICRS, degrees). The position is what its list says, else the middle of its FITS file, else empty.
std::string further_fields(const Input& input, double missing);

/// How pixels are read with these options, in words. A resumed run must read them alike.
std::string reading_text(const InputOptions& options);

/// Reads an input's pixels as a network wants them, all finite, by the input's rules. Throws Error with the reason where it does not fit,
/// without the input's name.
Fitting read_input(const Input& input, image::MutableImageView wanted);

}  // namespace lensfind::cutouts
