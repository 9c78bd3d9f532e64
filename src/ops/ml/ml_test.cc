// The operators of ai.onnx.ml where neither the standard's cases nor ONNX Runtime's results tell (tests/interop/ml_operators.py has the
// rest).
#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed {
namespace {

using testing::ExpectTensorNear;
using testing::OpTester;
using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;
using Strings = std::vector<std::string>;

OpTester Ml(std::string_view op, int version) { return OpTester(op, version, "ai.onnx.ml"); }

TEST(LabelEncoder, FindsNanAndTheLastOfEqualKeys) {
  const auto out = Ml("LabelEncoder", 2)
                       .Input(Tensor::Of<float>({4}, {NAN, 1, -0.0f, 7}))
                       .Attr("keys_floats", Floats{1, NAN, 0, 1})
                       .Attr("values_int64s", Ints{1, 2, 3, 4})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int64_t>({4}, {2, 4, 3, -1}));
  EXPECT_FALSE(
      Ml("LabelEncoder", 2).Input(Tensor::Of<float>({1}, {1})).Attr("keys_floats", Floats{1, 2}).Attr("values_int64s", Ints{1}).Run().ok());
  EXPECT_FALSE(
      Ml("LabelEncoder", 2).Input(Tensor::Of<int64_t>({1}, {1})).Attr("keys_floats", Floats{1}).Attr("values_int64s", Ints{1}).Run().ok());
  EXPECT_FALSE(Ml("LabelEncoder", 2).Input(Tensor::Of<int64_t>({1}, {1})).Run().ok());
}

TEST(Imputer, TakesInt32) {
  const auto out = Ml("Imputer", 1).Input(Tensor::Of<int32_t>({1, 3}, {0, 5, 0})).Attr("imputed_value_int64s", Ints{7, 8, 9}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int32_t>({1, 3}, {7, 5, 9}));
  EXPECT_FALSE(Ml("Imputer", 1).Input(Tensor::Of<int32_t>({1, 3}, {0, 5, 0})).Attr("imputed_value_int64s", Ints{7, 8}).Run().ok());
}

TEST(Normalizer, RowsOfZerosStay) {
  const auto out = Ml("Normalizer", 1).Input(Tensor::Of<double>({2, 2}, {0, 0, 3, -4})).Attr("norm", std::string("L2")).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {0, 0, 0.6f, -0.8f}));
}

TEST(ArrayFeatureExtractor, RefusesIndicesOutside) {
  const auto x = Tensor::Of<float>({2}, {5, 6});
  const auto out = Ml("ArrayFeatureExtractor", 1).Input(x).Input(Tensor::Of<int64_t>({3}, {1, 0, 1})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 3}, {6, 5, 6}));
  EXPECT_FALSE(Ml("ArrayFeatureExtractor", 1).Input(x).Input(Tensor::Of<int64_t>({1}, {2})).Run().ok());
  EXPECT_FALSE(Ml("ArrayFeatureExtractor", 1).Input(x).Input(Tensor::Of<int64_t>({1}, {-3})).Run().ok());
  const auto last = Ml("ArrayFeatureExtractor", 1).Input(x).Input(Tensor::Of<int64_t>({2}, {-1, 0})).Run();
  ASSERT_TRUE(last.ok()) << last.status().ToString();
  ExpectTensorNear((*last)[0].tensor(), Tensor::Of<float>({1, 2}, {6, 5}));
}

TEST(OneHotEncoder, UnknownCategoriesAreZerosOrAnError) {
  const auto x = Tensor::OfStrings({2}, {"b", "z"});
  const auto out = Ml("OneHotEncoder", 1).Input(x).Attr("cats_strings", Strings{"a", "b"}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {0, 1, 0, 0}));
  EXPECT_FALSE(Ml("OneHotEncoder", 1).Input(x).Attr("cats_strings", Strings{"a", "b"}).Attr("zeros", int64_t{0}).Run().ok());
}

