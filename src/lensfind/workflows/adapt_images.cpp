#include "lensfind/workflows/adapt_images.h"

#include <algorithm>
#include <set>
#include <span>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/parallel.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/dataset/duplicates.h"
#include "lensfind/model/seen.h"
#include "lensfind/score/seeing.h"
#include "lensfind/sky/catalogue.h"
#include "lensfind/sky/matching.h"
#include "lensfind/sky/table.h"

namespace lensfind::workflows {
namespace {

constexpr std::int64_t fewest_of_a_class = 10;
constexpr double same_object_arcsec = 2;

/// The table of labels: what stands in it, and which ids were met.
struct LabelTable {
  struct Row {
    Label label = Label::unknown;
    float target = .5F;     ///< the probability of a lens
    bool doubtful = false;  ///< neither for certain
    std::string group;
    bool met = false;
  };
  std::unordered_map<std::string, Row> rows;
  std::string first;  ///< id of the first row
};

/// A label as people write it, or a probability between 0 and 1.
LabelTable::Row row_of(std::string_view text, const std::string& where) {
  if (const auto known = label_from_text(text)) {
    const float target = *known == Label::lens ? 1.F : *known == Label::non_lens ? 0.F : .5F;
    return {.label = *known, .target = target, .group = {}};
  }
  const auto number = parse_number(text);
  if (!number || !(*number > 0) || !(*number < 1)) {
    throw Error{fmt::format("{}: the label is `{}`", where, text),
                std::string{label_hint} + "; a number between 0 and 1 is a doubtful one: it trains, and judges nothing"};
  }
  return {.label = *number >= .5 ? Label::lens : Label::non_lens, .target = static_cast<float>(*number), .doubtful = true, .group = {}};
}

LabelTable read_labels(const AdaptOptions& options) {
  LabelTable out;
  if (options.labels.empty()) return out;
  const auto table = sky::open_table(options.labels);
  std::vector<std::string> notes;
  const auto id = sky::find_id_column(table->columns(), options.columns.id, options.labels, notes);
  if (!id)
    throw Error{options.labels.string() + ": no column `id`", "give a table with the columns id and label, or name it with --id-column"};
  const std::size_t label = sky::column_named(table->columns(), "label", options.labels);
  const auto group = std::ranges::find(table->columns(), "group");
  std::vector<std::string_view> fields;
  while (table->next(fields)) {
    LabelTable::Row row = row_of(fields[label], table->where());
    if (group != table->columns().end()) row.group = fields[static_cast<std::size_t>(group - table->columns().begin())];
    if (out.first.empty()) out.first = fields[*id];
    if (!out.rows.try_emplace(std::string{fields[*id]}, row).second)
      throw Error{fmt::format("{}: the id `{}` stands twice", table->where(), fields[*id]), "give every image one label"};
  }
  return out;
}

/// Known lenses, by their ids and positions.
class KnownLenses {
 public:
  explicit KnownLenses(const AdaptOptions& options) {
    if (options.known.empty()) return;
    std::vector<sky::Position> positions;
    const auto table = sky::open_table(options.known);
    if (sky::PositionColumns::are_in(table->heads(), options.columns)) {
      sky::Catalogue list{options.known, sky::names_in(table->columns(), options.columns)};
      while (const auto object = list.next()) {
        ids_.insert(object->id);
        if (object->position) positions.push_back(*object->position);
      }
      if (!positions.empty()) index_.emplace(positions, same_object_arcsec);
    } else {
      read_ids(*table, options);
    }
  }

  [[nodiscard]] bool holds(const cutouts::Input& input) const {
    if (ids_.contains(input.id)) return true;
    if (!index_) return false;
    const auto place = input.position ? input.position : input.source->position(input.index);
    bool found = false;
    if (place) index_->near(*place, [&](std::size_t, double) { found = true; });
    return found;
  }

