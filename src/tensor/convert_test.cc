#include "tensor/convert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace samoyed {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(NarrowFloats, EveryPatternSurvivesARoundTrip) {
  for (DType dtype : {DType::kFloat16, DType::kBfloat16, DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2,
                      DType::kFloat8E5M2FNUZ, DType::kFloat8E8M0, DType::kFloat4E2M1, DType::kFloat6E2M3, DType::kFloat6E3M2}) {
    for (uint32_t bits = 0; bits < (1u << BitWidth(dtype)); ++bits) {
      const double value = DecodeFloat(dtype, bits);
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isnan(DecodeFloat(dtype, EncodeFloat(dtype, value)))) << NameOf(dtype) << " " << bits;
      } else {
        EXPECT_EQ(EncodeFloat(dtype, value, /*saturate=*/false), bits) << NameOf(dtype) << " of " << value;
      }
    }
  }
}

TEST(NarrowFloats, LargestAndSmallestAreTheStandards) {
  EXPECT_EQ(DecodeFloat(DType::kFloat16, 0x7bff), 65504);
  EXPECT_EQ(DecodeFloat(DType::kFloat16, 1), std::ldexp(1, -24));
  EXPECT_EQ(DecodeFloat(DType::kFloat8E4M3FN, 0x7e), 448);
  EXPECT_EQ(DecodeFloat(DType::kFloat8E4M3FNUZ, 0x7f), 240);
  EXPECT_EQ(DecodeFloat(DType::kFloat8E5M2, 0x7b), 57344);
  EXPECT_EQ(DecodeFloat(DType::kFloat8E5M2FNUZ, 0x7f), 57344);
  EXPECT_EQ(DecodeFloat(DType::kFloat4E2M1, 7), 6);
  EXPECT_EQ(DecodeFloat(DType::kFloat6E2M3, 0x1f), 7.5);
  EXPECT_EQ(DecodeFloat(DType::kFloat6E3M2, 0x1f), 28);
}

TEST(NarrowFloats, RoundsToNearestEven) {
  EXPECT_EQ(DecodeFloat(DType::kFloat16, EncodeFloat(DType::kFloat16, 2049)), 2048);
  EXPECT_EQ(DecodeFloat(DType::kFloat16, EncodeFloat(DType::kFloat16, 2051)), 2052);
  EXPECT_EQ(DecodeFloat(DType::kBfloat16, EncodeFloat(DType::kBfloat16, 257)), 256);
  EXPECT_EQ(DecodeFloat(DType::kFloat16, EncodeFloat(DType::kFloat16, 65519.9)), 65504);
  EXPECT_EQ(DecodeFloat(DType::kFloat16, EncodeFloat(DType::kFloat16, 65520)), kInf);
}

TEST(NarrowFloats, OverflowSaturatesOrNot) {
  EXPECT_EQ(DecodeFloat(DType::kFloat8E4M3FN, EncodeFloat(DType::kFloat8E4M3FN, 1000)), 448);
  EXPECT_TRUE(std::isnan(DecodeFloat(DType::kFloat8E4M3FN, EncodeFloat(DType::kFloat8E4M3FN, 1000, false))));
  EXPECT_EQ(DecodeFloat(DType::kFloat8E5M2, EncodeFloat(DType::kFloat8E5M2, -kInf)), -57344);
  EXPECT_EQ(DecodeFloat(DType::kFloat8E5M2, EncodeFloat(DType::kFloat8E5M2, -kInf, false)), -kInf);
  EXPECT_EQ(DecodeFloat(DType::kFloat4E2M1, EncodeFloat(DType::kFloat4E2M1, 100)), 6);
}

TEST(Packed, ElementsOfTwoFourAndSixBits) {
  for (DType dtype : {DType::kInt2, DType::kUint2, DType::kInt4, DType::kUint4, DType::kFloat6E2M3, DType::kFloat4E2M1}) {
    Tensor t = Tensor::Allocate(dtype, {7}).value();
    const std::vector<double> values = {0, 1, 0, 1, 1, 0, 1};
    StoreAll(t, values);
    EXPECT_EQ(LoadAll<double>(t), values) << NameOf(dtype);
  }
  Tensor t = Tensor::Allocate(DType::kInt4, {3}).value();
  StoreAll<double>(t, {-100, 7.9, -8});
  EXPECT_EQ(LoadAll<int64_t>(t), (std::vector<int64_t>{-8, 7, -8}));
}

TEST(Convert, FloatsIntoIntegersClampAndIntegersWrap) {
  Tensor t = Tensor::Allocate(DType::kInt8, {4}).value();
  StoreAll<double>(t, {300, -300, NAN, -1.9});
  EXPECT_EQ(LoadAll<int64_t>(t), (std::vector<int64_t>{127, -128, 0, -1}));
  StoreAll<int64_t>(t, {300, -129, 0, 1});
  EXPECT_EQ(LoadAll<int64_t>(t), (std::vector<int64_t>{44, 127, 0, 1}));
  Tensor u = Tensor::Allocate(DType::kUint64, {2}).value();
  StoreAll<double>(u, {1e30, -5});
  EXPECT_EQ(LoadAll<uint64_t>(u), (std::vector<uint64_t>{UINT64_MAX, 0}));
}

TEST(Convert, DoubleBeyondFloatIsInfinite) {
  Tensor t = Tensor::Allocate(DType::kFloat, {2}).value();
  StoreAll<double>(t, {1e300, -1e300});
  EXPECT_EQ(LoadAll<double>(t), (std::vector<double>{kInf, -kInf}));
}

}  // namespace
}  // namespace samoyed
