#include "lensfind/train/train.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/image/symmetry.h"
#include "lensfind/model/model.h"
#include "lensfind/model/seen.h"
#include "lensfind/network/film.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx_file.h"
#include "lensfind/train/prepare.h"
#include "lensfind/train/run_ensemble.h"
#include "lensfind/train/test_training.h"

namespace lensfind::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// Asks to stop after so many images.
class StopAfter final : public Progress {
 public:
  explicit StopAfter(std::int64_t images) : left_{images} {}
  void start(const std::string& task, std::int64_t, const std::string&) override { training_ = task.starts_with("epoch"); }
  void advance(std::int64_t steps) override {
    if (training_) left_ -= steps;
    if (left_ <= 0) stop = true;
  }
  void line(const std::string&) override {}
  void warn(const std::string&) override {}
  void finish() override {}

  StopFlag stop{false};

 private:
  std::int64_t left_;
  bool training_ = false;
};

TEST_F(Training, LearnsTwoPlainClasses) {
  const TrainResult result = train(options("run", {"epochs=4", "keep=last"}));
  EXPECT_EQ(result.kept_epoch, 4);
  EXPECT_LT(result.history.back().train_loss, .5 * result.history.front().train_loss);
  EXPECT_EQ(result.history.back().validation_auc, 1);
  EXPECT_EQ(result.train_lenses + result.validation_lenses, 12);
}

TEST_F(Training, LearnsATeachersLogitsInPlaceOfTheLabels) {
  TrainOptions student = options("run", {"epochs=4", "keep=last"});
  student.teacher = [](const dataset::Dataset& data) {
    std::vector<double> logits;
    for (const dataset::Sample& sample : data.samples) logits.push_back(sample.label == Label::lens ? -8 : 8);
    return logits;
  };
  EXPECT_EQ(train(student).history.back().validation_auc, 0);  // it was taught the opposite
}

TEST_F(Training, LearnsFromSamplesWithoutALabelWhatATeacherSaysOfThem) {
  write("set/others", 30, true, 500);
  std::string list = "path,label\n";
  for (int i = 1; i <= 12; ++i) list += "set/train_lenses/" + std::to_string(i) + ".npy,1\n";
  for (int i = 1; i <= 20; ++i) list += "set/train_nonlenses/" + std::to_string(i) + ".npy,0\n";
  for (int i = 1; i <= 30; ++i) list += "set/others/" + std::to_string(i) + ".npy,\n";
  write_file(root_ / "list.csv", list);
  TrainOptions student = options("run", {"epochs=1"});
  student.data = root_ / "list.csv";
  student.teacher = [](const dataset::Dataset& data) { return std::vector<double>(data.samples.size()); };
  const TrainResult result = train(student);
  EXPECT_EQ(result.history.back().images, 9 + 15 + 30);
  EXPECT_EQ(result.validation_lenses + result.validation_nonlenses, 3 + 5);
}

TEST_F(Training, LeavesAModelFolder) {
  train(options("run"));
  for (const char* name : {"model.safetensors", "model.onnx", "model.json", "history.csv", "validation.csv", "recipe.toml", "split.csv"}) {
    EXPECT_TRUE(fs::exists(root_ / "run" / name)) << name;
  }
  EXPECT_FALSE(fs::exists(root_ / "run" / "checkpoint"));
  EXPECT_THAT(
      read_text(root_ / "run" / "history.csv"),
      ::testing::StartsWith("epoch,train_loss,validation_loss,validation_auc,validation_average_precision,learning_rate,images,seconds\n"));
  const model::Model model = model::load_model(root_ / "run");
  EXPECT_EQ(model.graph.bands, 2);
  EXPECT_EQ(model.provenance.at("split").at("train").at("lenses").as_integer(), 9);
  EXPECT_EQ(read_recipe((root_ / "run" / "recipe.toml").string(), {}).epochs, 2);
}

TEST_F(Training, RecordsThePixelScaleThatIsKnownOrGiven) {
  TrainOptions plain = options("plain", {"epochs=1"});
  train(plain);
  EXPECT_FALSE(model::load_model(plain.out).pixel_scale_arcsec);
  TrainOptions given = options("given", {"epochs=1"});
  given.pixel_scale_arcsec = .2;
  train(given);
  EXPECT_EQ(model::load_model(given.out).pixel_scale_arcsec, .2);
}

