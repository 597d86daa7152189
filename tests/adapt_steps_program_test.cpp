#ifdef LENSFIND_WITH_TRAIN

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// Cutouts of one band in which a lens has a square and a look-alike a bar; a model that knows squares and noise alone, so that it likes
/// bars.
class AdaptSteps : public Program {
 protected:
  struct Look {
    float square = 0, bar = 0;
    std::uint64_t seed = 0;
  };

  static lensfind::image::Image image_of(const Look& look, int number) {
    lensfind::image::Image image{lensfind::image::ImageShape{1, 32, 32}};
    lensfind::RandomStream random{look.seed + static_cast<std::uint64_t>(number), lensfind::Purpose::test};
    for (int row = 0; row < 32; ++row) {
      for (int column = 0; column < 32; ++column) {
        const bool in_square = row >= 8 && row < 20 && column >= 8 && column < 20;
        const bool in_bar = row >= 13 && row < 19 && column >= 4 && column < 28;
        image.at(0, row, column) = static_cast<float>(random.uniform()) + (in_square ? look.square : 0) + (in_bar ? look.bar : 0);
      }
    }
    return image;
  }
  void write(const std::string& folder, int count, const Look& look) const {
    fs::create_directories(folder_ / folder);
    for (int i = 1; i <= count; ++i) lensfind::image::write_npy(folder_ / folder / fmt::format("{}.npy", i), image_of(look, i).view());
  }
  struct Labelled {
    std::string folder;
    int count = 0, label = 0;
  };
  /// labels.csv for the first images of each folder.
  void write_labels(const std::vector<Labelled>& of) const {
    std::ofstream labels{folder_ / "labels.csv"};
    labels << "id,label\n";
    for (const Labelled& images : of)
      for (int i = 1; i <= images.count; ++i) labels << images.folder << "/" << i << "," << images.label << "\n";
  }
  [[nodiscard]] program::Result adapt_alone(const std::string& step, const std::string& out, const std::vector<std::string>& more) const {
    std::vector<std::string> words{"adapt",   at("model"), "--images", at("images"), "--labels",  at("labels.csv"),
                                   "--steps", step,        "--out",    at(out),      "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  void make_model() {
    write("set/train_lenses", 60, {.square = 1, .seed = 1});
    write("set/train_nonlenses", 120, {.seed = 1000});
    const auto made = run({"train", "--recipe", "student", "--data", at("set"), "--out", at("model"), "--set", "epochs=6", "--set",
                           "batch=16", "--threads", "1"});
    ASSERT_EQ(made.status, 0) << made.err;
  }
  [[nodiscard]] std::map<std::string, double> logits(const std::string& model, const std::string& images) const {
    const std::string out = at("scores-" + model + ".csv");
    const auto scored = run({"score", at(model), at(images), "--out", out, "--overwrite", "--precision", "f32", "--threads", "1"});
    EXPECT_EQ(scored.status, 0) << scored.err;
    std::map<std::string, double> found;
    lensfind::CsvReader rows{out};
    while (rows.next()) found[std::string{rows[rows.column("id")]}] = lensfind::parse_number(rows[rows.column("logit")]).value();
    return found;
  }
  [[nodiscard]] double mean_logit(const std::string& model, const std::string& images) const {
    double sum = 0;
    const auto found = logits(model, images);
    for (const auto& [id, logit] : found) sum += logit;
    return sum / static_cast<double>(found.size());
  }
  [[nodiscard]] lensfind::Value step_of(const std::string& out) const {
    return lensfind::read_json(folder_ / out / "adapt.json").at("steps").as_array().front();
  }
  [[nodiscard]] lensfind::Value settings_of(const std::string& out, const char* step) const {
    return lensfind::read_json(folder_ / out / "model.json").at("provenance").at("steps").at(step);
  }
};

TEST_F(AdaptSteps, MinedLookAlikesFall) {
  make_model();
  write("images/a", 24, {.square = 1, .seed = 2000});
  write("images/b", 20, {.seed = 3000});
  write("images/c", 10, {.bar = 1, .seed = 3500});
  write("images/more", 60, {.bar = 1, .seed = 4000});
  write_labels({{"a", 24, 1}, {"b", 20, 0}, {"c", 10, 0}});
  std::ofstream known{folder_ / "known.csv"};
  known << "id\n";
  for (int i = 1; i <= 20; ++i) known << "more/" << i << "\n";
  known.close();
  const auto made = adapt_alone("mined", "better", {"--rounds", "2"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(step_of("better").at("outcome").as_string(), "kept") << program::text_of(folder_ / "better/adapt.md");
  EXPECT_EQ(settings_of("better", "mined").at("mined").as_integer(), 10) << "a twentieth of 60, but ten at least";
  write("bars", 40, {.bar = 1, .seed = 7000});
  write("squares", 40, {.square = 1, .seed = 8000});
  EXPECT_LT(mean_logit("better", "bars") - mean_logit("better", "squares"), mean_logit("model", "bars") - mean_logit("model", "squares"));

  // Known lenses are never taken for look-alikes: 40 images are left, and they are too few.
  const auto fewer = adapt_alone("mined", "fewer", {"--rounds", "2", "--known", at("known.csv")});
  ASSERT_EQ(fewer.status, 0) << fewer.err;
  EXPECT_EQ(step_of("fewer").at("outcome").as_string(), "not possible");
  EXPECT_THAT(step_of("fewer").at("note").as_string(), HasSubstr("40 unlabelled images are too few"));
}

TEST_F(AdaptSteps, ConsistencyTrainsOnUnlabelledImagesAlone) {
  make_model();
  write("images/bars", 40, {.bar = .6F, .seed = 4000});
  write("images/squares", 40, {.square = .6F, .seed = 5000});
  const auto words = [&](const std::string& out) {
    return std::vector<std::string>{"adapt",       at("model"), "--images", at("images"), "--steps",
                                    "consistency", "--out",     at(out),    "--threads",  "1"};
  };
  const auto made = run(words("better"));
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(step_of("better").at("outcome").as_string(), "not judged");
  EXPECT_EQ(settings_of("better", "consistency").at("images").as_integer(), 80);
  EXPECT_EQ(settings_of("better", "consistency").at("rounds").as_integer(), 3);
  EXPECT_NE(program::text_of(folder_ / "better/model.safetensors"), program::text_of(folder_ / "model/model.safetensors"));
  // The network is its own teacher: what it knew of squares it still knows.
  write("fresh/a", 40, {.square = 1, .seed = 9000});
  write("fresh/b", 40, {.seed = 9500});
  for (const char* model : {"model", "better"}) EXPECT_GT(mean_logit(model, "fresh/a"), mean_logit(model, "fresh/b")) << model;

  fs::remove_all(folder_ / "images/bars");
  const auto few = run(words("few"));
  ASSERT_EQ(few.status, 0) << few.err;
  EXPECT_THAT(step_of("few").at("note").as_string(), HasSubstr("40 unlabelled images are too few"));
}

TEST_F(AdaptSteps, JointTrainingLearnsTheLabelsAndForgetsNothing) {
  make_model();
  write("images/a", 24, {.square = 1, .seed = 2000});
  write("images/b", 30, {.bar = 1, .seed = 3500});
  write_labels({{"a", 24, 1}, {"b", 30, 0}});
  const auto made = adapt_alone("joint", "better", {"--replay", at("set")});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(step_of("better").at("outcome").as_string(), "kept") << program::text_of(folder_ / "better/adapt.md");
  EXPECT_EQ(settings_of("better", "joint").at("replayed").as_integer(), 180);
  EXPECT_EQ(settings_of("better", "joint").at("copies").as_integer(), 3) << "180 replayed cutouts beside 54 labels";
  write("bars", 40, {.bar = 1, .seed = 7000});
  write("squares", 40, {.square = 1, .seed = 8000});
  write("noise", 40, {.seed = 9000});
  EXPECT_LT(mean_logit("better", "bars") - mean_logit("better", "squares"), mean_logit("model", "bars") - mean_logit("model", "squares"));
  EXPECT_GT(mean_logit("better", "squares"), mean_logit("better", "noise") + 1) << "which only the replayed cutouts tell apart";

  // Copies of one's own images among the replayed ones would tell the answer.
  fs::copy(folder_ / "set", folder_ / "leaky", fs::copy_options::recursive);
  for (int i = 1; i <= 5; ++i)
    fs::copy(folder_ / fmt::format("images/a/{}.npy", i), folder_ / fmt::format("leaky/train_lenses/{}.npy", 1000 + i));
  ASSERT_EQ(adapt_alone("joint", "careful", {"--replay", at("leaky")}).status, 0);
  EXPECT_EQ(settings_of("careful", "joint").at("left_out").as_integer(), 5);
  EXPECT_EQ(settings_of("careful", "joint").at("replayed").as_integer(), 180);

  // Nobody knows how these training cutouts were made, and none are given.
  const auto forgotten = adapt_alone("joint", "same", {});
  ASSERT_EQ(forgotten.status, 0) << forgotten.err;
  EXPECT_EQ(step_of("same").at("outcome").as_string(), "not possible");
  EXPECT_THAT(step_of("same").at("note").as_string(), HasSubstr("--replay"));
  const auto wrong = adapt_alone("joint", "same", {"--replay", at("nowhere"), "--overwrite"});
  EXPECT_NE(wrong.status, 0);
  EXPECT_THAT(wrong.err, HasSubstr("nowhere"));
}

TEST_F(AdaptSteps, JointTrainingIsNotPossibleWhereTheMemoryCannotBeUsed) {
  make_model();
  write("images/a", 12, {.square = 1, .seed = 2000});
  write("images/b", 12, {.bar = 1, .seed = 3500});
  write_labels({{"a", 12, 1}, {"b", 12, 0}});
  const std::string text = program::text_of(folder_ / "model/model.json");
  const auto note_with = [&](const std::string& simulation) {
    const std::size_t at_data = text.find("\"data\": {");
    std::ofstream{folder_ / "model/model.json"} << text.substr(0, at_data) << "\"data\": {\"simulation\": " << simulation << ", "
                                                << text.substr(at_data + 9);
    const auto made = adapt_alone("joint", "out", {"--overwrite"});
    EXPECT_EQ(made.status, 0) << made.err;
    EXPECT_EQ(step_of("out").at("outcome").as_string(), "not possible");
    return step_of("out").at("note").as_string();
  };
  EXPECT_THAT(note_with(R"({"survey": {"name": "x"}, "scaling": "none", "paint": "hosts"})"), HasSubstr("painted on real ones"));
  EXPECT_THAT(note_with(R"({"survey": {"name": "x", "psf_files": ["gone.fits"]}, "scaling": "none"})"), HasSubstr("--replay SET"));
  EXPECT_THAT(note_with(R"({"survey": {"no_such_key": 1}, "scaling": "none"})"), HasSubstr("no_such_key"));
}

/// A tiny model of des, and simulated galaxies in the place of genuine ones.
class AdaptHosts : public AdaptSteps {
 protected:
  void SetUp() override {
    AdaptSteps::SetUp();
    const auto set = run({"simulate", at("set"), "--survey", "des", "--size", "32", "--lenses", "20", "--nonlenses", "30", "--set",
                          "population.nonlens_magnitudes=counts", "--seed", "1"});
    ASSERT_EQ(set.status, 0) << set.err;
    const auto made =
        run({"train", "--recipe", "student", "--data", at("set"), "--out", at("model"), "--set", "epochs=1", "--threads", "1"});
    ASSERT_EQ(made.status, 0) << made.err;
    const auto images = run({"simulate", at("images"), "--survey", "des", "--size", "32", "--lenses", "12", "--nonlenses", "92", "--set",
                             "population.lens_i_faintest=20", "--set", "population.nonlens_magnitudes=counts", "--seed", "2"});
    ASSERT_EQ(images.status, 0) << images.err;
    for (const char* extra : {"truth.csv", "simulation.toml", ".lensfind"}) fs::remove(folder_ / "images" / extra);
    write_labels({{"train_lenses", 12, 1}, {"train_nonlenses", 12, 0}});
  }
  [[nodiscard]] program::Result adapt(const std::string& images, const std::string& out) const {
    return run({"adapt", at("model"), "--images", at(images), "--labels", at("labels.csv"), "--steps", "hosts", "--survey", "des",
                "--zero-point", "30", "--out", at(out), "--threads", "1"});
  }
};

TEST_F(AdaptHosts, ArePaintedOnAndTheOthersStayBare) {
  const auto made = adapt("images", "better");
  ASSERT_EQ(made.status, 0) << made.err;
  const lensfind::Value step = step_of("better");
  ASSERT_NE(step.at("outcome").as_string(), "not possible") << step.at("note").as_string();
  const lensfind::Value settings = settings_of("better", "hosts");
  // Two fifths of the 80 unlabelled ones are painted, as many stay bare; the labelled ones judge.
  EXPECT_EQ(settings.at("lenses").as_integer(), 32);
  EXPECT_EQ(settings.at("cutouts").as_integer(), 64);
  EXPECT_THAT(step.at("note").as_string(), HasSubstr("sources painted on 32 of 80 own galaxies"));
  EXPECT_EQ(program::lines_of(folder_ / "better/held_out.csv").size(), 25u);
}

TEST_F(AdaptHosts, JointTrainingSimulatesAsTheModelRemembers) {
  const lensfind::Value data = lensfind::read_json(folder_ / "model/model.json").at("provenance").at("data");
  EXPECT_EQ(data.at("simulation").at("survey").at("name").as_string(), "des");
  EXPECT_EQ(data.at("simulation").at("survey").at("population").at("nonlens_magnitudes").as_string(), "counts");
  const auto joint = [&](const std::string& model, const std::string& images, const std::string& out) {
    const auto made = run({"adapt", at(model), "--images", at(images), "--labels", at("labels.csv"), "--steps", "joint", "--simulated",
                           "60", "--out", at(out), "--threads", "1"});
    EXPECT_EQ(made.status, 0) << made.err;
    EXPECT_NE(step_of(out).at("outcome").as_string(), "not possible") << step_of(out).at("note").as_string();
    EXPECT_THAT(step_of(out).at("note").as_string(), HasSubstr("60 cutouts simulated as those that trained the model"));
  };
  joint("model", "images", "better");
  EXPECT_EQ(settings_of("better", "joint").at("replayed").as_integer(), 60);
  // An adapted model remembers what the first one knew.
  const auto more = run({"simulate", at("others"), "--survey", "des", "--size", "32", "--lenses", "12", "--nonlenses", "12", "--set",
                         "population.nonlens_magnitudes=counts", "--seed", "3"});
  ASSERT_EQ(more.status, 0) << more.err;
  joint("better", "others", "best");
}

TEST_F(AdaptHosts, WithACutOffSkyAreRefusedInWords) {
  for (const auto& entry : fs::recursive_directory_iterator{folder_ / "images"}) {
    if (entry.path().extension() != ".npy") continue;
    lensfind::image::Image image = lensfind::image::read_npy(entry.path());
    for (float& value : image.values()) value = std::max(0.F, value);
    lensfind::image::write_npy(entry.path(), image.view());
  }
  const auto made = adapt("images", "same");
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(step_of("same").at("outcome").as_string(), "not possible");
  EXPECT_THAT(step_of("same").at("note").as_string(), HasSubstr("cut off at its lowest value"));
}

TEST_F(AdaptHosts, OfTooFewImagesAreNotPossible) {
  for (int i = 60; i <= 92; ++i) fs::remove(folder_ / fmt::format("images/train_nonlenses/{}.npy", i));
  const auto made = adapt("images", "same");
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(step_of("same").at("note").as_string(), HasSubstr("47 unlabelled images are too few"));
}

}  // namespace

#endif
