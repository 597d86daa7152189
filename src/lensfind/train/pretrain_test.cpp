#include "lensfind/train/pretrain.h"

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/model/model.h"
#include "lensfind/train/test_training.h"

namespace lensfind::train {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Begins to stand in a folder, and goes back.
class WorkingFolder {
 public:
  explicit WorkingFolder(const fs::path& folder) { fs::current_path(folder); }
  ~WorkingFolder() { fs::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  fs::path before_ = fs::current_path();
};

/// Stops as soon as so many images were seen, or at none.
class StopAfterImages final : public Progress {
 public:
  explicit StopAfterImages(std::int64_t images) : left_{images} {}
  void start(const std::string&, std::int64_t, const std::string&) override {}
  void advance(std::int64_t steps) override {
    left_ -= steps;
    stop = stop || left_ <= 0;
  }
  void line(const std::string& text) override { lines.push_back(text); }
  void warn(const std::string& text) override { warnings.push_back(text); }
  void finish() override {}

  StopFlag stop{false};
  std::vector<std::string> lines, warnings;

 private:
  std::int64_t left_;
};

class Pretraining : public Training {
 protected:
  [[nodiscard]] PretrainOptions pretraining(const std::string& out, const std::string& method = "byol",
                                            const std::vector<std::string>& set = {}) const {
    std::vector<std::string> all{"network=student", "epochs=2", "batch=8", "hidden=16", "projection=8", "precision=f32", "seed=3"};
    all.insert(all.end(), set.begin(), set.end());
    PretrainOptions options;
    options.recipe = read_pretrain_recipe(method, all);
    options.data = {root_ / "set"};
    options.out = root_ / out;
    options.survey_folders = {fs::path{LENSFIND_SOURCE_DIR} / "surveys"};
    options.threads = 1;
    return options;
  }
  /// On 32 scenes that are drawn, with nothing but the scenes' own differences between two views.
  [[nodiscard]] PretrainOptions pairs(const std::string& out, const std::string& method, const std::vector<std::string>& set = {}) const {
    std::vector<std::string> all{"simulate.lenses=16", "simulate.nonlenses=16", "simulate.size=32"};
    all.insert(all.end(), set.begin(), set.end());
    PretrainOptions options = pretraining(out, method, all);
    options.recipe.simulate.survey = {"population.nonlens_magnitudes=counts"};
    options.recipe.augmentation.clear();
    options.data = {"simulate:des"};
    return options;
  }
  [[nodiscard]] std::string encoder(const std::string& out) const { return read_text(root_ / out / "encoder.safetensors"); }

  template <typename Options, typename Work>
  static std::string said(const Options& options, Work work) {
    try {
      work(options);
    } catch (const Error& error) {
      return std::string{error.what()} + " | " + error.hint();
    }
    return "no error";
  }
  static std::string refused(const PretrainOptions& options) {
    return said(options, [](const PretrainOptions& o) { pretrain(o); });
  }
};

TEST_F(Pretraining, LeavesAnEncoderItsHistoryAndNothingElse) {
  const PretrainResult result = pretrain(pretraining("run"));
  EXPECT_EQ(result.cutouts, 32) << "both classes: labels are passed over";
  ASSERT_EQ(result.history.size(), 2u);
  EXPECT_EQ(read_pretrain_history(root_ / "run/history.csv"), result.history);
  EXPECT_GT(result.history[1].projection_spread, 0);
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator{root_ / "run"}) names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{".lensfind", "encoder.safetensors", "history.csv", "pretrain.json", "pretrain.toml"}));
  EXPECT_EQ(write_fields(read_pretrain_recipe(root_ / "run/pretrain.toml")), write_fields(pretraining("run").recipe));
}

TEST_F(Pretraining, TheSameSeedGivesTheSameEncoderAndAnotherAnother) {
  for (const char* method : {"byol", "masked"}) {
    pretrain(pretraining(fmt::format("{}-a", method), method));
    pretrain(pretraining(fmt::format("{}-b", method), method));
    pretrain(pretraining(fmt::format("{}-c", method), method, {"seed=4"}));
    EXPECT_EQ(encoder(fmt::format("{}-a", method)), encoder(fmt::format("{}-b", method))) << method;
    EXPECT_NE(encoder(fmt::format("{}-a", method)), encoder(fmt::format("{}-c", method))) << method;
  }
}

TEST_F(Pretraining, ThatWasStoppedGoesOnToTheSameEnd) {
  for (const char* method : {"byol", "masked", "lens_pairs"}) {
    const std::string whole = fmt::format("{}-whole", method), broken = fmt::format("{}-broken", method);
    const auto three_epochs = [&](const std::string& out) {
      return method == std::string{"lens_pairs"} ? pairs(out, "lens_pairs", {"epochs=3", "simulate.reuse=2"})
                                                 : pretraining(out, method, {"epochs=3"});
    };
    pretrain(three_epochs(whole));
    // Within the second epoch of four batches, and right at an epoch's end.
    for (const std::int64_t images : {48, 64}) {
      PretrainOptions options = three_epochs(broken);
      StopAfterImages stopper{images};
      EXPECT_THROW(pretrain(options, stopper, stopper.stop), Stopped);
      EXPECT_FALSE(is_pretrained_folder(options.out));
      options.resume = true;
      const PretrainResult result = pretrain(options);
      EXPECT_EQ(encoder(broken), encoder(whole)) << method << images;
      ASSERT_EQ(result.history.size(), 3u);
      EXPECT_FALSE(fs::exists(options.out / "checkpoint"));
      fs::remove_all(options.out);
    }
  }
}

