#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

OpTester Transposed(std::vector<int64_t> output_shape) {
  OpTester tester("ConvTranspose", 11);
  tester.Input(Tensor::Of<float>({1, 1, 2}, {1, 2})).Input(Tensor::Of<float>({1, 1, 2}, {1, 10}));
  tester.Attr("strides", std::vector<int64_t>{2}).Attr("output_shape", std::move(output_shape));
  return tester;
}

TEST(ConvTranspose, OutputShapeDecidesThePadding) {
  const auto out = Transposed({4}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 4}, {1, 10, 2, 20}));
}

TEST(ConvTranspose, RefusesOutputShapesThatAreNone) {
  for (int64_t size : {INT64_MIN, int64_t{-1}, int64_t{0}, INT64_MAX}) {
    const auto out = Transposed({size}).Run();
    EXPECT_EQ(out.status().code(), Code::kBadInput) << size;
    EXPECT_NE(out.status().message().find(std::to_string(size)), std::string::npos) << out.status().ToString();
  }
}

}  // namespace
}  // namespace samoyed::testing
