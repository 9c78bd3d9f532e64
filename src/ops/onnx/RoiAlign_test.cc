#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

Tensor Ramp(Shape shape) {
  Tensor out = Tensor::Allocate(DType::kFloat, std::move(shape)).value();
  for (int64_t i = 0; i < out.size(); ++i) out.mutable_data<float>()[i] = static_cast<float>(i);
  return out;
}

OpTester Align(int opset, int64_t size, const Tensor& rois, int64_t batch) {
  OpTester t("RoiAlign", opset);
  t.Attr("output_height", size).Attr("output_width", size).Input(Ramp({1, 1, 4, 4})).Input(rois).Input(Tensor::Of<int64_t>({1}, {batch}));
  return t;
}

TEST(RoiAlign, SamplesBetweenElements) {
  // A ramp x + 4 y is linear, so each bin is its value at the bin's centre.
  const auto out = Align(16, 2, Tensor::Of<float>({1, 4}, {0.5f, 0.5f, 3.5f, 3.5f}), 0).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 2, 2}, {3.75f, 5.25f, 9.75f, 11.25f}));
  const auto old = Align(10, 1, Tensor::Of<float>({1, 4}, {0, 0, 2, 2}), 0).Run();
  ASSERT_TRUE(old.ok()) << old.status().ToString();
  ExpectTensorNear((*old)[0].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {5}));
}

TEST(RoiAlign, RegionsMayBeAnywhere) {
  const auto far = Align(16, 2, Tensor::Of<float>({1, 4}, {-3e38f, -1e9f, 3e38f, 1e9f}), 0).Run();
  ASSERT_TRUE(far.ok()) << far.status().ToString();
  const auto reversed = Align(16, 1, Tensor::Of<float>({1, 4}, {3, 3, 1, 1}), 0).Run();
  ASSERT_TRUE(reversed.ok()) << reversed.status().ToString();
  EXPECT_EQ((*reversed)[0].tensor().data<float>()[0], 0);
  for (const float bad : {std::nanf(""), kInf}) {
    const auto out = Align(16, 1, Tensor::Of<float>({1, 4}, {0, bad, 1, 1}), 0).Run();
    ASSERT_TRUE(out.ok()) << out.status().ToString();
    EXPECT_TRUE(std::isnan((*out)[0].tensor().data<float>()[0]));
  }
}

TEST(RoiAlign, RefusesWhatDoesNotFit) {
  const Tensor roi = Tensor::Of<float>({1, 4}, {0, 0, 1, 1});
  EXPECT_FALSE(Align(16, 1, roi, 1).Run().ok());
  EXPECT_FALSE(Align(16, 1, roi, -1).Run().ok());
  EXPECT_FALSE(Align(16, 0, roi, 0).Run().ok());
  EXPECT_FALSE(Align(16, INT64_MAX, roi, 0).Run().ok());
  EXPECT_FALSE(Align(16, 1, Tensor::Of<float>({1, 3}, {0, 0, 1}), 0).Run().ok());
}

TEST(MaxRoiPool, TakesTheLargestOfEachBin) {
  const auto pool = [](std::initializer_list<float> roi) {
    return OpTester("MaxRoiPool", 1)
        .Attr("pooled_shape", std::vector<int64_t>{2, 2})
        .Input(Ramp({1, 1, 4, 4}))
        .Input(Tensor::Of<float>({1, 5}, roi))
        .Run();
  };
  const auto out = pool({0, 0, 0, 2, 2});
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 2, 2}, {5, 6, 9, 10}));
  const auto outside = pool({0, 1e30f, -1e30f, 1e30f, 1e30f});
  ASSERT_TRUE(outside.ok()) << outside.status().ToString();
  ExpectTensorNear((*outside)[0].tensor(), Tensor::Of<float>({1, 1, 2, 2}, {0, 0, 0, 0}));
  const auto nowhere = pool({0, std::nanf(""), 0, 1, 1});
  ASSERT_TRUE(nowhere.ok()) << nowhere.status().ToString();
  EXPECT_FALSE(pool({1, 0, 0, 1, 1}).ok());
  EXPECT_FALSE(pool({std::nanf(""), 0, 0, 1, 1}).ok());
}

