#include <gtest/gtest.h>

#include <algorithm>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Concat, JoinsAlongAnyAxis) {
  const auto out = OpTester("Concat", 13)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<float>({2, 1}, {7.0f, 8.0f}))
                       .Attr("axis", int64_t{-1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 4}, {1.0f, 2.0f, 3.0f, 7.0f, 4.0f, 5.0f, 6.0f, 8.0f}));
}

TEST(Concat, PutsLongPartsTogetherPieceByPiece) {
  constexpr int64_t kLong = (int64_t{1} << 22) + 3;
  std::vector<int8_t> first(kLong), all;
  for (size_t i = 0; i < first.size(); ++i) first[i] = static_cast<int8_t>(i % 101);
  all = first;
  all.insert(all.end(), {-1, -2});
  const auto out = OpTester("Concat", 13)
                       .Input(Tensor::Of<int8_t>({kLong}, first))
                       .Input(Tensor::Of<int8_t>({2}, {-1, -2}))
                       .Attr("axis", int64_t{0})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ASSERT_EQ((*out)[0].tensor().size(), kLong + 2);
  EXPECT_TRUE(std::equal(all.begin(), all.end(), (*out)[0].tensor().data<int8_t>()));
}

TEST(Concat, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(OpTester("Concat", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<float>({1, 1}, {7.0f}))
                   .Attr("axis", int64_t{1})
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Concat", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2, 1}, {7, 8}))
                   .Attr("axis", int64_t{1})
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Concat", 13).Input(Tensor::Of<float>({}, {1.0f})).Attr("axis", int64_t{0}).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
