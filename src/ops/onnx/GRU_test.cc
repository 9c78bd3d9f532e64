#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

// The schema of version 1 misspells its default direction.
TEST(GRU, RunsForwardByDefaultInVersion1) {
  const auto run = [](int opset) {
    return OpTester("GRU", opset)
        .Input(Tensor::Of<float>({2, 1, 1}, {1, 2}))
        .Input(Tensor::Of<float>({1, 3, 1}, {0.5f, -0.5f, 1}))
        .Input(Tensor::Of<float>({1, 3, 1}, {0.25f, 0.5f, -1}))
        .Attr("hidden_size", int64_t{1})
        .Outputs(2)
        .Run();
  };
  const auto old = run(1), now = run(14);
  ASSERT_TRUE(old.ok()) << old.status().ToString();
  ASSERT_TRUE(now.ok()) << now.status().ToString();
  ExpectTensorNear((*old)[1].tensor(), (*now)[1].tensor());
}

}  // namespace
}  // namespace samoyed::testing
