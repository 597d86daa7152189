#include <cmath>
#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weights.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using program::text_of;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// A small network with first weights, and a stack of noise that is of many brightnesses.
class ScoreInInt8 : public Program {
 protected:
  static constexpr std::int64_t count = 300;

  void SetUp() override {
    Program::SetUp();
    ASSERT_EQ(program::import_student(folder_).status, 0);
    write_stack();
    if (const auto tried = score("tried.csv", "int8"); tried.err.find("has no VNNI") != std::string::npos) {
      EXPECT_EQ(tried.status, 1);
      EXPECT_THAT(tried.err, HasSubstr("take --precision auto"));
      GTEST_SKIP() << "this processor has no VNNI";
    }
  }

  void write_stack() const {
    std::ofstream stack{folder_ / "stack.npy", std::ios::binary};
    const std::vector<std::int64_t> shape{count, 3, 32, 32};
    stack << lensfind::image::npy_header_text(shape);
    lensfind::RandomStream random{5, lensfind::Purpose::test};
    for (std::int64_t i = 0; i < count; ++i) {
      for (int k = 0; k < 3 * 32 * 32; ++k) {
        const auto value = static_cast<float>(random.uniform() * (1 + static_cast<double>(i % 50) / 17));
        stack.write(reinterpret_cast<const char*>(&value), sizeof value);
      }
    }
  }

  void write_labelled(const std::string& name) const {
    for (int i = 0; i < 20; ++i) {
      lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
      lensfind::RandomStream random{static_cast<std::uint64_t>(i), lensfind::Purpose::test};
      for (float& value : image.values()) value = static_cast<float>(random.uniform());
      const fs::path path = folder_ / name / (i < 8 ? "test_lenses" : "test_nonlenses") / fmt::format("{}.npy", i);
      fs::create_directories(path.parent_path());
      lensfind::image::write_npy(path, image.view());
    }
  }

  program::Result score(const std::string& out, const std::string& precision, std::vector<std::string> more = {},
                        const std::string& model = "model") const {
    std::vector<std::string> words{"score", at(model), at("stack.npy"), "--out", at(out), "--precision", precision};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  std::vector<double> logits(const std::string& table) const {
    lensfind::CsvReader rows{folder_ / table};
    std::vector<double> all;
    while (rows.next()) all.push_back(std::stod(std::string{rows.fields().at(1)}));
    return all;
  }
};

TEST_F(ScoreInInt8, GivesNearlyTheLogitsOfF32) {
  ASSERT_EQ(score("exact.csv", "f32").status, 0);
  const auto rounded = score("rounded.csv", "int8");
  ASSERT_EQ(rounded.status, 0) << rounded.err;
  EXPECT_THAT(rounded.out + rounded.err, HasSubstr("measured on the first 128 cutouts"));
  const std::vector<double> a = logits("exact.csv"), b = logits("rounded.csv");
  ASSERT_EQ(a.size(), static_cast<std::size_t>(count));
  ASSERT_EQ(b.size(), a.size());
  double squares = 0, differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    squares += a[i] * a[i];
    differences += (a[i] - b[i]) * (a[i] - b[i]);
  }
  EXPECT_GT(differences, 0);
  EXPECT_LT(std::sqrt(differences / squares), .05);
}

TEST_F(ScoreInInt8, IsTheSameTableForAnyThreadsAndShards) {
  ASSERT_EQ(score("one.csv", "int8", {"--threads", "1"}).status, 0);
  ASSERT_EQ(score("many.csv", "int8", {"--threads", "3"}).status, 0);
  for (const char* shard : {"1/2", "0/2"}) {
    const auto part = score("shared.csv", "int8", {"--shard", shard});
    ASSERT_EQ(part.status, 0) << part.err;
  }
  EXPECT_EQ(text_of(folder_ / "many.csv"), text_of(folder_ / "one.csv"));
  EXPECT_EQ(text_of(folder_ / "shared.csv"), text_of(folder_ / "one.csv"));
}

TEST_F(ScoreInInt8, KeepsItsRangesInTheRunsRecord) {
  ASSERT_EQ(score("s.csv", "int8").status, 0);
  const lensfind::Value record = lensfind::read_json(folder_ / "s.csv.run.json");
  EXPECT_EQ(record.at("precision").as_string(), "int8");
  EXPECT_EQ(record.at("int8_ranges").at("cutouts").as_integer(), 128);
  EXPECT_GE(record.at("int8_ranges").at("layers").as_array().size(), 2u);
  const auto again = score("s.csv", "int8", {"--resume"});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.out + again.err, HasSubstr("int8: as the run began"));
  const auto other = score("s.csv", "f32", {"--resume"});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("precision was \"int8\", now it is \"f32\""));
}

