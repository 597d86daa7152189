#include "lensfind/image/fits_checks.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/test_fits.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string number(const std::string& keyword, long value) { return card(fmt::format("{:8}= {:20d}", keyword, value)); }

/// A header of so many axes of length 1 that says itself an image or a table, with `more` cards.
std::string header(const std::string& begin, long axes, const std::string& more = "") {
  std::string cards = card(begin) + number("BITPIX", 8) + number("NAXIS", axes);
  for (long axis = 1; axis <= axes; ++axis) cards += number(fmt::format("NAXIS{}", axis), 1);
  if (!begin.starts_with("SIMPLE")) cards += number("PCOUNT", 0) + number("GCOUNT", 1);
  return to_blocks(cards + more + card("END"));
}
const std::string first_card = "SIMPLE  =                    T";
const std::string data = to_blocks("x", '\0');

class FitsChecks : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }
  std::string error_of(const std::string& bytes) const {
    std::ofstream{path_, std::ios::binary} << bytes;
    return error_of_file();
  }
  std::string error_of_zipped(const std::string& bytes) const {
    gzFile file = gzopen(path_.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return error_of_file();
  }
  std::string error_of_file() const {
    try {
      check_before_cfitsio(path_);
      read_fits_cutout(path_);
    } catch (const Error& error) {
      EXPECT_FALSE(error.hint().empty());
      return error.what();
    }
    return "no error";
  }

  fs::path path_ =
      fs::path{::testing::TempDir()} / fmt::format("lensfind-{}.fits", ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

// CFITSIO 4.2 has room for 99 lengths and writes as many as the header says; from 104 on they are a pointer that is freed.
TEST_F(FitsChecks, RefuseMoreAxesThanCfitsioHasRoomFor) {
  const std::string good = header(first_card, 2) + data;
  EXPECT_EQ(error_of(good), "no error");
  for (const long axes : {10, 100, 104, 999}) {
    const std::string wanted = fmt::format("a header whose NAXIS is {}", axes);
    EXPECT_THAT(error_of(header(first_card, axes) + data), HasSubstr(wanted));
    EXPECT_THAT(error_of_zipped(header(first_card, axes) + data), HasSubstr(wanted));
    EXPECT_THAT(error_of(good + header("XTENSION= 'IMAGE   '", axes) + data), HasSubstr(wanted));
    EXPECT_THAT(error_of(good + header("XTENSION= 'BINTABLE'", axes) + data), HasSubstr(wanted));
    EXPECT_THAT(error_of(good + header("XTENSION= 'TABLE   '", axes) + data), HasSubstr(wanted));
  }
  EXPECT_THAT(error_of(good + header("XTENSION= 'BINTABLE'", 2, card("ZIMAGE  =                    T") + number("ZNAXIS", 7)) + data),
              HasSubstr("a header whose ZNAXIS is 7"));
}

TEST_F(FitsChecks, RefuseSizesThatMayBeReadInTwoWays) {
  const std::string good = header(first_card, 2) + data;
  const auto with = [&](const std::string& more) { return error_of(good + header("XTENSION= 'IMAGE   '", 2, more) + data); };
  EXPECT_EQ(with(number("PCOUNT", 0)), "no error");
  EXPECT_THAT(with(number("PCOUNT", 2880)), HasSubstr("a header whose PCOUNT is 2880 and 0"));
  EXPECT_THAT(with(number("NAXIS", 104)), HasSubstr("a header whose NAXIS is 104"));
  EXPECT_THAT(with(card("HIERARCH NAXIS = 104")), HasSubstr("a header whose NAXIS is 104"));
  EXPECT_THAT(with(number("NAXIS3", -1)), HasSubstr("a header whose NAXIS3 is -1"));
  EXPECT_THAT(with(card("NAXIS3  = 'many'")), HasSubstr("a header whose NAXIS3 is 'many'"));
  EXPECT_THAT(with(card("NAXIS3  = 1.5")), HasSubstr("a header whose NAXIS3 is 1.5"));
}

// CFITSIO 4.2 takes such a header all the same, unseen by these checks: with ZPCOUNT below 0 it then wrote beyond a buffer.
TEST_F(FitsChecks, RefuseAHeaderWithoutAnEnd) {
  const std::string good = header(first_card, 2) + data;
  std::string endless = header("XTENSION= 'BINTABLE'", 2);
  endless.replace(endless.find("END     "), 3, "   ");
  EXPECT_THAT(error_of(good + endless + data), HasSubstr("a header has no END"));
  EXPECT_THAT(error_of_zipped(good + endless + data), HasSubstr("a header has no END"));
  EXPECT_EQ(error_of(good + data), "no error");  // what is no header may follow
}

}  // namespace
}  // namespace lensfind::image