 private:
  void read_ids(sky::TableReader& table, const AdaptOptions& options) {
    std::vector<std::string> notes;
    const auto id = sky::find_id_column(table.columns(), options.columns.id, options.known, notes);
    if (!id)
      throw Error{options.known.string() + ": has neither ids nor positions",
                  "name its columns with --id-column, --ra-column, --dec-column"};
    std::vector<std::string_view> fields;
    while (table.next(fields)) ids_.emplace(fields[*id]);
  }

  std::set<std::string, std::less<>> ids_;
  std::optional<sky::PositionIndex> index_;
};

cutouts::InputOptions inputs_of(const AdaptOptions& options, const model::Model& model) {
  cutouts::InputOptions inputs{.arguments = options.images,
                               .bands = options.bands.empty() ? model.band_names : options.bands,
                               .catalogue = options.catalogue,
                               .columns = options.columns,
                               .wanted = {model.graph.bands, model.graph.size, model.graph.size},
                               .rules = options.rules,
                               .pattern = options.pattern};
  if (!inputs.rules.pixel_scale_arcsec) inputs.rules.pixel_scale_arcsec = model.pixel_scale_arcsec;
  const bool in_any_unit = model.preprocessing.scaling != network::Preprocessing::Scaling::none;
  const bool told_noise = model.preprocessing.quality.has_value();
  inputs.rules.zero_point_may_lack = told_noise && in_any_unit && !inputs.rules.zero_point;
  if (!inputs.rules.zero_point && (!in_any_unit || told_noise)) inputs.rules.zero_point = model.zero_point;
  return inputs;
}

/// Images while they are read.
class Reading {
 public:
  Reading(const AdaptOptions& options, cutouts::InputOptions inputs, Progress& progress, const StopFlag& stop)
      : options_{options}, inputs_{std::move(inputs)}, labels_{read_labels(options)}, known_{options}, progress_{progress}, stop_{stop} {}

  OwnImages read() {
    const cutouts::InputCount counted = cutouts::count_inputs(inputs_, 4096, stop_);
    images_.inputs = counted.count;
    inputs_.npy_stacks = counted.npy_stacks;
    choose(counted.count);
    take_pixels();
    finish();
    return std::move(images_);
  }

 private:
  void choose(std::int64_t count);
  void take_pixels();
  void finish();
  void check_labels() const;
  void check_classes() const;
  void set_learnt_apart();
  void join_copies();
  void set_doubtful_apart();
  [[nodiscard]] dataset::Sample sample_of(const cutouts::Input& input) const;

