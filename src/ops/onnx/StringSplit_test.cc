#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(StringSplit, PadsToTheLongest) {
  const auto out = OpTester("StringSplit", 20).Input(Tensor::OfStrings({2}, {" a b  c ", ""})).Outputs(2).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::OfStrings({2, 3}, {"a", "b", "c", "", "", ""}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<int64_t>({2}, {3, 0}));
}

TEST(StringSplit, StopsAfterMaxsplit) {
  const auto out = OpTester("StringSplit", 20)
                       .Input(Tensor::OfStrings({1}, {"a,b,,c"}))
                       .Attr("delimiter", std::string(","))
                       .Attr("maxsplit", int64_t{2})
                       .Outputs(2)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::OfStrings({1, 3}, {"a", "b", ",c"}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<int64_t>({1}, {3}));
}

}  // namespace
}  // namespace samoyed::testing
