#include "lensfind/base/label.h"

#include <gtest/gtest.h>

namespace lensfind::base {
namespace {

TEST(Labels, AreReadAsPeopleWriteThem) {
  for (const char* text : {"1", "1.0", " 1", "True", "TRUE", "t", "yes", "Y", "lens", "Lens", "strong lens", "+1", "1e0"})
    EXPECT_EQ(label_from_text(text), Label::lens) << text;
  for (const char* text : {"0", "0.0", "False", "no", "nonlens", "non-lens", "Non_Lens", "not a lens", "galaxy", "star", "-0.0"})
    EXPECT_EQ(label_from_text(text), Label::non_lens) << text;
  for (const char* text : {"", " ", "nan", "NaN", "None", "--", "?", "N/A", "unknown"})
    EXPECT_EQ(label_from_text(text), Label::unknown) << text;
  for (const char* text : {"2", "-1", "0.5", "A", "maybe", "candidate", "inf"}) EXPECT_FALSE(label_from_text(text)) << text;
}

}  // namespace
}  // namespace lensfind::base
