#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

Result<std::vector<Value>> Solve(const Tensor& a, const Tensor& y, int64_t transposed) {
  return OpTester("Solve", 1, "com.microsoft").Input(a).Input(y).Attr("transposed", transposed).Run();
}

TEST(Solve, FindsWhatGivesTheRows) {
  // The first pivot is nought: rows change places.
  const auto a = Tensor::Of<double>({3, 3}, {0, 2, 1, 1, 1, 0, 4, 0, 1});
  const auto x = Tensor::Of<double>({3, 2}, {1, -1, 2, 0.5, 3, 4});
  const auto out = Solve(a, Tensor::Of<double>({3, 2}, {7, 5, 3, -0.5, 7, 0}), 0);
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), x);
  const auto across = Solve(a, Tensor::Of<double>({3}, {14, 4, 4}), 1);
  ASSERT_TRUE(across.ok()) << across.status().ToString();
  ExpectTensorNear((*across)[0].tensor(), Tensor::Of<double>({3}, {1, 2, 3}));
}

TEST(Solve, RefusesWhatHasNoAnswer) {
  EXPECT_FALSE(Solve(Tensor::Of<float>({2, 2}, {1, 2, 2, 4}), Tensor::Of<float>({2}, {1, 1}), 0).ok());
  EXPECT_FALSE(Solve(Tensor::Of<float>({2, 3}, {1, 2, 2, 4, 0, 1}), Tensor::Of<float>({2}, {1, 1}), 0).ok());
  EXPECT_FALSE(Solve(Tensor::Of<float>({2, 2}, {1, 2, 2, 1}), Tensor::Of<float>({3}, {1, 1, 1}), 0).ok());
}

}  // namespace
}  // namespace samoyed::testing
