#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(TfIdfVectorizer, CountsPairsWithSkips) {
  const auto out = OpTester("TfIdfVectorizer", 9)
                       .Input(Tensor::Of<int64_t>({4}, {1, 2, 1, 2}))
                       .Attr("mode", std::string("TF"))
                       .Attr("min_gram_length", int64_t{2})
                       .Attr("max_gram_length", int64_t{2})
                       .Attr("max_skip_count", int64_t{1})
                       .Attr("ngram_counts", std::vector<int64_t>{0, 0})
                       .Attr("ngram_indexes", std::vector<int64_t>{1, 0})
                       .Attr("pool_int64s", std::vector<int64_t>{1, 2, 1, 1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2}, {1.0f, 2.0f}));
}

TEST(TfIdfVectorizer, RefusesBadPools) {
  EXPECT_FALSE(OpTester("TfIdfVectorizer", 9)
                   .Input(Tensor::Of<int64_t>({1}, {1}))
                   .Attr("mode", std::string("TF"))
                   .Attr("min_gram_length", int64_t{1})
                   .Attr("max_gram_length", int64_t{1})
                   .Attr("max_skip_count", int64_t{0})
                   .Attr("ngram_counts", std::vector<int64_t>{5})
                   .Attr("ngram_indexes", std::vector<int64_t>{0})
                   .Attr("pool_int64s", std::vector<int64_t>{1})
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("TfIdfVectorizer", 9)
                   .Input(Tensor::Of<int64_t>({1}, {1}))
                   .Attr("mode", std::string("TF"))
                   .Attr("min_gram_length", int64_t{1})
                   .Attr("max_gram_length", int64_t{1})
                   .Attr("max_skip_count", int64_t{0})
                   .Attr("ngram_counts", std::vector<int64_t>{0})
                   .Attr("ngram_indexes", std::vector<int64_t>{-1})
                   .Attr("pool_int64s", std::vector<int64_t>{1})
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
