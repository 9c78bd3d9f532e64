#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Trilu, KeepsTheUpperTriangle) {
  const auto out = OpTester("Trilu", 14).Input(Tensor::Of<float>({2, 2}, {1.0f, 2.0f, 3.0f, 4.0f})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {1.0f, 2.0f, 0.0f, 4.0f}));
}

TEST(Trilu, TakesAnyDiagonal) {
  const auto out = OpTester("Trilu", 14)
                       .Input(Tensor::Of<float>({2, 2}, {1.0f, 2.0f, 3.0f, 4.0f}))
                       .Input(Tensor::Of<int64_t>({}, {INT64_MIN}))
                       .Attr("upper", int64_t{0})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {0.0f, 0.0f, 0.0f, 0.0f}));
}

}  // namespace
}  // namespace samoyed::testing
