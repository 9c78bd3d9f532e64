#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

Result<std::vector<Value>> Reduce(const Tensor& x, const Tensor& like) {
  return OpTester("ReduceToShape", 1, "ai.samoyed").Input(x).Input(like).Run();
}

TEST(ReduceToShape, SumsWhatWasBroadcast) {
  const Tensor x = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto rows = Reduce(x, Tensor::Of<float>({2, 1}, {0, 0}));
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  ExpectTensorNear((*rows)[0].tensor(), Tensor::Of<float>({2, 1}, {6, 15}));
  const auto columns = Reduce(x, Tensor::Of<float>({3}, {0, 0, 0}));
  ASSERT_TRUE(columns.ok()) << columns.status().ToString();
  ExpectTensorNear((*columns)[0].tensor(), Tensor::Of<float>({3}, {5, 7, 9}));
  const auto all = Reduce(x, Tensor::Scalar<float>(0));
  ASSERT_TRUE(all.ok()) << all.status().ToString();
  ExpectTensorNear((*all)[0].tensor(), Tensor::Scalar<float>(21));
  EXPECT_FALSE(Reduce(x, Tensor::Of<float>({2}, {0, 0})).ok());
  EXPECT_FALSE(Reduce(Tensor::Scalar<float>(1), x).ok());
}

}  // namespace
}  // namespace samoyed::testing