TEST_F(Training, SameSeedSameWeightsAnotherSeedOthers) {
  const std::string one = weights("one");
  EXPECT_EQ(weights("two"), one);
  EXPECT_NE(weights("three", {"seed=1"}), one);
}

TEST_F(Training, ResumedEqualsUnbrokenBitForBit) {
  const std::vector<std::string> set{"epochs=3", "ema_decay=0.9", "schedule=plateau", "augmentation=[{name = \"d4\"}, {name = \"mixup\"}]"};
  const std::string unbroken = weights("unbroken", set);
  for (const std::int64_t images : {8, 24, 40}) {  // within the first epoch, at its end, within the second
    TrainOptions broken = options("broken", set);
    broken.overwrite = true;
    StopAfter progress{images};
    EXPECT_THROW(train(broken, progress, progress.stop), Stopped);
    EXPECT_FALSE(model::is_model_folder(broken.out));
    broken.overwrite = false;
    broken.resume = true;
    const TrainResult result = train(broken);
    EXPECT_EQ(result.history.size(), 3u);
    EXPECT_EQ(bytes("broken"), unbroken) << "stopped after " << images;
  }
}

TEST_F(Training, ResumedEqualsUnbrokenWhereFeaturesAreDropped) {
  const std::vector<std::string> set{"network=resnet18_half", "epochs=2", "dropout=0.5", "drop_path=0.2"};
  const std::string unbroken = weights("unbroken", set);
  TrainOptions broken = options("broken", set);
  StopAfter progress{16};
  EXPECT_THROW(train(broken, progress, progress.stop), Stopped);
  broken.resume = true;
  train(broken);
  EXPECT_EQ(bytes("broken"), unbroken);
}

TEST_F(Training, ResumedEqualsUnbrokenAfterThePlateauLoweredTheRate) {
  const std::vector<std::string> set{"epochs=5",   "rate=1e-7", all_but_the_classifier, "plateau_patience=0", "plateau_factor=0.5",
                                     "patience=0", "keep=last"};
  const std::string unbroken = weights("unbroken", set);
  TrainOptions broken = options("broken", set);
  StopAfter progress{4 * 24};
  EXPECT_THROW(train(broken, progress, progress.stop), Stopped);
  broken.resume = true;
  const TrainResult result = train(broken);
  EXPECT_LT(result.history.back().learning_rate, 1e-7) << "the rate never fell: the test says nothing";
  EXPECT_EQ(bytes("broken"), unbroken);
}

TEST_F(Training, ResumeRefusesADamagedCheckpoint) {
  TrainOptions run = options("run", {"epochs=4"});
  StopAfter progress{24 + 8};  // an epoch of three batches, and one batch
  EXPECT_THROW(train(run, progress, progress.stop), Stopped);
  run.resume = true;
  const fs::path state = root_ / "run/checkpoint/state.json";
  const std::string good = read_text(state);
  const Value whole = parse_json(good, "state");
  const auto said_of = [&](const std::string& key, const Value& value) {
    Value changed = whole;
    changed.set(key, value);
    write_file(state, to_json(changed));
    return what(run);
  };
  EXPECT_THAT(said_of("epoch", 3), ::testing::AllOf(HasSubstr("state.json"), HasSubstr("epoch 3 is under way after a history of 1")));
  EXPECT_THAT(said_of("epoch", std::int64_t{1} << 40), HasSubstr("is under way after"));
  EXPECT_THAT(said_of("epoch", Value{}), HasSubstr("state.json"));
  EXPECT_THAT(said_of("steps", 5), HasSubstr("it counts 5 steps after 4 of the run"));
  EXPECT_THAT(said_of("steps", -1), HasSubstr("negative"));
  EXPECT_THAT(said_of("batch", 2), HasSubstr("steps"));
  EXPECT_THAT(said_of("batch", 1000), HasSubstr("beyond the run's 4 epochs of 3 batches"));
  EXPECT_THAT(said_of("images", 0), HasSubstr("it counts 0 images in 1 batches"));
  EXPECT_THAT(said_of("kept_epoch", 0), HasSubstr("it keeps epoch 0, by its history the recipe keeps 1"));
  EXPECT_THAT(said_of("kept_epoch", 7), HasSubstr("state.json"));
  EXPECT_THAT(said_of("kept", "../../elsewhere.safetensors"), HasSubstr("is no file of it"));
  EXPECT_THAT(said_of("history", Value{Value::Array{Value{Value::Array{1, .5}}}}), HasSubstr("has 2 numbers, not 8"));
  EXPECT_THAT(said_of("arrays", whole.at("kept").as_string()), HasSubstr("its arrays lack"));
  write_file(state, good.substr(0, good.size() / 2));
  EXPECT_THAT(what(run), HasSubstr("state.json"));
  write_file(state, good);
  EXPECT_EQ(what(run), "no error");
}

