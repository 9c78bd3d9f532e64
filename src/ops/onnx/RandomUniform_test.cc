#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(RandomUniform, DependsOnTheSeedAlone) {
  const auto draw = [](float seed) {
    return OpTester("RandomUniform", 22).Attr("shape", std::vector<int64_t>{64}).Attr("seed", seed).Attr("low", -1.f).Run();
  };
  const auto a = draw(1), b = draw(1), c = draw(2);
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  ExpectTensorNear((*a)[0].tensor(), (*b)[0].tensor(), 0, 0);
  EXPECT_NE((*a)[0].tensor().data<float>()[0], (*c)[0].tensor().data<float>()[0]);
  for (float x : (*a)[0].tensor().span<float>()) EXPECT_TRUE(x >= -1 && x <= 1) << x;
}

TEST(RandomUniform, RefusesBadShapes) {
  EXPECT_FALSE(OpTester("RandomUniform", 22).Attr("shape", std::vector<int64_t>{-1}).Run().ok());
  EXPECT_FALSE(OpTester("RandomUniform", 22).Attr("shape", std::vector<int64_t>{4611686018427387904, 4611686018427387904}).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
