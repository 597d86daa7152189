#include "lensfind/dataset/duplicates.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/natural_order.h"
#include "lensfind/base/random.h"
#include "lensfind/image/symmetry.h"

namespace lensfind::dataset {
namespace {

using ::testing::ElementsAre;

Hash128 hash_of(std::string_view text) { return hash128(std::as_bytes(std::span{text})); }

// The digests that other implementations of MurmurHash3_x64_128 print (Guava, mmh3).
TEST(Hash128, IsMurmurHash3) {
  EXPECT_EQ(hash_of("").text(), "00000000000000000000000000000000");
  EXPECT_EQ(hash_of("hello").text(), "cbd8a7b341bd9b025b1e906a48ae1d19");
  EXPECT_EQ(hash_of("The quick brown fox jumps over the lazy dog").text(), "e34bbc7bbc071b6c7a433ca9c49a9347");
}

// What `xxhsum -H128` prints, which writes the high half first.
TEST(Xxh3, IsThatOfXxhsum) {
  const auto hash = [](std::string_view text) { return xxh3(std::as_bytes(std::span{text})); };
  EXPECT_EQ(hash(""), (Hash128{.low = 0x6001c324468d497fU, .high = 0x99aa06d3014798d8U}));
  EXPECT_EQ(hash("hello"), (Hash128{.low = 0xc779cfaa5e523818U, .high = 0xb5e9c1ad071b3e7fU}));
  EXPECT_EQ(hash(std::string(200'000, '\0')), (Hash128{.low = 0x91c9851cfe25f231U, .high = 0x259dc0dfa685d5c5U}));
}

TEST(ExactDuplicates, AreListedSetBySet) {
  const std::vector<Hash128> pixels{hash_of("a"), hash_of("b"), hash_of("a"), hash_of("c"), hash_of("b"), hash_of("a")};
  EXPECT_THAT(exact_duplicates(pixels), ElementsAre(ElementsAre(0, 2, 5), ElementsAre(1, 4)));
}

image::Image noise(int side) {
  image::Image image{image::ImageShape{2, side, side}};
  RandomStream random{1, Purpose::test};
  for (float& value : image.values()) value = static_cast<float>(random.uniform());
  return image;
}

TEST(HashOfAnyRotation, IsTheSameForAllEightTurnsAndForNothingElse) {
  for (const int side : {7, 8}) {
    const image::Image image = noise(side);
    const Hash128 hash = hash_of_any_rotation(image.view());
    for (int element = 0; element < image::d4_elements; ++element) {
      image::Image turned = image;
      image::apply_d4(turned.view(), element);
      EXPECT_EQ(hash_of_any_rotation(std::as_const(turned).view()), hash) << element;
    }
    for (std::size_t i = 0; i < image.values().size(); ++i) {
      image::Image changed = image;
      changed.values()[i] += 1e-6F;
      EXPECT_NE(hash_of_any_rotation(std::as_const(changed).view()), hash) << i;
    }
    image::Image other_bands = image;
    std::ranges::swap_ranges(other_bands.band(0), other_bands.band(1));
    EXPECT_NE(hash_of_any_rotation(std::as_const(other_bands).view()), hash);
    image::Image one_band_flipped = image;
    image::flip_horizontal({{1, side, side}, one_band_flipped.band(0).data()});
    EXPECT_NE(hash_of_any_rotation(std::as_const(one_band_flipped).view()), hash);
  }
}

TEST(HashOfAnyRotation, OfOblongImagesIsOfThePixelsAsTheyAre) {
  image::Image oblong{{1, 2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}};
  const Hash128 hash = hash_of_any_rotation(std::as_const(oblong).view());
  EXPECT_EQ(hash, xxh3(std::as_bytes(std::as_const(oblong).values())));
  image::flip_vertical(oblong.view());
  EXPECT_NE(hash_of_any_rotation(std::as_const(oblong).view()), hash);
}

TEST(JoinGroups, JoinsWholeGroupsInChains) {
  // Copies: samples 0 and 1 (groups A, B), 2 and 3 (groups B, C): A, B and C are one object; D is another.
  std::vector<Sample> samples{{.group = "A"}, {.group = "B"}, {.group = "B"}, {.group = "C"}, {.group = "D"}, {.group = "C"}};
  join_groups(std::vector<std::vector<std::int64_t>>{{0, 1}, {2, 3}}, samples);
  std::vector<std::string> groups;
  for (const Sample& sample : samples) groups.push_back(sample.group);
  EXPECT_THAT(groups, ElementsAre("A", "A", "A", "A", "D", "A"));
}

TEST(NaturalLess, OrdersNumbersByTheirValue) {
  const std::vector<std::string_view> ordered{"", "1.npy", "2.npy", "10.npy", "a", "a1b2", "a1b10", "a02", "a2", "a10", "b"};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j)
      EXPECT_EQ(natural_less(ordered[i], ordered[j]), i < j) << ordered[i] << " " << ordered[j];
  }
}

}  // namespace
}  // namespace lensfind::dataset