TEST_F(ScoreInInt8, TakesTheRangesThatCalibrateMeasured) {
  write_labelled("a");
  const auto made = run({"calibrate", at("model"), "--data", at("a"), "--out", at("calibrated")});
  ASSERT_EQ(made.status, 0) << made.err;
  const lensfind::Value ranges = lensfind::read_json(folder_ / "calibrated/model.json").at("int8_ranges");
  EXPECT_EQ(ranges.at("cutouts").as_integer(), 20);
  const auto scored = score("s.csv", "int8", {}, "calibrated");
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_THAT(scored.out + scored.err, HasSubstr("with ranges that the model has measured on 20 cutouts"));
  EXPECT_EQ(lensfind::read_json(folder_ / "s.csv.run.json").at("int8_ranges"), ranges);
}

// As where an earlier version wrote the source's file: the folder that is made holds another.
TEST_F(ScoreInInt8, TakesRangesOfTheFileThatCalibrateWrites) {
  write_labelled("a");
  const lensfind::network::Graph graph = lensfind::network::build_network("student", 3, 32, 2);
  lensfind::network::write_safetensors(folder_ / "other.safetensors", lensfind::network::initialise(graph, 9));
  ASSERT_EQ(run({"import", "--network", "student", "--size", "32", "--weights", at("other.safetensors"), "--out", at("other")}).status, 0);
  fs::copy_file(folder_ / "other/model.onnx", folder_ / "model/model.onnx", fs::copy_options::overwrite_existing);
  ASSERT_EQ(run({"calibrate", at("model"), "--data", at("a"), "--out", at("calibrated")}).status, 0);
  const auto scored = score("s.csv", "int8", {}, "calibrated");
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_THAT(scored.out + scored.err, HasSubstr("with ranges that the model has measured on 20 cutouts"));
}

TEST_F(ScoreInInt8, TakesNoRangesThatBelongToOtherWeights) {
  write_labelled("a");
  ASSERT_EQ(run({"calibrate", at("model"), "--data", at("a"), "--out", at("calibrated")}).status, 0);
  // Packing rounds the weights to 16 bits and says so: the ranges go with them.
  ASSERT_EQ(run({"export", at("calibrated"), "--packed", "--out", at("packed")}).status, 0);
  const auto packed = score("p.csv", "int8", {}, "packed");
  ASSERT_EQ(packed.status, 0) << packed.err;
  EXPECT_THAT(packed.out + packed.err, HasSubstr("with ranges that the model has measured on 20 cutouts"));
  // The ranges of one model beside another's weights.
  const lensfind::Value calibrated = lensfind::read_json(folder_ / "calibrated/model.json");
  const lensfind::network::Graph graph = lensfind::network::build_network("student", 3, 32, 2);
  lensfind::network::write_safetensors(folder_ / "other.safetensors", lensfind::network::initialise(graph, 9));
  ASSERT_EQ(run({"import", "--network", "student", "--size", "32", "--weights", at("other.safetensors"), "--out", at("other")}).status, 0);
  lensfind::Value other = lensfind::read_json(folder_ / "other/model.json");
  other.set("int8_ranges", calibrated.at("int8_ranges"));
  std::ofstream{folder_ / "other/model.json"} << lensfind::to_json(other);
  const auto repacked = run({"export", at("other"), "--packed", "--out", at("repacked")});
  ASSERT_EQ(repacked.status, 0) << repacked.err;
  EXPECT_THAT(repacked.err, HasSubstr("its ranges in int8 belong to other weights and are left out"));
  EXPECT_EQ(lensfind::read_json(folder_ / "repacked/model.json").find("int8_ranges"), nullptr);
  const auto scored = score("s.csv", "int8", {}, "other");
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_THAT(scored.out + scored.err, HasSubstr("measured on the first 128 cutouts, since those in model.json belong to other weights"));
  EXPECT_NE(lensfind::read_json(folder_ / "s.csv.run.json").at("int8_ranges"), calibrated.at("int8_ranges"));
}

TEST_F(ScoreInInt8, SaysWhatIsWrongWhereNoCutoutCanBeRead) {
  std::ofstream{folder_ / "stack.npy"} << "not an array";
  const auto refused = score("s.csv", "int8");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("no readable cutout to measure"));
  EXPECT_THAT(refused.err, HasSubstr("hint: "));
}

}  // namespace
