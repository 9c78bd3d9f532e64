#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(StringNormalizer, DropsStopWordsAndLowersLetters) {
  const auto out = OpTester("StringNormalizer", 10)
                       .Input(Tensor::OfStrings({3}, {"The", "\xC3\x89t\xC3\xA9", "X"}))
                       .Attr("case_change_action", std::string("LOWER"))
                       .Attr("stopwords", std::vector<std::string>{"the"})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::OfStrings({2}, {"\xC3\xA9t\xC3\xA9", "x"}));
}

TEST(StringNormalizer, RefusesOtherShapes) {
  EXPECT_FALSE(OpTester("StringNormalizer", 10).Input(Tensor::OfStrings({2, 1}, {"a", "b"})).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
