#include "lensfind/render/point_images.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/render/reference_mass.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::render {
namespace {

// An isothermal sphere has two images of a point within theta_E, of magnification 2 theta_E / beta together, and one beyond.
TEST(PointImages, OfAnIsothermalSphereAreTwoWithinItsEinsteinRadius) {
  for (const Point centre : {Point{}, Point{0.3, -0.2}}) {
    const Mass sphere{{{.theta_e_arcsec = 1.3, .centre_arcsec = centre}}, {}};
    const PointImageFinder finder{sphere, centre, 3.5 * 1.3};
    for (double angle = 0.1; angle < 6; angle += 0.37) {
      const auto at = [&](double beta) { return finder.find(centre + Point{1.3 * beta * std::cos(angle), 1.3 * beta * std::sin(angle)}); };
      for (const double beta : {0.2, 0.4, 0.6, 0.8, 0.9, 0.97}) {
        const PointImages images = at(beta);
        EXPECT_TRUE(images.multiple) << beta << " " << angle;
        EXPECT_NEAR(images.magnification * beta / 2, 1, 0.4) << beta << " " << angle;
      }
      EXPECT_FALSE(at(1.01).multiple) << angle;
    }
  }
}

/// A deflector alone (0), with five satellites (1) or in a halo (2).
Mass drawn_mass(int kind, double theta_e, Point centre, RandomStream& random) {
  Mass mass{{{theta_e, random.uniform(0.3, 1), random.uniform(0, 3), centre, random.uniform(1.6, 2.4)}},
            {random.normal(0, 0.05), random.normal(0, 0.05)},
            {}};
  for (int member = 0; kind == 1 && member < 5; ++member) {
    mass.ellipsoids.push_back({.theta_e_arcsec = random.uniform(0.02, 0.3) * theta_e,
                               .centre_arcsec = centre + Point{random.uniform(-3, 3), random.uniform(-3, 3)}});
  }
  if (kind == 2) mass.halos.push_back({.strength_arcsec = theta_e, .core_arcsec = 0.5, .ellipticity = 0.1, .centre_arcsec = centre});
  return mass;
}

// The quick search finds what the whole grid does, but beside a caustic, where neither is sure and the two err to both sides alike.
TEST(PointImages, OfOneSourceAreThoseOfTheWholeGrid) {
  for (int kind = 0; kind < 3; ++kind) {
    RandomStream random{12, Purpose::test, static_cast<std::uint64_t>(kind)};
    int sources = 0, missed = 0, extra = 0, multiple = 0;
    double ratio = 0;
    for (int k = 0; k < 500; ++k) {
      // A halo has as much mass again.
      const double theta_e = random.uniform(0.6, 3), half = 3.5 * theta_e, reach = (kind == 2 ? 1.6 : 1) * theta_e;
      const Point centre{random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5)};
      const Mass mass = drawn_mass(kind, theta_e, centre, random);
      const PointImageFinder grid{mass, centre, half};
      for (int s = 0; s < 10; ++s) {
        const Point source = centre + Point{random.uniform(-reach, reach), random.uniform(-reach, reach)};
        const PointImages want = grid.find(source), got = images_of_point(mass, centre, half, source);
        ++sources;
        multiple += want.multiple ? 1 : 0;
        missed += want.multiple && !got.multiple ? 1 : 0;
        extra += got.multiple && !want.multiple ? 1 : 0;
        ratio += std::log(std::max(got.magnification, 0.1) / std::max(want.magnification, 0.1));
      }
    }
    EXPECT_GT(multiple, sources / 4) << kind;
    EXPECT_LT(multiple, 9 * sources / 10) << kind;
    EXPECT_LT(missed + extra, sources / 50) << kind;
    EXPECT_LT(std::abs(missed - extra), 4 * std::sqrt(missed + extra) + 2) << kind << ": " << missed << " missed, " << extra << " extra";
    EXPECT_NEAR(ratio / sources, 0, 0.02) << kind;
  }
}

