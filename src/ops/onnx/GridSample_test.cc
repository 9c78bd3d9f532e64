#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "ops/testing/op_tester.h"
#include "tensor/convert.h"

namespace samoyed::testing {
namespace {

TEST(GridSample, TakesCornersAndWhatIsBetween) {
  const auto out = OpTester("GridSample", 20)
                       .Input(Tensor::Of<float>({1, 1, 2, 2}, {0.0f, 1.0f, 2.0f, 3.0f}))
                       .Input(Tensor::Of<float>({1, 1, 3, 2}, {-1.0f, -1.0f, 1.0f, 1.0f, 0.0f, 0.0f}))
                       .Attr("align_corners", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1, 3}, {0.0f, 3.0f, 1.5f}));
}

// PyTorch's grid_sample(x, g, "bicubic", "border", False) on the same numbers.
TEST(GridSample, CubicCurvesGoOnAtTheBorder) {
  const auto out = OpTester("GridSample", 20)
                       .Input(Tensor::Of<float>({1, 1, 1, 4}, {1.0f, 2.0f, 4.0f, 8.0f}))
                       .Input(Tensor::Of<float>({1, 1, 3, 2}, {-1.1f, 0.0f, 0.9f, 0.0f, 2.0f, 0.0f}))
                       .Attr("mode", std::string("cubic"))
                       .Attr("padding_mode", std::string("border"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1, 3}, {0.9527502f, 8.441f, 8.0f}));
}

TEST(GridSample, InterpolatesComplexNumbers) {
  using C = std::complex<double>;
  Tensor x = Tensor::Allocate(DType::kComplex128, {1, 1, 1, 2}).value();
  StoreAll<C>(x, {C(0, 4), C(2, 0)});
  const auto out = OpTester("GridSample", 20).Input(x).Input(Tensor::Of<float>({1, 1, 1, 2}, {0, 0})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  EXPECT_EQ(At<C>((*out)[0].tensor()), C(1, 2));
}

TEST(GridSample, StaysInsideForAnyCoordinates) {
  const Tensor grid = Tensor::Of<float>({1, 1, 4, 2}, {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, NAN, 3e9f, -3e9f});
  for (const char* padding : {"zeros", "border", "reflection"}) {
    for (const char* mode : {"nearest", "linear", "cubic"}) {
      const auto out = OpTester("GridSample", 20)
                           .Input(Tensor::Of<float>({1, 1, 2, 2}, {0.f, 1.f, 2.f, 3.f}))
                           .Input(grid)
                           .Attr("mode", std::string(mode))
                           .Attr("padding_mode", std::string(padding))
                           .Run();
      EXPECT_TRUE(out.ok()) << mode << " " << padding << ": " << out.status().ToString();
    }
  }
}

}  // namespace
}  // namespace samoyed::testing