TEST_F(Training, ResumeRefusesAnotherNetworksArrays) {
  TrainOptions run = options("run"), other = options("other", {"network=resnet18_half"}), averaged = options("averaged", {"ema_decay=0.9"});
  for (TrainOptions* one : {&run, &other, &averaged}) {
    StopAfter progress{8};
    EXPECT_THROW(train(*one, progress, progress.stop), Stopped);
    one->resume = true;
  }
  const auto said_with = [&](const char* name) {
    fs::copy_file(root_ / name / "checkpoint/step-1.safetensors", root_ / "run/checkpoint/step-1.safetensors",
                  fs::copy_options::overwrite_existing);
    return what(run);
  };
  EXPECT_THAT(said_with("other"), HasSubstr("fc.weight is (2, 256), not (2, 128)"));
  EXPECT_THAT(said_with("averaged"), ::testing::AllOf(HasSubstr("arrays"), HasSubstr("the run has")));
}

TEST_F(Training, DroppingNothingIsTheSameAsNoSuchKey) { EXPECT_EQ(weights("zero", {"dropout=0", "drop_path=0"}), weights("plain")); }

TEST_F(Training, ResumeRefusesChangedDataAndRecipes) {
  TrainOptions run = options("run");
  StopAfter progress{8};
  EXPECT_THROW(train(run, progress, progress.stop), Stopped);
  run.resume = true;
  run.recipe.rate = .5;
  EXPECT_THAT(what(run), HasSubstr("`rate`"));
  run.recipe.rate = 1e-3;
  write("set/train_lenses", 1, false, 5000);
  EXPECT_THAT(what(run), HasSubstr("data"));
}

TEST_F(Training, GoesOnWithARecipeThatAnEarlierVersionWrote) {
  const std::string whole = weights("whole");
  TrainOptions run = options("run");
  StopAfter progress{8};
  EXPECT_THROW(train(run, progress, progress.stop), Stopped);
  const fs::path state = root_ / "run/checkpoint/state.json";
  Value earlier = read_json(state);
  for (auto& [key, value] : earlier.as_object()) {
    if (key != "recipe") continue;
    std::erase_if(value.as_object(), [](const auto& member) { return member.first == "ema_decay"; });
    for (auto& [name, table] : value.as_object())
      if (name == "simulate") std::erase_if(table.as_object(), [](const auto& member) { return member.first == "reuse"; });
  }
  write_file(state, to_json(earlier));
  ASSERT_EQ(read_json(state).at("recipe").at("simulate").find("reuse"), nullptr);
  run.resume = true;
  run.recipe.simulate.reuse = 2;
  EXPECT_THAT(what(run), HasSubstr("another `simulate.reuse`")) << "it stands for its default, 1";
  run.recipe.simulate.reuse = 1;
  EXPECT_EQ(what(run), "no error");
  EXPECT_EQ(bytes("run"), whole);
}

TEST_F(Training, ResumingAFinishedRunChangesNothing) {
  const std::string before = weights("run");
  TrainOptions again = options("run");
  EXPECT_THAT(what(again), HasSubstr("run"));
  again.resume = true;
  EXPECT_EQ(train(again).history.size(), 2u);
  EXPECT_EQ(bytes("run"), before);
  again.recipe.rate = .5;
  EXPECT_THAT(what(again), HasSubstr("another `rate`"));
}

