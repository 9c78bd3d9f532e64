#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

// Tables of quarter turns: place 0 stays, place 1 turns (x, y) into (-y, x).
OpTester Rope(Tensor x) {
  OpTester t("RotaryEmbedding", 23);
  t.Input(std::move(x)).Input(Tensor::Of<float>({2, 1}, {1, 0})).Input(Tensor::Of<float>({2, 1}, {0, 1}));
  return t;
}

TEST(RotaryEmbedding, TurnsPairsByPlace) {
  const auto out = Rope(Tensor::Of<float>({1, 1, 2, 2}, {1, 2, 3, 4})).Input(Tensor::Of<int64_t>({1, 2}, {1, 0})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 2, 2}, {-2, 1, 3, 4}));
}

TEST(RotaryEmbedding, LeavesTheRestOfAHead) {
  // Rank 3: two heads of four numbers, of which two are turned.
  const auto out = Rope(Tensor::Of<float>({1, 1, 8}, {1, 2, 3, 4, 5, 6, 7, 8}))
                       .Input(Tensor::Of<int64_t>({1, 1}, {1}))
                       .Attr("num_heads", int64_t{2})
                       .Attr("rotary_embedding_dim", int64_t{2})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 8}, {-2, 1, 3, 4, -6, 5, 7, 8}));
}

TEST(RotaryEmbedding, TablesMayBeGivenPlaceByPlace) {
  const auto out = OpTester("RotaryEmbedding", 23)
                       .Input(Tensor::Of<float>({1, 1, 1, 4}, {1, 2, 3, 4}))
                       .Input(Tensor::Of<float>({1, 1, 2}, {0, 1}))
                       .Input(Tensor::Of<float>({1, 1, 2}, {1, 0}))
                       .Attr("interleaved", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1, 4}, {-2, 1, 3, 4}));
}

TEST(RotaryEmbedding, RefusesWhatDoesNotFit) {
  const Tensor x = Tensor::Of<float>({1, 1, 1, 2}, {1, 2});
  const auto at = [](int64_t place) { return Tensor::Of<int64_t>({1, 1}, {place}); };
  EXPECT_FALSE(Rope(x).Input(at(2)).Run().ok());
  EXPECT_FALSE(Rope(x).Input(at(-1)).Run().ok());
  EXPECT_FALSE(Rope(x).Run().ok());  // tables of rank 2 need positions
  EXPECT_FALSE(Rope(x).Input(Tensor::Of<int64_t>({1}, {0})).Run().ok());
  EXPECT_FALSE(Rope(x).Input(at(0)).Attr("rotary_embedding_dim", int64_t{4}).Run().ok());
  EXPECT_FALSE(Rope(x).Input(at(0)).Attr("rotary_embedding_dim", int64_t{-2}).Run().ok());
  EXPECT_FALSE(Rope(Tensor::Of<float>({1, 1, 2}, {1, 2})).Input(at(0)).Run().ok());  // rank 3 needs num_heads
  EXPECT_FALSE(Rope(Tensor::Of<float>({1, 1, 1, 3}, {1, 2, 3})).Input(at(0)).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