TEST(MaxUnpool, UndoesMaxPool) {
  const auto unpool = [](std::initializer_list<int64_t> indices, std::vector<int64_t> shape) {
    OpTester t("MaxUnpool", 11);
    t.Attr("kernel_shape", std::vector<int64_t>{2}).Attr("strides", std::vector<int64_t>{2});
    t.Input(Tensor::Of<double>({1, 1, 2}, {1, 2})).Input(Tensor::Of<int64_t>({1, 1, 2}, indices));
    if (!shape.empty()) t.Input(Tensor::Of<int64_t>({static_cast<int64_t>(shape.size())}, std::span<const int64_t>(shape)));
    return t.Run();
  };
  const auto out = unpool({1, 2}, {});
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<double>({1, 1, 4}, {0, 1, 2, 0}));
  const auto larger = unpool({0, 3}, {1, 1, 5});
  ASSERT_TRUE(larger.ok()) << larger.status().ToString();
  ExpectTensorNear((*larger)[0].tensor(), Tensor::Of<double>({1, 1, 5}, {1, 0, 0, 2, 0}));
  EXPECT_FALSE(unpool({0, 4}, {}).ok());
  EXPECT_FALSE(unpool({-1, 1}, {}).ok());
  EXPECT_FALSE(unpool({0, 1}, {1, 1, 3}).ok());
  EXPECT_FALSE(unpool({0, 1}, {1, 4}).ok());
  EXPECT_FALSE(unpool({0, 1}, {INT64_MAX, INT64_MAX, INT64_MAX}).ok());
}

OpTester Deform(std::initializer_list<float> offsets) {
  OpTester t("DeformConv", 19);
  t.Input(Ramp({1, 1, 3, 3})).Input(Tensor::Of<float>({1, 1, 1, 2}, {1, 10})).Input(Tensor::Of<float>({1, 4, 3, 2}, offsets));
  return t;
}

TEST(DeformConv, MovesItsTaps) {
  const float nan = std::nanf("");
  // Offsets: row and column of tap 0, then of tap 1, each [3, 2].
  const auto out = Deform({0, 1, 0.5f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5f, 1e30f}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 3, 2}, {10, 24, 44.5f, 54, 81, 7}));
  const auto bad = Deform({nan, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}).Run();
  ASSERT_TRUE(bad.ok()) << bad.status().ToString();
  EXPECT_TRUE(std::isnan((*bad)[0].tensor().data<float>()[0]));
  EXPECT_EQ((*bad)[0].tensor().data<float>()[1], 21);
  const auto masked = OpTester("DeformConv", 22)
                          .Input(Ramp({1, 1, 3}))
                          .Input(Tensor::Of<float>({1, 1, 1}, {1}))
                          .Input(Tensor::Of<float>({1, 1, 3}, {0, 0, 0}))
                          .Input(Tensor::Of<float>({1}, {100}))
                          .Input(Tensor::Of<float>({1, 1, 3}, {0, 2, 0.5f}))
                          .Run();
  ASSERT_TRUE(masked.ok()) << masked.status().ToString();
  ExpectTensorNear((*masked)[0].tensor(), Tensor::Of<float>({1, 1, 3}, {100, 102, 101}));
}

TEST(DeformConv, RefusesOperandsThatDoNotFit) {
  for (const int64_t groups : {int64_t{0}, int64_t{2}, INT64_MAX}) EXPECT_FALSE(Deform({}).Attr("offset_group", groups).Run().ok());
  EXPECT_FALSE(OpTester("DeformConv", 19)
                   .Input(Ramp({1, 1, 3, 3}))
                   .Input(Tensor::Of<float>({1, 1, 1, 2}, {1, 10}))
                   .Input(Tensor::Of<float>({1, 4, 1, 1}, {0, 0, 0, 0}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
