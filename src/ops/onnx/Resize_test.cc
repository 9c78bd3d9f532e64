#include <gtest/gtest.h>

#include <complex>

#include "ops/testing/op_tester.h"
#include "tensor/convert.h"

namespace samoyed::testing {
namespace {

TEST(Resize, InterpolatesHalfPixels) {
  const auto out = OpTester("Resize", 13)
                       .Input(Tensor::Of<float>({2}, {0.0f, 10.0f}))
                       .NoInput()
                       .NoInput()
                       .Input(Tensor::Of<int64_t>({1}, {4}))
                       .Attr("mode", std::string("linear"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({4}, {0.0f, 2.5f, 7.5f, 10.0f}));
}

// 3 * 1.5 = 4.5 is a length of 4, and the corners meet (PyTorch's interpolate with scale_factor=1.5 on the same numbers).
TEST(Resize, AlignsCornersOfWholeLengthsBeforeVersion19) {
  const auto out = OpTester("Resize", 18)
                       .Input(Tensor::Of<float>({3}, {0.0f, 1.0f, 4.0f}))
                       .NoInput()
                       .Input(Tensor::Of<float>({1}, {1.5f}))
                       .Attr("mode", std::string("linear"))
                       .Attr("coordinate_transformation_mode", std::string("align_corners"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({4}, {0.0f, 0.6666667f, 2.0f, 4.0f}));
}

TEST(Resize, InterpolatesComplexNumbersPartByPart) {
  using C = std::complex<double>;
  Tensor x = Tensor::Allocate(DType::kComplex64, {2}).value();
  StoreAll<C>(x, {C(0, 4), C(10, 0)});
  const auto out =
      OpTester("Resize", 13).Input(x).NoInput().NoInput().Input(Tensor::Of<int64_t>({1}, {4})).Attr("mode", std::string("linear")).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  const std::vector<C> y = LoadAll<C>((*out)[0].tensor());
  EXPECT_EQ(y[1], C(2.5f, 3));
  EXPECT_EQ(y[3], C(10, 0));
}

TEST(Resize, RoundsAsUpsampleInVersion10) {
  const auto out = OpTester("Resize", 10)
                       .Input(Tensor::Of<float>({1, 1, 1, 4}, {1.0f, 2.0f, 3.0f, 4.0f}))
                       .Input(Tensor::Of<float>({4}, {1.0f, 1.0f, 1.0f, 0.6f}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1, 2}, {1.0f, 3.0f}));
}

TEST(Resize, KeepsTheAspectRatio) {
  const auto out = OpTester("Resize", 18)
                       .Input(Tensor::Of<float>({1, 2}, {1.0f, 2.0f}))
                       .NoInput()
                       .NoInput()
                       .Input(Tensor::Of<int64_t>({2}, {3, 4}))
                       .Attr("keep_aspect_ratio_policy", std::string("not_larger"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 4}, {1.0f, 1.0f, 2.0f, 2.0f, 1.0f, 1.0f, 2.0f, 2.0f}));
}

TEST(Resize, RefusesBadSizes) {
  EXPECT_FALSE(OpTester("Resize", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .NoInput()
                   .NoInput()
                   .Input(Tensor::Of<int64_t>({2}, {-1, 2}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Resize", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .NoInput()
                   .Input(Tensor::Of<float>({2}, {-1.0f, 1.0f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Resize", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .NoInput()
                   .Input(Tensor::Of<float>({2}, {1e+30f, 1e+30f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Resize", 13).Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f})).Run().ok());
  EXPECT_FALSE(
      OpTester("Resize", 13).Input(Tensor::Of<float>({0}, {})).NoInput().NoInput().Input(Tensor::Of<int64_t>({1}, {2})).Run().ok());
}

// Corners are aligned by the whole length, the filter is stretched by the scale: of 3 elements by 0.5 one is left, made of 0 (twice at
// the border) and 1.
TEST(Resize, AlignedCornersKeepTheScaleOfTheFilter) {
  const auto out = OpTester("Resize", 18)
                       .Input(Tensor::Of<float>({3}, {4, 8, 100}))
                       .NoInput()
                       .Input(Tensor::Of<float>({1}, {0.5f}))
                       .Attr("mode", std::string("linear"))
                       .Attr("antialias", int64_t{1})
                       .Attr("coordinate_transformation_mode", std::string("align_corners"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1}, {5}));  // (0.5 x 4 + 4 + 0.5 x 8) / 2
}

}  // namespace
}  // namespace samoyed::testing