TEST(CastMap, SparseKeysMustFit) {
  auto map = std::make_shared<Map>();
  map->by_int[1] = Tensor::OfStrings({}, {"2.5"});
  const auto out =
      Ml("CastMap", 1).Input(std::shared_ptr<const Map>(map)).Attr("map_form", std::string("SPARSE")).Attr("max_map", int64_t{3}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 3}, {0, 2.5f, 0}));
  EXPECT_FALSE(Ml("CastMap", 1)
                   .Input(std::shared_ptr<const Map>(map))
                   .Attr("map_form", std::string("SPARSE"))
                   .Attr("max_map", int64_t{0})
                   .Run()
                   .ok());
  auto bad = std::make_shared<Map>(*map);
  bad->by_int[-1] = bad->by_int[1];
  EXPECT_FALSE(Ml("CastMap", 1)
                   .Input(std::shared_ptr<const Map>(bad))
                   .Attr("map_form", std::string("SPARSE"))
                   .Attr("max_map", int64_t{3})
                   .Run()
                   .ok());
  bad->by_int = {{0, Tensor::OfStrings({}, {"x"})}};
  EXPECT_FALSE(Ml("CastMap", 1).Input(std::shared_ptr<const Map>(bad)).Run().ok());
}

TEST(Linear, SizesMustFit) {
  const auto x = Tensor::Of<float>({1, 2}, {1, 2});
  EXPECT_FALSE(Ml("LinearRegressor", 1).Input(x).Attr("coefficients", Floats{1, 2, 3}).Run().ok());
  EXPECT_FALSE(Ml("LinearRegressor", 1).Input(x).Attr("coefficients", Floats{1, 2}).Attr("targets", int64_t{1} << 62).Run().ok());
  EXPECT_FALSE(Ml("LinearRegressor", 1).Input(x).Attr("coefficients", Floats{1, 2}).Attr("post_transform", std::string("?")).Run().ok());
  EXPECT_FALSE(
      Ml("LinearClassifier", 1).Input(x).Outputs(2).Attr("coefficients", Floats{1, 2, 3}).Attr("intercepts", Floats{1}).Run().ok());
  EXPECT_FALSE(Ml("LinearClassifier", 1)
                   .Input(x)
                   .Outputs(2)
                   .Attr("coefficients", Floats{1, 2, 3, 4, 5, 6})
                   .Attr("intercepts", Floats{1, 2, 3})
                   .Attr("classlabels_ints", Ints{0, 1})
                   .Run()
                   .ok())
      << "three classes, two labels";
  EXPECT_FALSE(Ml("Scaler", 1).Input(x).Attr("offset", Floats{1, 2, 3}).Attr("scale", Floats{1, 2, 3}).Run().ok());
  EXPECT_FALSE(Ml("FeatureVectorizer", 1).Input(x).Attr("inputdimensions", Ints{-1}).Run().ok());
}

TEST(Svm, SizesMustFit) {
  const auto x = Tensor::Of<float>({1, 2}, {1, 2});
  const auto machine = [&](Ints per_class, Floats coefficients, Floats vectors) {
    return Ml("SVMClassifier", 1)
        .Input(x)
        .Outputs(2)
        .Attr("classlabels_ints", Ints{0, 1})
        .Attr("vectors_per_class", std::move(per_class))
        .Attr("rho", Floats{0.5f})
        .Attr("coefficients", std::move(coefficients))
        .Attr("support_vectors", std::move(vectors))
        .Run();
  };
  EXPECT_TRUE(machine({1, 1}, {1, -1}, {1, 2, 3, 4}).ok());
  EXPECT_FALSE(machine({1, 1}, {1}, {1, 2, 3, 4}).ok());
  EXPECT_FALSE(machine({1, 1}, {1, -1}, {1, 2, 3}).ok());
  EXPECT_FALSE(machine({2, -1}, {1}, {1, 2}).ok());
  EXPECT_FALSE(machine({2}, {1, -1}, {1, 2, 3, 4}).ok());
  EXPECT_FALSE(machine({INT64_MAX, 1}, {1, -1}, {1, 2, 3, 4}).ok());
}

TEST(ZipMap, LabelsMustFitTheRow) {
  const auto out = Ml("ZipMap", 1).Input(Tensor::Of<float>({1, 2}, {0.25f, 0.75f})).Attr("classlabels_strings", Strings{"no", "yes"}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  const Map& map = (*out)[0].sequence().items[0].map();
  EXPECT_EQ(map.by_string.at("yes").tensor().data<float>()[0], 0.75f);
  EXPECT_FALSE(Ml("ZipMap", 1).Input(Tensor::Of<float>({1, 3}, {0, 0, 0})).Attr("classlabels_strings", Strings{"no", "yes"}).Run().ok());
}

}  // namespace
}  // namespace samoyed