TEST_F(Pretraining, IsWhatTrainingBeginsFrom) {
  pretrain(pretraining("run", "masked"));
  const Pretrained made = read_pretrained(root_ / "run");
  // The last layer alone is trained, with its norms at rest: all else must be the encoder's, to the bit.
  TrainOptions further =
      options("model", {"initial_weights=" + (root_ / "run").string(), all_but_the_classifier, "scaling=auto", "stretch=auto"});
  train(further);
  const model::Model model = model::load_model(root_ / "model");
  for (const auto& [name, array] : made.encoder) EXPECT_EQ(model.weights.at(name).values, array.values) << name;
  EXPECT_EQ(model.preprocessing.mean, made.preprocessing.mean) << "of all that was seen without labels";
  EXPECT_EQ(model.preprocessing.scaling, made.preprocessing.scaling);
  EXPECT_EQ(model.provenance.at("pretraining").at("recipe").at("method").as_string(), "masked");
  // The head is drawn by the training's own seed.
  further.out = root_ / "other";
  further.recipe.seed = 5;
  train(further);
  EXPECT_NE(model::load_model(root_ / "other").weights.at("fc.weight").values, model.weights.at("fc.weight").values);
}

TEST_F(Pretraining, WordsForWhatDoesNotFitATraining) {
  pretrain(pretraining("run"));
  const auto begin = [&](const std::vector<std::string>& set) {
    std::vector<std::string> all{"initial_weights=" + (root_ / "run").string()};
    all.insert(all.end(), set.begin(), set.end());
    return options("model", all);
  };
  const auto trained = [](const TrainOptions& o) { train(o); };
  EXPECT_THAT(said(begin({"network=resnet18_half"}), trained), HasSubstr("student was pretrained, and the recipe says resnet18_half"));
  EXPECT_THAT(train(begin({"scaling=none", "stretch=sqrt"})).warnings,
              ::testing::Contains(HasSubstr("this recipe takes \"none\", \"sqrt\"")));
  fs::remove(root_ / "run/pretrain.json");
  fs::remove_all(root_ / "model");
  EXPECT_THAT(said(begin({}), trained), AllOf(HasSubstr("this pretraining has not ended"), HasSubstr("--resume")));
}

TEST_F(Pretraining, IsNoneOfATrainingThatNamesNone) {
  pretrain(pretraining("run"));
  const WorkingFolder within{root_ / "run"};
  ASSERT_TRUE(is_pretraining_folder(fs::current_path()));
  EXPECT_FALSE(is_pretraining_folder(""));
  EXPECT_FALSE(is_pretrained_folder(""));
  train(options("model"));
  EXPECT_EQ(model::load_model(root_ / "model").provenance.find("pretraining"), nullptr);
}

TEST_F(Pretraining, StaysTheSameUntilTheTrainingEnds) {
  pretrain(pretraining("run"));
  TrainOptions begun = options("model", {"initial_weights=" + (root_ / "run").string()});
  StopAfterImages stopper{8};
  EXPECT_THROW(train(begun, stopper, stopper.stop), Stopped);
  begun.resume = true;
  const auto trained = [](const TrainOptions& o) { train(o); };
  fs::rename(root_ / "run", root_ / "aside");
  pretrain(pretraining("run", "byol", {"seed=4"}));
  EXPECT_THAT(said(begun, trained), HasSubstr("the pretraining) are not those"));
  fs::remove_all(root_ / "run");
  fs::rename(root_ / "aside", root_ / "run");
  EXPECT_EQ(said(begun, trained), "no error");
}

TEST_F(Pretraining, WithOtherThreadsSaysThatItsEndMayDiffer) {
  PretrainOptions begun = pretraining("run");
  StopAfterImages stopper{16};
  EXPECT_THROW(pretrain(begun, stopper, stopper.stop), Stopped);
  begun.resume = true;
  begun.threads = 2;
  StopAfterImages watcher{1000};
  pretrain(begun, watcher, watcher.stop);
  EXPECT_THAT(watcher.warnings, ::testing::Contains(HasSubstr("began with 1 threads and goes on with 2")));
  write_file(root_ / "run/history.csv", "epoch,loss,feature_spread,projection_spread,learning_rate,images,seconds\n");
  EXPECT_THAT(refused(begun), HasSubstr("history.csv: has no epochs"));
}

