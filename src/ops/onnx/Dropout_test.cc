#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Dropout, DropsInOldVersionsUnlessTheyAreTested) {
  const Tensor x = Tensor::Of<float>({64}, std::vector<float>(64, 3));
  for (const int version : {1, 6}) {
    const auto trained = OpTester("Dropout", version).Input(x).Attr("ratio", 0.25f).Outputs(2).Run();
    ASSERT_TRUE(trained.ok()) << trained.status().ToString();
    int dropped = 0;
    for (int64_t i = 0; i < 64; ++i) {
      const float kept = (*trained)[1].tensor().data<float>()[i];
      EXPECT_FLOAT_EQ((*trained)[0].tensor().data<float>()[i], kept * 4);
      dropped += kept == 0;
    }
    EXPECT_GT(dropped, 0);
    EXPECT_LT(dropped, 40);
    const auto tested = OpTester("Dropout", version).Input(x).Attr("is_test", int64_t{1}).Run();
    ASSERT_TRUE(tested.ok()) << tested.status().ToString();
    ExpectTensorNear((*tested)[0].tensor(), x, 0, 0);
  }
  ExpectTensorNear((*OpTester("Dropout", 7).Input(x).Run())[0].tensor(), x, 0, 0);
}

}  // namespace
}  // namespace samoyed::testing
