#include "lensfind/model/seen.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/duplicates.h"
#include "lensfind/dataset/test_set.h"
#include "lensfind/image/symmetry.h"

namespace lensfind::model {
namespace {

using ::testing::HasSubstr;

class Seen : public dataset::TestSet {};

TEST_F(Seen, FindsACopyUnderAnotherNameInAnotherSet) {
  const image::Image one = noise(1);
  write("a/train_lenses/1.npy", one);
  write("a/train_nonlenses/1.npy", noise(2));
  write("a/train_nonlenses/2.npy", noise(3));
  const dataset::Dataset learned = dataset::load_dataset(root_ / "a", {});
  SeenCutouts seen;
  add_seen(seen, learned.any_rotation[0], SeenFor::training);
  add_seen(seen, learned.any_rotation[1], SeenFor::validation);
  add_seen(seen, learned.any_rotation[2], SeenFor::calibration);

  write("b/test_lenses/new.npy", noise(4));
  write("b/test_lenses/renamed.npy", one);
  const SeenAmong among = seen_among(dataset::load_dataset(root_ / "b", {}), seen);
  EXPECT_EQ(among.all(), 1);
  EXPECT_EQ(among.training, 1);
  EXPECT_EQ(among.text(), "1 to train (the first: test_lenses/renamed)");
  EXPECT_EQ(seen_among(learned, seen).text(), "1 to train, 1 to choose the epoch, 1 to calibrate (the first: train_lenses/1)");
}

TEST_F(Seen, FindsFlippedAndTurnedCopies) {
  image::Image one = noise(1);
  write("a/train_lenses/1.npy", one);
  write("a/train_lenses/2.npy", noise(2));
  const dataset::Dataset learned = dataset::load_dataset(root_ / "a", {});
  SeenCutouts seen;
  add_seen(seen, learned.any_rotation[0], SeenFor::training);
  write("b/test_lenses/same.npy", one);
  image::apply_d4(one.view(), 7);
  write("b/test_lenses/turned.npy", one);
  const dataset::Dataset data = dataset::load_dataset(root_ / "b", {});
  EXPECT_EQ(seen_among(data, seen).training, 2);
  EXPECT_THAT(stood_in(data, seen), ::testing::Each(dataset::StoodIn::training));
}

TEST_F(Seen, FindsWhatEarlierVersionsRecordedByAnotherHash) {
  image::Image one = noise(1);
  write("a/test_lenses/same.npy", one);
  const Hash128 as_it_stands = hash128(std::as_bytes(std::as_const(one).values()));
  const Hash128 in_any_rotation =
      dataset::hash_of_any_rotation(std::as_const(one).view(), [](std::span<const std::byte> bytes) { return hash128(bytes); });
  image::apply_d4(one.view(), 7);
  write("a/test_lenses/turned.npy", one);
  write("a/test_lenses/other.npy", noise(2));
  const dataset::Dataset data = dataset::load_dataset(root_ / "a", {});
  const auto found = [&](const Hash128& hash) {
    write_text("seen.csv", "pixels,used_for\n" + hash.text() + ",training\n");
    return seen_among(data, read_seen(root_)).training;
  };
  EXPECT_EQ(found(in_any_rotation), 2);
  EXPECT_EQ(found(as_it_stands), 1);  // the oldest records
  EXPECT_EQ(found(data.any_rotation[0]), 0);
}

TEST_F(Seen, KeepsWhichHashARowIsOfWhenRecordsAreJoined) {
  write_text("seen.csv", "pixels,used_for\n00000000000000020000000000000000,training\n");
  const SeenCutouts joined = merge_seen({{{{.low = 1}, SeenFor::validation}}}, read_seen(root_));
  write_seen(root_, joined);
  EXPECT_EQ(read_seen(root_), joined);
  EXPECT_EQ(joined.of_earlier_versions, (SeenCutouts::Uses{{{.low = 2}, SeenFor::training}}));
  EXPECT_EQ(joined.cutouts, (SeenCutouts::Uses{{{.low = 1}, SeenFor::validation}}));
}

TEST_F(Seen, DoesNotTakeAChangedPixelForACopy) {
  image::Image changed = noise(1);
  write("a/train_lenses/1.npy", changed);
  changed.values()[5] += 1e-4F;
  write("b/train_lenses/1.npy", changed);
  SeenCutouts seen;
  add_seen(seen, dataset::load_dataset(root_ / "a", {}).any_rotation[0], SeenFor::training);
  EXPECT_EQ(seen_among(dataset::load_dataset(root_ / "b", {}), seen).all(), 0);
}

TEST_F(Seen, LiesInTheModelFolderAndIsFoundFromItsOnnxFileToo) {
  // As sorted by hand: the low half of the hash is written first and compared first.
  const SeenCutouts seen{{{{.low = 0xfedcba9876543210U, .high = 7}, SeenFor::training},
                          {{.low = 1, .high = 0xffffffffffffffffU}, SeenFor::validation},
                          {{.low = 2, .high = 0}, SeenFor::calibration}}};
  write_seen(root_, seen);
  std::ifstream file{root_ / "seen.csv"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(text,
            "pixels,used_for,hash\n"
            "0000000000000001ffffffffffffffff,validation,xxh3\n"
            "00000000000000020000000000000000,calibration,xxh3\n"
            "fedcba98765432100000000000000007,training,xxh3\n");
  EXPECT_EQ(read_seen(root_), seen);
  EXPECT_EQ(read_seen(root_ / "model.onnx"), seen);
  EXPECT_EQ(read_seen(root_ / "model.safetensors"), seen);
  EXPECT_EQ(read_seen(root_ / "checkpoint/kept-3.safetensors"), seen);
  EXPECT_TRUE(read_seen(root_ / "foreign.onnx").empty());
  EXPECT_TRUE(read_seen("").empty());
}

TEST_F(Seen, KeepsTheGravestUseOfSeveralModels) {
  const Hash128 both{.low = 1}, one{.low = 2}, other{.low = 3};
  const SeenCutouts merged = merge_seen({{{both, SeenFor::calibration}, {one, SeenFor::validation}}},
                                        {{{both, SeenFor::training}, {other, SeenFor::calibration}}});
  const SeenCutouts wanted{{{both, SeenFor::training}, {one, SeenFor::validation}, {other, SeenFor::calibration}}};
  EXPECT_EQ(merged, wanted);
  EXPECT_EQ(merge_seen(merged, {{{both, SeenFor::calibration}}}), wanted);
}

TEST_F(Seen, RefusesARecordThatIsDamaged) {
  for (const char* row : {"0123,training", "0123456789abcdef0123456789abcdeg,training", "0123456789abcdef0123456789abcdef,learning"}) {
    write_text("seen.csv", std::string{"pixels,used_for\n"} + row + "\n");
    try {
      read_seen(root_);
      ADD_FAILURE() << "no error: " << row;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("seen.csv, line 2"));
      EXPECT_THAT(error.what(), HasSubstr(row));
    }
  }
}

}  // namespace
}  // namespace lensfind::model