TEST_F(Pretraining, SetsSayTheirBandsAndFluxForAll) {
  const auto said_by = [&](const std::string& first, const std::string& second, const std::string& scaling) {
    write_file(root_ / "set/simulation.toml", first);
    write("more", 10, false, 500);
    write_file(root_ / "more/simulation.toml", second);
    PretrainOptions both = pretraining("both", "byol", {"epochs=1", "scaling=" + scaling});
    both.data.push_back(root_ / "more");
    both.overwrite = true;
    return pretrain(both).warnings;
  };
  const auto named = [](const char* zero_point) {
    return fmt::format("scaling = 'none'\n[survey]\nbands = ['r', 'i']\noutput_zero_point = [{0}, {0}]\n", zero_point);
  };
  const auto taken = ::testing::Contains(HasSubstr("are taken to have them too"));
  const auto other_flux = ::testing::Contains(HasSubstr("its zero point is 27, that of the first --data 30"));
  EXPECT_THAT(said_by("[survey]\n", named("30.0"), "none"), AllOf(taken, ::testing::Not(other_flux)));
  EXPECT_EQ(read_pretrained(root_ / "both").bands, (std::vector<std::string>{"r", "i"}));
  EXPECT_THAT(said_by(named("30.0"), named("27.0"), "none"), AllOf(other_flux, ::testing::Not(taken)));
  EXPECT_THAT(said_by(named("30.0"), named("27.0"), "minmax"), ::testing::Not(other_flux));
}

TEST_F(Pretraining, SetsOfOneShapeAreSeenTogether) {
  write("more", 10, false, 500);
  PretrainOptions both = pretraining("both");
  both.data.push_back(root_ / "more");
  EXPECT_EQ(pretrain(both).cutouts, 42);
}

TEST_F(Pretraining, RefusesWhatItCannotLearnFrom) {
  EXPECT_THAT(refused(pretraining("run", "lens_pairs")), HasSubstr("lens_pairs needs scenes that are seen twice"));
  PretrainOptions few = pretraining("run");
  write("few", 3, false, 1);
  few.data = {root_ / "few"};
  EXPECT_THAT(refused(few), HasSubstr("3 cutouts, at least 8"));
  few.data = {"simulate:des", root_ / "set"};
  EXPECT_THAT(refused(few), HasSubstr("stands beside other --data"));
  few.data = {root_ / "nowhere"};
  EXPECT_THAT(refused(few), HasSubstr("nowhere"));
  EXPECT_THAT(refused(pretraining("run", "masked", {"block=7"})), AllOf(HasSubstr("`block` = 7"), HasSubstr("set `block` to 8")));
  // Nothing in `masked` but its loss can end a run.
  EXPECT_THAT(refused(pretraining("run", "masked", {"rate=1e30"})), HasSubstr("the loss is not finite in epoch 1"));
  EXPECT_THAT(said(0, [](int) { read_pretrain_recipe("boyl"); }), HasSubstr("did you mean `byol`"));
  EXPECT_THAT(said(0, [](int) { read_pretrain_recipe("byol", {"epoch=1"}); }), HasSubstr("epochs"));
  EXPECT_THAT(said(0, [](int) { read_pretrain_recipe("byol", {"method=masked"}); }), HasSubstr("give --recipe masked"));
}

TEST_F(Pretraining, ResumesNoOtherRun) {
  PretrainOptions begun = pretraining("run");
  StopAfterImages stopper{16};
  EXPECT_THROW(pretrain(begun, stopper, stopper.stop), Stopped);
  PretrainOptions other = pretraining("run", "byol", {"rate=1e-2"});
  other.resume = true;
  EXPECT_THAT(refused(other), HasSubstr("another `rate`"));
  write("set/train_lenses", 13, true, 1);
  begun.resume = true;
  EXPECT_THAT(refused(begun), HasSubstr("the data are not those"));
}

// Where nothing is predicted but a constant, features soon are one.
TEST_F(Pretraining, SaysWhenANetworkCollapses) {
  PretrainOptions options = pretraining("run", "byol", {"epochs=1"});
  // All cutouts alike, and nothing that tells two views apart: their features cannot differ.
  fs::remove_all(root_ / "set");
  image::Image image{image::ImageShape{2, 32, 32}};
  RandomStream random{1, Purpose::test};
  for (float& value : image.values()) value = static_cast<float>(random.uniform());
  fs::create_directories(root_ / "set");
  for (int i = 1; i <= 12; ++i) {
    image.values()[0] += 1e-6F;  // no copy
    image::write_npy(root_ / fmt::format("set/{}.npy", i), image.view());
  }
  options.recipe.augmentation.clear();
  EXPECT_THAT(refused(options), HasSubstr("the network has collapsed in epoch 1"));
}

TEST_F(Pretraining, PairsOfOneSceneAreLearntFrom) {
  const PretrainOptions options = pairs("pairs", "lens_pairs", {"epochs=1"});
  const PretrainResult result = pretrain(options);
  EXPECT_EQ(result.cutouts, 32);
  EXPECT_EQ(read_pretrained(options.out).bands, (std::vector<std::string>{"g", "r", "i"}));
  // Of the same seed, recipe and first views: only the scenes' second views tell the two apart.
  pretrain(pairs("alone", "byol", {"epochs=1"}));
  EXPECT_NE(encoder("pairs"), encoder("alone"));
}

}  // namespace
}  // namespace lensfind::train