TEST_F(Training, AFaultLeavesNoFolder) {
  EXPECT_THAT(what(options("run", {"network=resnet81"})), HasSubstr("resnet81"));
  EXPECT_THAT(what(options("run", {"bands=[\"g\"]"})), HasSubstr("bands"));
  EXPECT_THAT(what(options("run", {"freeze=[\"convolution\"]"})), HasSubstr("convolution"));
  EXPECT_THAT(what(options("run", {"initial_weights=nowhere.safetensors"})), HasSubstr("nowhere"));
  TrainOptions elsewhere = options("run");
  elsewhere.data = root_ / "nowhere";
  EXPECT_NE(what(elsewhere), "no error");
  TrainOptions cuda = options("run");
  cuda.device = "cuda";
  EXPECT_THAT(what(cuda), ::testing::AnyOf(HasSubstr("cuda"), "no error"));
  if (what(cuda) != "no error") {
    EXPECT_FALSE(fs::exists(root_ / "run"));
  }
}

TEST_F(Training, LensesOfOneObjectCannotBeSplit) {
  fs::remove_all(root_ / "set/train_lenses");
  write("set/train_lenses", 1, true, 1);
  image::Image turned = image::read_npy(root_ / "set/train_lenses/1.npy");
  image::apply_d4(turned.view(), 5);
  image::write_npy(root_ / "set/train_lenses/2.npy", turned.view());
  EXPECT_THAT(what(options("run")), HasSubstr("its 2 lenses show one object"));
  EXPECT_FALSE(fs::exists(root_ / "run"));
}

