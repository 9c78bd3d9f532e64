#include "ops/common/copy_elements.h"

#include <gtest/gtest.h>

#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

TEST(CopyElements, MovesPackedElementsOfAnyWidth) {
  for (DType dtype : {DType::kInt4, DType::kUint2, DType::kFloat6E2M3, DType::kBfloat16, DType::kComplex128}) {
    Tensor in = Tensor::Allocate(dtype, {2, 3}).value(), out = Tensor::Allocate(dtype, {3, 2}).value();
    StoreAll<double>(in, {0, 1, 1, 0, 0, 1});
    GatherStrided(in, 0, {1, 3}, {3, 2}, out);
    EXPECT_EQ(LoadAll<double>(out), (std::vector<double>{0, 0, 1, 0, 1, 1})) << NameOf(dtype);
    CopyElements(in, 1, out, 3, 3);
    EXPECT_EQ(LoadAll<double>(out), (std::vector<double>{0, 0, 1, 1, 1, 0})) << NameOf(dtype);
  }
}

TEST(CopyElements, ClearsTheBitsBehindTheLastElement) {
  Tensor in = Tensor::Allocate(DType::kInt4, {3}).value(), out = Tensor::Allocate(DType::kInt4, {3}).value();
  out.mutable_data<uint8_t>()[1] = 0xff;
  StoreAll<int64_t>(in, {1, 2, 3});
  CopyElements(in, 0, out, 0, 3);
  EXPECT_EQ(out.data<uint8_t>()[1], 3);
}

}  // namespace
}  // namespace samoyed::ops
