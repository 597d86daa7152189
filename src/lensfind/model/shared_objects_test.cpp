#include "lensfind/model/shared_objects.h"

#include <gmock/gmock.h>

#include "lensfind/dataset/test_set.h"

namespace lensfind::model {
namespace {

class Shared : public dataset::TestSet {
 protected:
  /// Two galaxies of the test split, of which one is painted in the train split too.
  [[nodiscard]] dataset::Dataset test_part() const {
    for (const char* id : {"train_lenses/1", "test_lenses/1", "test_nonlenses/1", "test_nonlenses/2"})
      write(std::string{"set/"} + id + ".npy");
    write_text("set/truth.csv",
               "id,split,label,group\ntrain_lenses/1,train,1,DES_7\ntest_lenses/1,test,1,DES_8\ntest_nonlenses/1,test,0,DES_7\n"
               "test_nonlenses/2,test,0,\n");
    return dataset::load_dataset(root_ / "set", {.split = dataset::Split::test});
  }
};

TEST_F(Shared, FindsGalaxiesOfTheOtherPartByTheTruthsGroups) {
  const SharedObjects found = shared_with_other_split(test_part());
  EXPECT_EQ(found.cutouts, 1);
  EXPECT_EQ(found.first, "DES_7");
  EXPECT_EQ(shared_with_other_split(dataset::load_dataset(root_ / "set", {.split = dataset::Split::all})).cutouts, 0);
}

TEST_F(Shared, FindsGalaxiesOfAModelsSplit) {
  write_text("run/split.csv", "id,label,group,side\nx/1,1,DES_8,train\nx/2,0,DES_7,\nx/3,0,x/3,train\n");
  const SharedObjects found = shared_with_model(test_part(), root_ / "run");
  EXPECT_EQ(found.cutouts, 1);
  EXPECT_EQ(found.first, "DES_8");
  EXPECT_EQ(shared_with_model(test_part(), root_ / "run/model.onnx").cutouts, 1);
  EXPECT_EQ(shared_with_model(test_part(), root_ / "elsewhere").cutouts, 0);
}

TEST_F(Shared, IdsAreNoObjects) {
  // Another set whose copies of a cutout have its id as their group: the same id here is another cutout.
  write_text("run/split.csv", "id,label,group,side\ntest_lenses/1,1,test_lenses/1,train\ntest_lenses/2,1,test_lenses/1,train\n");
  EXPECT_EQ(shared_with_model(test_part(), root_ / "run").cutouts, 0);
}

}  // namespace
}  // namespace lensfind::model
