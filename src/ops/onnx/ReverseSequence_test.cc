#include <gtest/gtest.h>

#include <limits>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(ReverseSequence, RefusesAxesWhoseSumOverflows) {
  const auto run = [](int64_t time, int64_t batch) {
    return OpTester("ReverseSequence", 10)
        .Input(Tensor::Of<float>({2, 1}, {1, 2}))
        .Input(Tensor::Of<int64_t>({1}, {2}))
        .Attr("time_axis", time)
        .Attr("batch_axis", batch)
        .Run();
  };
  EXPECT_TRUE(run(0, 1).ok());
  EXPECT_FALSE(run(std::numeric_limits<int64_t>::max(), 1).ok());
  EXPECT_FALSE(run(0, 0).ok());
  EXPECT_FALSE(run(-1, 2).ok());
}

}  // namespace
}  // namespace samoyed::testing
