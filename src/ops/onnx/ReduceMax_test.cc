#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(ReduceMax, OfNothingIsTheTypesSmallest) {
  const auto bools = OpTester("ReduceMax", 20)
                         .Input(Tensor::Allocate(DType::kBool, {0, 2}).value())
                         .Input(Tensor::Of<int64_t>({1}, {0}))
                         .Attr("keepdims", int64_t{0})
                         .Run();
  ASSERT_TRUE(bools.ok()) << bools.status().ToString();
  ExpectTensorNear((*bools)[0].tensor(), Tensor::Of<bool>({2}, {false, false}));
  const auto bytes = OpTester("ReduceMax", 20)
                         .Input(Tensor::Allocate(DType::kInt8, {0, 1}).value())
                         .Input(Tensor::Of<int64_t>({1}, {0}))
                         .Attr("keepdims", int64_t{0})
                         .Run();
  ASSERT_TRUE(bytes.ok()) << bytes.status().ToString();
  ExpectTensorNear((*bytes)[0].tensor(), Tensor::Of<int8_t>({1}, {-128}));
}

TEST(ReduceMax, LargeUnsignedNumbersAreNotNegative) {
  const uint64_t large = uint64_t{1} << 63;
  for (const auto& [op, expected] : {std::pair{"ReduceMax", large}, std::pair{"ReduceMin", uint64_t{5}}}) {
    const auto out = OpTester(op, 20).Input(Tensor::Of<uint64_t>({2}, {large, 5})).Attr("keepdims", int64_t{0}).Run();
    ASSERT_TRUE(out.ok()) << out.status().ToString();
    EXPECT_EQ((*out)[0].tensor().data<uint64_t>()[0], expected) << op;
  }
  const auto none = OpTester("ReduceMin", 20).Input(Tensor::Allocate(DType::kUint16, {0}).value()).Attr("keepdims", int64_t{0}).Run();
  ASSERT_TRUE(none.ok()) << none.status().ToString();
  EXPECT_EQ((*none)[0].tensor().data<uint16_t>()[0], 65535);
}

TEST(Mod, ZeroTakesTheDivisorsSign) {
  const auto out = OpTester("Mod", 13).Input(Tensor::Of<float>({2}, {6, 6})).Input(Tensor::Of<float>({2}, {3, -3})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  const float* r = (*out)[0].tensor().data<float>();
  EXPECT_FALSE(std::signbit(r[0]));
  EXPECT_TRUE(std::signbit(r[1]));
}

}  // namespace
}  // namespace samoyed::testing