TEST(PointImages, AreMagnifiedAsLenstronomySays) {
  for (const auto& path : test::reference_files("lensing/point_images.json")) {
    const Value file = read_json(path);
    for (const Value& entry : file.as_array()) {
      const Mass mass = read_mass(entry);
      const PowerLawEllipsoid& lens = mass.ellipsoids.front();
      const PointImages images = PointImageFinder{mass, lens.centre_arcsec, 3.5 * lens.theta_e_arcsec}.find(
          {entry.at("source_x").as_number(), entry.at("source_y").as_number()});
      EXPECT_EQ(images.multiple, entry.at("n_images").as_number() > 1) << entry.at("name").as_string();
      EXPECT_EQ(images_of_point(mass, lens.centre_arcsec, 3.5 * lens.theta_e_arcsec,
                                {entry.at("source_x").as_number(), entry.at("source_y").as_number()})
                    .multiple,
                images.multiple)
          << entry.at("name").as_string();
      // One of them has two images merging at a critical line.
      const double ratio = images.magnification / entry.at("total_abs_magnification").as_number();
      EXPECT_GT(ratio, 0.6) << entry.at("name").as_string();
      EXPECT_LT(ratio, 2.5) << entry.at("name").as_string();
    }
  }
}

// theta = beta +- theta_E, mu = 1 / |1 - theta_E / |theta||.
TEST(PointImages, AreSolvedForAsTheClosedFormOfASphereHasThem) {
  const Point centre{0.3, -0.2};
  const PointImageFinder finder{{{{.theta_e_arcsec = 1.3, .centre_arcsec = centre}}, {}}, centre, 3.5 * 1.3};
  for (const double beta : {0.05, 0.4, 1.1}) {
    const Point source{centre.x + beta * std::cos(1.1), centre.y + beta * std::sin(1.1)};
    const std::vector<PointImage> images = finder.solve(source);
    ASSERT_EQ(images.size(), 2U) << beta;
    for (std::size_t k = 0; k < 2; ++k) {
      const double along = k == 0 ? beta + 1.3 : beta - 1.3;
      EXPECT_NEAR(images[k].position.x, centre.x + along * std::cos(1.1), 1e-8);
      EXPECT_NEAR(images[k].position.y, centre.y + along * std::sin(1.1), 1e-8);
      EXPECT_NEAR(images[k].magnification, 1 / std::abs(1 - 1.3 / std::abs(along)), 1e-6);
      EXPECT_EQ(images[k].minus_parity, k == 1);
    }
  }
  EXPECT_EQ(finder.solve({centre.x + 1.6, centre.y}).size(), 1U);
}

void expect_solved(const Value& entry) {
  const Mass mass = read_mass(entry);
  const PowerLawEllipsoid& lens = mass.ellipsoids.front();
  const std::vector<PointImage> images = PointImageFinder{mass, lens.centre_arcsec, 3.5 * lens.theta_e_arcsec}.solve(
      {entry.at("source_x").as_number(), entry.at("source_y").as_number()});
  for (std::size_t i = 0; i < entry.at("x").as_array().size(); ++i) {
    const Point want{entry.at("x").as_array()[i].as_number(), entry.at("y").as_array()[i].as_number()};
    const double magnification = std::abs(entry.at("magnification").as_array()[i].as_number());
    const auto found = std::ranges::find_if(
        images, [&](const PointImage& image) { return std::hypot(image.position.x - want.x, image.position.y - want.y) < 1e-6; });
    // Next to the centre of a steep mass stands an image that nobody sees.
    if (found == images.end()) {
      EXPECT_LT(magnification, 1e-3) << entry.at("name").as_string() << " " << i;
    } else {
      EXPECT_NEAR(found->magnification / magnification, 1, 1e-4) << entry.at("name").as_string() << " " << i;
    }
  }
}

TEST(PointImages, AreSolvedForAsLenstronomyDoes) {
  for (const auto& path : test::reference_files("lensing/point_images.json")) {
    const Value file = read_json(path);
    for (const Value& entry : file.as_array()) expect_solved(entry);
  }
}

}  // namespace
}  // namespace lensfind::render
