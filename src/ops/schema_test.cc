#include "ops/schema.h"

#include <gtest/gtest.h>

#include <climits>

namespace samoyed {
namespace {

TEST(Schema, TheVersionInForceIsTheNewestNotAboveTheOpset) {
  EXPECT_EQ(FindSchema("", "Conv", 10)->since_version, 1);
  EXPECT_EQ(FindSchema("ai.onnx", "Conv", 21)->since_version, 11);
  EXPECT_EQ(FindSchema("", "Conv", 1000)->since_version, 22);
  EXPECT_EQ(FindSchema("", "Gelu", 19), nullptr);
  EXPECT_EQ(FindSchema("nowhere", "Conv", 10), nullptr);
}

TEST(Schema, ReadsEveryField) {
  const OpSchema* conv = FindSchema("", "Conv", 22);
  ASSERT_NE(conv, nullptr);
  ASSERT_EQ(conv->inputs.size(), 3u);
  EXPECT_EQ(conv->inputs[2].name, "B");
  EXPECT_EQ(conv->inputs[2].option, ParamOption::kOptional);
  EXPECT_EQ(conv->min_inputs, 2);
  EXPECT_EQ(conv->FindAttribute("auto_pad")->default_string, "NOTSET");
  EXPECT_EQ(conv->FindAttribute("group")->default_int, 1);
  EXPECT_FALSE(conv->FindAttribute("pads")->has_default);
  EXPECT_EQ(conv->constraints[0].types.size(), 4u);
  EXPECT_FLOAT_EQ(FindSchema("", "LeakyRelu", 16)->FindAttribute("alpha")->default_float, 0.01f);
  EXPECT_EQ(FindSchema("", "Concat", 13)->max_inputs, INT_MAX);
  EXPECT_FALSE(FindSchema("", "RandomNormal", 1)->deterministic);
  EXPECT_TRUE(FindSchema("", "Upsample", 10)->deprecated);
}

TEST(Schema, OperatorsOutsideTheStandardBringTheirOwn) {
  const OpSchema* add = FindSchema("com.microsoft", "QLinearAdd", 1);
  ASSERT_NE(add, nullptr);
  EXPECT_EQ(add->inputs.size(), 8u);
  EXPECT_EQ(add->min_inputs, 7);
  EXPECT_FALSE(add->extension);
  const OpSchema* simplified = FindSchema("", "SimplifiedLayerNormalization", 13);
  ASSERT_NE(simplified, nullptr);
  EXPECT_TRUE(simplified->extension);
}

TEST(Schema, TheWholeTableParses) {
  EXPECT_GE(AllSchemas().size(), 659u);
  for (const OpSchema& s : AllSchemas()) {
    EXPECT_FALSE(s.name.empty());
    EXPECT_LE(s.min_inputs, s.max_inputs) << s.name;
  }
  EXPECT_EQ(LatestOpset(""), 28);
  EXPECT_EQ(LatestOpset("ai.onnx.ml"), 5);
}

}  // namespace
}  // namespace samoyed