TEST(Batch, ThatNoMemoryHoldsIsRefused) {
  // The first convolution of ResNet-18 alone gives 64 x 32 x 32 values for a cutout of 64 x 64: 262,144 bytes.
  const network::Graph graph = network::build_network("resnet18", 3, 64, 2);
  Recipe recipe;
  recipe.imbalance = {};
  recipe.batch = 4096;
  EXPECT_THROW(refuse_batch_beyond(4096 * 262144.0, recipe, graph, 100'000), Error);
  EXPECT_NO_THROW(refuse_batch_beyond(4096 * 20 * 262144.0, recipe, graph, 100'000));
  EXPECT_NO_THROW(refuse_batch_beyond(4096 * 262144.0, recipe, graph, 100)) << "a batch is no larger than what there is to show";
  recipe.imbalance = {Imbalance::copies};
  recipe.copies = 1000;
  EXPECT_THROW(refuse_batch_beyond(4096 * 262144.0, recipe, graph, 100), Error);
}

TEST_F(Training, NeverReplacesAFolderThatIsNoRun) {
  TrainOptions run = options("set");
  run.overwrite = true;
  EXPECT_THAT(what(run), HasSubstr("left alone"));
  EXPECT_TRUE(fs::exists(root_ / "set" / "train_lenses" / "1.npy"));
}

TEST_F(Training, ALossThatIsNotFiniteNamesTheBatch) {
  EXPECT_THAT(what(options("run", {"rate=1e25", "optimiser=sgd", "schedule=constant"})),
              ::testing::AllOf(HasSubstr("not finite"), HasSubstr("train_nonlenses/")));
}

TEST_F(Training, FrozenParametersStayAndInitialWeightsAreTaken) {
  train(options("first", {"network=resnet18_half"}));
  train(options("second", {"network=resnet18_half", "epochs=1", "freeze=[\"conv1\", \"bn1\", \"layer1\", \"layer2\"]",
                           "initial_weights=" + (root_ / "first").string()}));
  const network::Weights first = model::load_model(root_ / "first").weights, second = model::load_model(root_ / "second").weights;
  EXPECT_EQ(second.at("layer2.0.conv1.weight").values, first.at("layer2.0.conv1.weight").values);
  EXPECT_EQ(second.at("layer1.0.bn1.running_var").values, first.at("layer1.0.bn1.running_var").values);
  EXPECT_NE(second.at("layer3.0.conv1.weight").values, first.at("layer3.0.conv1.weight").values);
  EXPECT_NE(second.at("fc.weight").values, first.at("fc.weight").values);
}

/// A set whose truth.csv says the seeing: lenses' .7 to .81 arcsec, non-lenses' half of these.
class TrainingOnQuality : public Training {
 protected:
  void SetUp() override {
    Training::SetUp();
    std::string truth = "id,group,seeing_fwhm_arcsec_band1,seeing_fwhm_arcsec_band2\n";
    for (int i = 1; i <= 20; ++i) {
      if (i <= 12) truth += fmt::format("train_lenses/{0},l{0},{1},{1}\n", i, .69 + .01 * i);
      truth += fmt::format("train_nonlenses/{0},n{0},{1},\n", i, (.69 + .01 * i) / 2);
    }
    write_file(root_ / "set/truth.csv", truth);
  }
  [[nodiscard]] TrainOptions told(const std::string& out, std::vector<std::string> set = {}) const {
    set.insert(set.end(), {"condition=quality", R"(bands=["band1", "band2"])"});
    return options(out, set);
  }
};

TEST_F(TrainingOnQuality, KeepsHowTheQualityIsStandardised) {
  train(told("run"));
  EXPECT_THAT(read_text(root_ / "run/model.json"), HasSubstr("\"condition\": \"quality\""));
  const model::Model model = model::load_model(root_ / "run");
  ASSERT_TRUE(network::has_film(model.graph));
  const network::QualityScale& scale = *model.preprocessing.quality;
  // Of lenses alone the second band is known: between .7 and .81.
  EXPECT_NEAR(scale.seeing_mean[1], .755, .02);
  EXPECT_NEAR(scale.seeing_std[1], .035, .01);
  // Uniform noise differs from pixel to pixel by less than 1: the logarithm of its scatter lies about ln .3.
  EXPECT_NEAR(scale.log_noise_mean[1], std::log(.3), .2);
  EXPECT_TRUE(network::read_onnx(root_ / "run/model.onnx").takes_seeing);
  // It has learnt: scale and shift are no longer those of every network.
  EXPECT_FALSE(std::ranges::all_of(model.weights.at("film.0.scale.bias").values, [](float value) { return value == 1; }));
}

TEST_F(TrainingOnQuality, ResumedEqualsUnbrokenBitForBit) {
  train(told("whole"));
  TrainOptions broken = told("broken");
  StopAfter progress{24};  // at the end of the first epoch
  EXPECT_THROW(train(broken, progress, progress.stop), Stopped);
  broken.resume = true;
  train(broken);
  EXPECT_EQ(bytes("broken"), bytes("whole"));
}

TEST_F(TrainingOnQuality, BeginsWithWeightsOfANetworkThatWasNotToldAndGoesOnFromOneThatWas) {
  train(options("plain", {R"(bands=["band1", "band2"])"}));
  const std::string from = "initial_weights=" + (root_ / "plain").string();
  train(told("first", {from, "epochs=1"}));
  const std::string on = "initial_weights=" + (root_ / "first").string();
  train(told("second", {on, "epochs=1"}));
  EXPECT_EQ(model::load_model(root_ / "second").preprocessing.quality->seeing_mean,
            model::load_model(root_ / "first").preprocessing.quality->seeing_mean);
  const std::string file = on + "/model.safetensors";
  train(told("by_file", {file, "epochs=1"}));
  EXPECT_EQ(model::load_model(root_ / "by_file").preprocessing.quality->seeing_mean,
            model::load_model(root_ / "first").preprocessing.quality->seeing_mean);
  EXPECT_THAT(what(options("third", {on})), HasSubstr("is told the image quality"));
  EXPECT_THAT(what(options("third", {file})), HasSubstr("is told the image quality"));
  EXPECT_THAT(what(options("fourth", {on, "condition=quality", R"(bands=["band2", "band1"])"})),
              HasSubstr("quality of band1, band2, and these cutouts have band2, band1"));
}

TEST_F(TrainingOnQuality, SaysWhereNoSeeingIsKnown) {
  fs::remove(root_ / "set/truth.csv");
  EXPECT_THAT(train(told("run", {"epochs=1"})).warnings, ::testing::Contains(HasSubstr("told the noise alone")));
  EXPECT_EQ(model::load_model(root_ / "run").preprocessing.quality->seeing_std[0], 0);
}

TEST_F(TrainingOnQuality, SaysWhereTheSeeingOfABandIsKnownOfOneClassAlone) {
  const std::vector<std::string> warnings = train(told("run", {"epochs=1"})).warnings;
  EXPECT_THAT(warnings, ::testing::Contains(HasSubstr("seeing of band2 is known of one class")));
  EXPECT_THAT(warnings, ::testing::Not(::testing::Contains(HasSubstr("seeing of band1 is known of one class"))));
}

TEST_F(TrainingOnQuality, RefusesAPoolOfHardNegativesWhoseSeeingNothingTells) {
  TrainOptions mining = told("run");
  mining.mine = root_ / "pool.csv";
  mining.mine_images = root_ / "pool";
  EXPECT_THAT(what(mining), HasSubstr("nothing tells the seeing of mined images"));
}

TEST_F(TrainingOnQuality, RefusesEquivariantNetworks) {
  EXPECT_THAT(what(told("run", {"network=equivariant_d4_half"})), HasSubstr("equivariant"));
}

/// Further training of a model on data of which it knows some.
class FurtherTraining : public Training {
 protected:
  /// Ids on a side ("train"), or on all others, of a run's split.
  [[nodiscard]] std::set<std::string> ids(const std::string& run, bool trained) const {
    CsvReader table{root_ / run / "split.csv"};
    std::set<std::string> found;
    while (table.next()) {
      if ((table[table.column("side")] == "train") == trained) found.emplace(table[table.column("id")]);
    }
    return found;
  }
  [[nodiscard]] TrainOptions from(const std::string& origin, const std::string& out, const std::string& seed) const {
    return options(out, {"epochs=1", "seed=" + seed, "initial_weights=" + (root_ / origin).string()});
  }
  void copy(const std::string& id, const std::string& to, int turns = 0) const {
    image::Image image = image::read_npy(root_ / "set" / (id + ".npy"));
    image::apply_d4(image.view(), turns);
    fs::create_directories((root_ / to).parent_path());
    image::write_npy(root_ / to, image.view());
  }
};

TEST_F(FurtherTraining, HoldsOutWhatWasHeldOutWhateverTheSeed) {
  train(options("first"));
  train(options("untrained", {"seed=5"}));
  ASSERT_NE(ids("untrained", false), ids("first", false)) << "the seeds split alike: the test says nothing";
  train(from("first", "second", "5"));
  EXPECT_EQ(ids("second", false), ids("first", false));
  train(from("first/model.safetensors", "from-file", "5"));
  EXPECT_EQ(ids("from-file", false), ids("first", false));
  train(from("second", "third", "9"));
  EXPECT_EQ(ids("third", false), ids("first", false)) << "the record is handed on";
}

TEST_F(FurtherTraining, KnowsFlippedAndTurnedCopiesAndSplitsNewCutouts) {
  train(options("first"));
  int turns = 0;
  for (const std::string& id : ids("first", true)) copy(id, "more/" + id + "-turned.npy", 1 + turns++ % 7);
  write("more/train_lenses", 8, true, 9000);
  write("more/train_nonlenses", 12, false, 9500);
  TrainOptions further = from("first", "further", "3");
  further.data = root_ / "more";
  const TrainResult result = train(further);
  for (const std::string& id : ids("further", false)) EXPECT_THAT(id, ::testing::Not(HasSubstr("turned")));
  EXPECT_EQ(result.validation_lenses, 2) << "a quarter of the eight that are new";
  EXPECT_EQ(result.validation_nonlenses, 3);
  EXPECT_THAT(result.warnings, ::testing::Contains(HasSubstr("was trained on 24 of these cutouts")));
}

TEST_F(FurtherTraining, RefusesDataOfWhichNothingCanBeHeldOut) {
  train(options("first"));
  for (const std::string& id : ids("first", true)) copy(id, "known/" + id + ".npy");
  TrainOptions further = from("first", "further", "1");
  further.data = root_ / "known";
  EXPECT_THAT(what(further), HasSubstr("was trained on all of its 9 lenses"));
  EXPECT_FALSE(fs::exists(further.out));
}

TEST_F(FurtherTraining, AStudentHoldsOutWhatItsTeacherNeverTrainedOn) {
  train(options("teacher"));
  TrainOptions student = options("student", {"epochs=1", "seed=5"});
  student.seen = model::read_seen(root_ / "teacher");
  student.teacher = [](const dataset::Dataset& data) { return std::vector<double>(data.samples.size()); };
  train(student);
  EXPECT_EQ(ids("student", false), ids("teacher", false));
}

TEST_F(FurtherTraining, ResumesToTheSameEnd) {
  train(options("first"));
  TrainOptions unbroken = from("first", "unbroken", "5");
  train(unbroken);
  TrainOptions broken = from("first", "broken", "5");
  StopAfter progress{16};
  EXPECT_THROW(train(broken, progress, progress.stop), Stopped);
  broken.resume = true;
  train(broken);
  EXPECT_EQ(bytes("broken"), bytes("unbroken"));
}

TEST_F(FurtherTraining, BeginsWithOneNetworkAndNoEnsemble) {
  train(options("a"));
  train(options("b", {"seed=1"}));
  ensemble_of_runs({root_ / "a", root_ / "b"}, root_ / "both");
  EXPECT_THAT(what(from("both", "further", "0")), HasSubstr("holds no weights of one network"));
}

TEST_F(Training, MinedNonLensesAreShownAndRecorded) {
  const std::string plain = weights("plain", {"epochs=1"});
  std::ofstream{root_ / "scores.csv"} << "id,logit\ntrain_nonlenses/1,3\ntrain_nonlenses/2,9\ntrain_nonlenses/3,-1\ntrain_lenses/1,20\n";
  TrainOptions mining = options("mined", {"epochs=1", "mined=2"});
  mining.mine = root_ / "scores.csv";
  train(mining);
  EXPECT_NE(bytes("mined"), plain);
  const Value rounds = model::load_model(root_ / "mined").provenance.at("mining");
  ASSERT_EQ(rounds.as_array().size(), 1u);
  EXPECT_EQ(rounds.as_array()[0].at("mined").as_integer(), 2);
  std::ofstream{root_ / "scores.csv"} << "id,logit\nelsewhere/1,3\n";
  mining.out = root_ / "none";
  EXPECT_THAT(what(mining), HasSubstr("none of its ids"));
}

TEST_F(Training, APoolIsMinedWithoutItsLensesAndCopiesOfTheData) {
  write("pool/sub", 4, false, 700);
  fs::copy_file(root_ / "set/train_nonlenses/5.npy", root_ / "pool/sub/copy.npy");
  std::ofstream{root_ / "pool.csv"} << "id,logit,label\nsub/1,3,\nsub/2,9,0\nsub/copy,8,\nsub/3,7,1\nsub/4,-5,\nelsewhere,20,\n";
  const std::string plain = weights("plain", {"epochs=1"});
  TrainOptions mining = options("mined", {"epochs=1", "mined=3"});
  mining.mine = root_ / "pool.csv";
  mining.mine_images = root_ / "pool";
  const TrainResult result = train(mining);
  EXPECT_NE(bytes("mined"), plain);
  EXPECT_EQ(result.train_nonlenses, 15) << "the pool is no part of the data";
  const std::string split = read_text(root_ / "mined" / "split.csv");
  EXPECT_THAT(split, HasSubstr("sub/2,0,sub/2,mined\n"));
  EXPECT_THAT(split, HasSubstr("sub/1,0,sub/1,mined\n"));
  EXPECT_THAT(split, ::testing::Not(::testing::AnyOf(HasSubstr("sub/3"), HasSubstr("sub/copy"), HasSubstr("sub/4"))));
  const Value round = model::load_model(root_ / "mined").provenance.at("mining").as_array().at(0);
  EXPECT_EQ(round.at("mined").as_integer(), 2);
  EXPECT_EQ(round.at("images").as_string(), (root_ / "pool").string());

  TrainOptions next = options("next", {"epochs=1", "initial_weights=" + (root_ / "mined").string()});
  next.mine = root_ / "pool.csv";
  next.mine_images = root_ / "pool";
  train(next);
  EXPECT_EQ(model::load_model(root_ / "next").provenance.at("mining").as_array().size(), 2u) << "rounds are kept from model to model";
}

TEST_F(Training, APoolOfOneFileABandIsMinedByTheIdsThatScoringGives) {
  fs::create_directories(root_ / "pool");
  for (const auto& [name, value] : {std::pair{"near", .4F}, {"far", .25F}}) {
    image::Image image{{2, 32, 32}, value};
    image.at(0, 16, 16) = image.at(1, 16, 16) = 1;
    // A set whose bands have no names: the model calls them so.
    for (const int band : {0, 1})
      image::write_fits(root_ / "pool" / fmt::format("{}_band{}.fits", name, band + 1),
                        image::ImageView{{1, 32, 32}, image.band(band).data()});
  }
  const std::string plain = weights("plain", {"epochs=1"});
  TrainOptions mining = options("mined", {"epochs=1", "mined=2"});
  mining.mine_images = root_ / "pool";
  mining.mine = root_ / "pool.csv";
  std::ofstream{mining.mine} << "id,logit,probability\nfar,-3,\nnear,4,\n";
  train(mining);
  EXPECT_NE(bytes("mined"), plain);
  const std::string split = read_text(root_ / "mined" / "split.csv");
  EXPECT_THAT(split, HasSubstr("near,0,near,mined\nfar,0,far,mined\n"));
}

TEST_F(Training, ResumeRefusesOtherHardNegatives) {
  TrainOptions mining = options("run");
  std::ofstream{root_ / "scores.csv"} << "id,logit\ntrain_nonlenses/1,3\ntrain_nonlenses/2,9\n";
  mining.mine = root_ / "scores.csv";
  StopAfter progress{8};
  EXPECT_THROW(train(mining, progress, progress.stop), Stopped);
  std::ofstream{root_ / "scores.csv"} << "id,logit\ntrain_nonlenses/3,3\ntrain_nonlenses/4,9\n";
  mining.resume = true;
  EXPECT_THAT(what(mining), HasSubstr("hard negatives"));
}

TEST_F(Training, BandsGetTheirNames) {
  train(options("run", {"epochs=1", "bands=[\"u\", \"v\"]"}));
  EXPECT_THAT(model::load_model(root_ / "run").band_names, ::testing::ElementsAre("u", "v"));
}

TEST_F(Training, APositiveWeightOfZeroIsTheRatioOfTheClasses) {
  // 9 lenses and 15 non-lenses on the training side.
  EXPECT_EQ(weights("zero", {"epochs=1", "imbalance=[\"weight\"]", "positive_weight=0"}),
            weights("ratio", {"epochs=1", "imbalance=[\"weight\"]", "positive_weight=1.6666666666666667"}));
}

/// Each key of a recipe that can change the weights does; those that it needs beside it are set for both runs.
struct KeyCase {
  std::string set;
  std::vector<std::string> beside;
};
class RecipeKey : public Training, public ::testing::WithParamInterface<KeyCase> {
 protected:
  RecipeKey() { root_ = fs::path{::testing::TempDir()} / ("train-key-" + GetParam().set.substr(0, GetParam().set.find('='))); }
};

TEST_P(RecipeKey, ChangesTheWeights) {
  std::vector<std::string> set{"epochs=2", "keep=last"};
  set.insert(set.end(), GetParam().beside.begin(), GetParam().beside.end());
  const std::string without = weights("without", set);
  set.push_back(GetParam().set);
  EXPECT_TRUE(weights("with", set) != without);
}

std::string key_name(const ::testing::TestParamInfo<KeyCase>& key) { return key.param.set.substr(0, key.param.set.find('=')); }

INSTANTIATE_TEST_SUITE_P(
    Recipe, RecipeKey,
    ::testing::Values(KeyCase{"outputs=1", {}}, KeyCase{"batch=6", {}}, KeyCase{"optimiser=sgd", {}}, KeyCase{"rate=2e-3", {}},
                      KeyCase{"weight_decay=0.1", {}}, KeyCase{"decay_norms=false", {"weight_decay=0.1"}},
                      KeyCase{"momentum=0.5", {"optimiser=sgd"}}, KeyCase{"clip_norm=0.01", {"optimiser=sgd"}},
                      KeyCase{"schedule=cosine", {}}, KeyCase{"warmup_epochs=1", {}},
                      KeyCase{"plateau_factor=0.5", {"plateau_patience=0", "rate=1e-7", "epochs=4", all_but_the_classifier}},
                      KeyCase{"imbalance=[\"weight\"]", {}}, KeyCase{"positive_weight=2", {"imbalance=[\"weight\"]"}},
                      KeyCase{"lens_fraction=0.5", {"imbalance=[\"sampler\"]"}}, KeyCase{"copies=2", {"imbalance=[\"copies\"]"}},
                      KeyCase{"loss=softmax", {}}, KeyCase{"focal_gamma=1", {"loss=focal"}}, KeyCase{"label_smoothing=0.1", {}},
                      KeyCase{"augmentation=[]", {}}, KeyCase{"stretch=sqrt", {}}, KeyCase{"scaling=none", {}},
                      KeyCase{"normalise=none", {}}, KeyCase{"ema_decay=0.5", {}}, KeyCase{"dropout=0.5", {}},
                      KeyCase{"drop_path=0.5", {"network=resnet18_half"}}, KeyCase{"precision=bf16", {}},
                      KeyCase{"validation_fraction=0.5", {}}),
    key_name);

}  // namespace
}  // namespace lensfind::train
