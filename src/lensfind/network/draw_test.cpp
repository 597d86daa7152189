#include "lensfind/network/draw.h"

#include <gmock/gmock.h>

#include "lensfind/network/networks.h"

namespace lensfind::network {
namespace {

using ::testing::HasSubstr;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(DrawSvg, ShowsABoxABlockAndAnArcAResidual) {
  // Stem, 2 + 2 + 2 + 2 residual blocks, head.
  const std::string resnet = draw_svg(build_network("resnet18", 3, 64, 2));
  EXPECT_EQ(count(resnet, "class=\"block\""), 8);
  EXPECT_EQ(count(resnet, "class=\"edge\""), 2);
  EXPECT_EQ(count(resnet, "class=\"skip\""), 8);
  EXPECT_THAT(resnet, HasSubstr(">layer2.0<"));
  EXPECT_THAT(resnet, HasSubstr("3×3 conv → 128, stride 2"));
  EXPECT_THAT(resnet, HasSubstr(">512 × 2 × 2<"));
  EXPECT_THAT(resnet, HasSubstr("11.18 M parameters"));
  // B0 has 16 blocks, of which 9 are residual.
  const std::string b0 = draw_svg(build_network("tf_efficientnet_b0", 3, 64, 2));
  EXPECT_EQ(count(b0, "class=\"block\""), 16);
  EXPECT_EQ(count(b0, "class=\"edge\""), 2);
  EXPECT_EQ(count(b0, "class=\"skip\""), 9);
  // One residual block, and each of the 2 + 4 + 3 transformer layers is one; the blocks around these are not.
  EXPECT_EQ(count(draw_svg(build_network("mobilevitv2_100", 3, 64, 2)), "class=\"skip\""), 1 + 9);
}

TEST(DrawSvg, IsWellFormed) {
  for (const Architecture& architecture : architectures()) {
    const std::string svg = draw_svg(build_network(architecture.name, 3, 64, 2));
    EXPECT_EQ(count(svg, "<text "), count(svg, "</text>")) << architecture.name;
    EXPECT_EQ(count(svg, "<svg "), 1) << architecture.name;
    EXPECT_TRUE(svg.ends_with("</svg>\n")) << architecture.name;
  }
}

}  // namespace
}  // namespace lensfind::network
