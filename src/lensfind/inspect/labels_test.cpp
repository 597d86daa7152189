#include "lensfind/inspect/labels.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/image/npy.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;

Merged merged_by(const std::vector<std::tuple<std::string, std::string, std::string>>& grades) {
  GradeSet set{.schemes = {abcx()}};
  set.objects = {
      {.id = "0012", .logit = 3.5}, {.id = "a,\"c\""}, {.id = "undecided"}, {.id = "control", .role = Role::known, .truth = Label::lens}};
  for (const auto& [grader, object, grade] : grades)
    set.rows.push_back({.uid = grader + object, .time = grader, .grader = grader, .object = object, .scheme = "abcx", .grade = grade});
  return merge_grades(set, {.method = ConsensusMethod::mean});
}

Merged three_graders() {
  return merged_by({{"anna", "0012", "A"},
                    {"ben", "0012", "B"},
                    {"cara", "0012", "X"},
                    {"anna", "a,\"c\"", "X"},
                    {"anna", "undecided", "C"},
                    {"anna", "control", "A"}});
}

// Two of the three say that 0012 is a lens; C counts for neither; controls are no candidates.
TEST(Labels, AreOfCandidatesOnlyWithTheFractionThatAgrees) {
  const ScratchFolder folder;
  const std::vector<ObjectLabel> labels = labels_of(three_graders(), LabelRule::grade);
  write_labels(folder / "l.csv", labels);
  EXPECT_EQ(read_text(folder / "l.csv"), "id,label,weight,logit\n0012,1,0.6667,3.5\n\"a,\"\"c\"\"\",0,1,\n");
  EXPECT_TRUE(labels_of(three_graders(), LabelRule::settled).empty());
}

TEST(Labels, HaveTheConsensusAsTheirWeight) {
  Merged merged = three_graders();
  for (MergedObject& object : merged.objects) {
    object.lens = evaluate::Estimate{.2, .1, .3};
    object.settled = object.object.id == "0012" ? Label::non_lens : Label::unknown;
  }
  const std::vector<ObjectLabel> labels = labels_of(merged, LabelRule::settled);
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_EQ(labels[0].label, Label::non_lens);
  EXPECT_NEAR(labels[0].weight, .8, 1e-12);
}

TEST(Labels, AreReadAsCorrectedLabels) {
  const ScratchFolder folder;
  write_labels(folder / "l.csv", labels_of(three_graders(), LabelRule::grade));
  evaluate::Scores scores{
      {.id = "0012", .label = Label::non_lens}, {.id = "a,\"c\"", .label = Label::lens}, {.id = "other", .label = Label::lens}};
  const evaluate::Relabelled changed = evaluate::relabel(scores, folder / "l.csv");
  EXPECT_EQ(changed.to_lens, 1);
  EXPECT_EQ(changed.to_non_lens, 1);
  EXPECT_EQ(scores[2].label, Label::lens);
}

TEST(Labels, WithTheirImagesAreASetToTrainOn) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "images");
  for (const auto& [id, value] : {std::pair{"0012", 1.F}, {"x", 2.F}, {"y", 3.F}})
    image::write_npy(folder / "images" / (std::string{id} + ".npy"), image::Image{image::ImageShape{2, 4, 4}, value}.view());
  image::write_npy(folder / "images/small.npy", image::Image{image::ImageShape{2, 3, 3}, 4.F}.view());
  const std::vector<ObjectLabel> labels{
      {"x", Label::non_lens, .9}, {"0012", Label::lens, .7}, {"small", Label::lens}, {"gone", Label::lens}};
  const TrainingSet set = write_training_set(folder.path(), labels, {.inputs = {folder / "images"}});
  EXPECT_EQ(set.lenses, 1);
  EXPECT_EQ(set.nonlenses, 1);
  EXPECT_EQ(set.without_image, 1);
  EXPECT_EQ(set.unfit, 1) << "of another size";
  std::filesystem::remove_all(folder / "images");
  const dataset::Dataset data = dataset::load_dataset(folder.path(), {});
  ASSERT_EQ(data.size(), 2);
  EXPECT_EQ(data.samples[0].label, Label::non_lens);
  EXPECT_EQ(data.samples[1].label, Label::lens);
  EXPECT_EQ(data.shape, (image::ImageShape{2, 4, 4}));
  EXPECT_THROW(write_training_set(folder.path(), {{"gone", Label::lens}}, {.inputs = {folder.path()}}), Error);
}

}  // namespace
}  // namespace lensfind::inspect
