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

TEST(TfIdfVectorizer, WeighsByTheNumberInThePool) {
  const auto run = [](const char* mode, std::vector<float> weights) {
    return OpTester("TfIdfVectorizer", 9)
        .Input(Tensor::Of<int64_t>({3}, {5, 5, 6}))
        .Attr("mode", std::string(mode))
        .Attr("min_gram_length", int64_t{1})
        .Attr("max_gram_length", int64_t{1})
        .Attr("max_skip_count", int64_t{0})
        .Attr("ngram_counts", std::vector<int64_t>{0})
        .Attr("ngram_indexes", std::vector<int64_t>{2, 0})
        .Attr("pool_int64s", std::vector<int64_t>{5, 6})
        .Attr("weights", std::move(weights))
        .Run();
  };
  ExpectTensorNear((*run("TFIDF", {10, 100}))[0].tensor(), Tensor::Of<float>({3}, {100, 0, 20}));
  ExpectTensorNear((*run("IDF", {10, 100}))[0].tensor(), Tensor::Of<float>({3}, {100, 0, 10}));
  ExpectTensorNear((*run("TF", {10, 100}))[0].tensor(), Tensor::Of<float>({3}, {1, 0, 2}));
  EXPECT_FALSE(run("IDF", {10}).ok());
}

TEST(TfIdfVectorizer, RefusesLengthsThatAreNone) {
  const auto run = [](int64_t shortest, int64_t longest, int64_t skips) {
    return OpTester("TfIdfVectorizer", 9)
        .Input(Tensor::Of<int64_t>({2}, {1, 2}))
        .Attr("mode", std::string("TF"))
        .Attr("min_gram_length", shortest)
        .Attr("max_gram_length", longest)
        .Attr("max_skip_count", skips)
        .Attr("ngram_counts", std::vector<int64_t>{0})
        .Attr("ngram_indexes", std::vector<int64_t>{0})
        .Attr("pool_int64s", std::vector<int64_t>{1})
        .Run();
  };
  EXPECT_TRUE(run(1, 1, 0).ok());
  EXPECT_FALSE(run(0, 0, 0).ok());
  EXPECT_FALSE(run(0, 1, 0).ok());
  EXPECT_FALSE(run(2, 1, 0).ok());
  EXPECT_FALSE(run(1, 1, -1).ok());
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