  const AdaptOptions& options_;
  cutouts::InputOptions inputs_;
  LabelTable labels_;
  KnownLenses known_;
  Progress& progress_;
  const StopFlag& stop_;
  OwnImages images_;
  std::vector<cutouts::Input> chosen_;  ///< labelled ones first
  std::string first_id_, first_problem_;
  std::int64_t known_lenses_ = 0, unreadable_ = 0;
};

void Reading::choose(std::int64_t count) {
  const std::int64_t unlabelled = std::max<std::int64_t>(0, count - static_cast<std::int64_t>(labels_.rows.size())),
                     most = options_.max_images;
  const std::int64_t step = most > 0 ? std::max<std::int64_t>(1, (unlabelled + most - 1) / most) : 0;
  std::int64_t other = 0;
  std::vector<cutouts::Input> others;
  cutouts::InputStream stream{inputs_};
  for (std::int64_t i = 0; auto input = stream.next(); ++i) {
    if (stop_) throw Stopped{"stopped while the images were listed", "start it again"};
    if (i == 0) first_id_ = input->id;
    const auto row = labels_.rows.find(input->id);
    if (row != labels_.rows.end()) {
      row->second.met = true;
      if (row->second.label != Label::unknown) {
        chosen_.push_back(*std::move(input));
        continue;
      }
    }
    if (step == 0 || other++ % step != 0) continue;
    if (known_.holds(*input)) {
      ++known_lenses_;
    } else {
      others.push_back(*std::move(input));
    }
  }
  std::ranges::move(others, std::back_inserter(chosen_));
}

dataset::Sample Reading::sample_of(const cutouts::Input& input) const {
  dataset::Sample sample{.id = input.id, .path = input.path, .group = input.id};
  if (const auto row = labels_.rows.find(input.id); row != labels_.rows.end()) {
    sample.label = row->second.label;
    if (!row->second.group.empty()) sample.group = row->second.group;
  }
  return sample;
}

void Reading::take_pixels() {
  const image::ImageShape shape = inputs_.wanted;
  const auto bands = static_cast<std::size_t>(shape.bands);
  std::vector<float> pixels(chosen_.size() * shape.values()), seeing(chosen_.size() * bands);
  std::vector<std::string> problems(chosen_.size());
  progress_.start("reading", static_cast<std::int64_t>(chosen_.size()), "images");
  parallel_for(
      static_cast<std::int64_t>(chosen_.size()), options_.threads,
      [&](std::int64_t index) {
        const auto i = static_cast<std::size_t>(index);
        try {
          cutouts::Fitting fitting = cutouts::read_input(chosen_[i], {shape, pixels.data() + i * shape.values()});
          score::take_seeing(chosen_[i], fitting, std::span{seeing}.subspan(i * bands, bands));
        } catch (const Error& error) {
          problems[i] = fmt::format("{}: {}", chosen_[i].name, error.what());
        }
      },
      progress_, stop_);
  progress_.finish();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    if (!problems[i].empty()) {
      if (unreadable_++ == 0) first_problem_ = problems[i];
      continue;
    }
    float* to = pixels.data() + kept * shape.values();
    if (kept != i) std::copy_n(pixels.data() + i * shape.values(), shape.values(), to);
    const auto own_seeing = std::span{seeing}.subspan(i * bands, bands);
    images_.data.seeing.insert(images_.data.seeing.end(), own_seeing.begin(), own_seeing.end());
    images_.data.samples.push_back(sample_of(chosen_[i]));
    const auto row = labels_.rows.find(chosen_[i].id);
    images_.targets.push_back(row == labels_.rows.end() ? .5F : row->second.target);
    images_.data.any_rotation.push_back(dataset::hash_of_any_rotation({shape, to}));
    images_.data.hashes.push_back(images_.data.any_rotation.back());
    ++kept;
  }
  pixels.resize(kept * shape.values());
  images_.data.shape = shape;
  images_.data.pixels = dataset::PixelStore{shape, std::move(pixels)};
}

void Reading::check_labels() const {
  const auto met = std::ranges::count_if(labels_.rows, [](const auto& row) { return row.second.met; });
  if (!options_.labels.empty() && met == 0) {
    throw Error{fmt::format("{}: none of its {} ids is an image here (its first: `{}`; that of the images: `{}`)", options_.labels.string(),
                            labels_.rows.size(), labels_.first, first_id_),
                "ids are those of a table that `lensfind score` writes for the same images"};
  }
}

void Reading::check_classes() const {
  if (options_.labels.empty()) return;
  const std::vector<Label> labels = images_.labels();
  for (const Label label : {Label::lens, Label::non_lens}) {
    const auto count = std::ranges::count(labels, label);
    if (count >= fewest_of_a_class) continue;
    const char* name = label == Label::lens ? "lenses" : "non-lenses";
    const std::string learnt =
        images_.learnt.empty() ? "" : fmt::format(", without {} images that the model was trained on", images_.learnt.size());
    throw Error{fmt::format("{}: {} of the images are labelled as {}{}; {} of each class are the least that can be judged on",
                            options_.labels.string(), count, name, learnt, fewest_of_a_class),
                !images_.learnt.empty() ? "begin with the model that these labels did not train yet"
                : count == 0            ? fmt::format("label some {} too: `lensfind inspect` helps, `grades export` writes the table", name)
                                        : std::string{"label more, or leave --labels out: then nothing is judged"}};
  }
}

/// A model judged on what trained it would be flattered.
void Reading::set_learnt_apart() {
  const std::vector<dataset::StoodIn> before = model::stood_in(images_.data, model::read_seen(options_.model));
  std::vector<std::int64_t> judge;
  for (const std::int64_t i : images_.labelled)
    (before[static_cast<std::size_t>(i)] == dataset::StoodIn::training ? images_.learnt : judge).push_back(i);
  images_.labelled = std::move(judge);
  if (!images_.learnt.empty())
    images_.notes.push_back(fmt::format("the model was trained on {} of the labelled images already: they train again, and judge nothing",
                                        images_.learnt.size()));
}

void Reading::set_doubtful_apart() {
  std::vector<std::int64_t> certain;
  std::size_t doubtful = 0;
  for (const std::int64_t i : images_.labelled) {
    const auto row = labels_.rows.find(images_.data.samples[static_cast<std::size_t>(i)].id);
    const bool is_doubtful = row != labels_.rows.end() && row->second.doubtful;
    doubtful += is_doubtful ? 1 : 0;
    (is_doubtful ? images_.learnt : certain).push_back(i);
  }
  images_.labelled = std::move(certain);
  if (doubtful > 0) images_.notes.push_back(fmt::format("{} labels are doubtful: their images train, and judge nothing", doubtful));
}

/// Copies of one image get one group; unlabelled copies of labelled ones would tell the answer.
void Reading::join_copies() {
  const auto copies = dataset::exact_duplicates(images_.data.any_rotation);
  dataset::join_groups(copies, images_.data.samples);
  std::set<std::size_t> left_out;
  for (const std::vector<std::int64_t>& set : copies) {
    bool labelled = false;
    for (const std::int64_t i : set) labelled = labelled || images_.data.samples[static_cast<std::size_t>(i)].label != Label::unknown;
    for (const std::int64_t i : set)
      if (labelled && images_.data.samples[static_cast<std::size_t>(i)].label == Label::unknown)
        left_out.insert(static_cast<std::size_t>(i));
  }
  for (std::size_t i = 0; i < images_.data.samples.size(); ++i) {
    if (left_out.contains(i)) continue;
    (images_.data.samples[i].label == Label::unknown ? images_.unlabelled : images_.labelled).push_back(static_cast<std::int64_t>(i));
  }
  if (!left_out.empty())
    images_.notes.push_back(fmt::format("{} unlabelled images are copies of labelled ones: they were left out", left_out.size()));
}

void Reading::finish() {
  if (images_.data.samples.empty()) {
    const std::string first = first_problem_.empty() ? "there are none" : first_problem_;
    throw Error{fmt::format("none of the images fits the model ({})", first),
                fmt::format("the model takes {} bands{} of {} x {} pixels; --band, --pad and --pixel-scale say how others are read",
                            inputs_.wanted.bands, inputs_.bands.empty() ? "" : fmt::format(" ({})", fmt::join(inputs_.bands, ", ")),
                            inputs_.wanted.height, inputs_.wanted.width)};
  }
  check_labels();
  join_copies();
  set_learnt_apart();
  set_doubtful_apart();
  check_classes();
  const auto strange = std::ranges::count_if(labels_.rows, [](const auto& row) { return !row.second.met; });
  if (strange > 0) images_.notes.push_back(fmt::format("{} labels name no image here", strange));
  if (unreadable_ > 0) images_.notes.push_back(fmt::format("{} images were set aside, the first: {}", unreadable_, first_problem_));
  if (known_lenses_ > 0) images_.notes.push_back(fmt::format("{} unlabelled images are known lenses: they were left out", known_lenses_));
}

}  // namespace

std::vector<Label> OwnImages::labels() const {
  std::vector<Label> out;
  for (const std::int64_t i : labelled) out.push_back(data.samples[static_cast<std::size_t>(i)].label);
  return out;
}

OwnImages read_own_images(const AdaptOptions& options, const model::Model& model, Progress& progress, const StopFlag& stop) {
  return Reading{options, inputs_of(options, model), progress, stop}.read();
}

}  // namespace lensfind::workflows
