#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include "base/memory_budget.h"
#include "tensor/type.h"

namespace samoyed {
namespace {

TEST(Shape, GrowsPastItsInlineRoom) {
  Shape s;
  for (int i = 0; i < 20; ++i) s.push_back(i + 1);
  Shape copy = s;
  copy[19] = 7;
  EXPECT_EQ(s[19], 20);
  EXPECT_EQ(copy.back(), 7);
  s = Shape{2, 3};
  EXPECT_EQ(s.ToString(), "[2,3]");
  EXPECT_EQ(Shape({}).NumElements(), 1);
}

TEST(Shape, ProductsAreChecked) {
  EXPECT_FALSE(Shape({INT64_MAX, 2}).CheckedNumElements().ok());
  EXPECT_FALSE(Shape({-1, 2}).CheckedNumElements().ok());
  EXPECT_EQ(*Shape({INT64_MAX, INT64_MAX, 0}).CheckedNumElements(), 0);
}

TEST(Shape, Broadcasts) {
  EXPECT_EQ(BroadcastShapes({3, 1, 5}, {4, 1})->ToString(), "[3,4,5]");
  EXPECT_EQ(BroadcastShapes({0}, {1})->ToString(), "[0]");
  EXPECT_FALSE(BroadcastShapes({2}, {3}).ok());
}

TEST(Tensor, AbsurdSizesAreAnErrorNotACrash) {
  EXPECT_FALSE(Tensor::Allocate(DType::kFloat, {int64_t{1} << 40, int64_t{1} << 40}).ok());
  EXPECT_FALSE(Tensor::Allocate(DType::kFloat, {int64_t{1} << 60}).ok());
  EXPECT_TRUE(Tensor::Allocate(DType::kFloat, {0}).ok());
}

TEST(Tensor, CopiesShareAndClonesDoNot) {
  Tensor a = Tensor::Of<float>({2}, {1, 2});
  Tensor b = a;
  Tensor c = a.Clone().value();
  b.mutable_data<float>()[0] = 5;
  EXPECT_EQ(a.data<float>()[0], 5);
  EXPECT_EQ(c.data<float>()[0], 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(c.raw()) % Tensor::kAlignment, 0u);
}

TEST(Tensor, StringsAreObjects) {
  Tensor t = Tensor::OfStrings({2}, {"a", "dog"});
  EXPECT_EQ(t.Clone()->strings()[1], "dog");
  EXPECT_EQ(t.byte_size(), 0);
}

TEST(Type, PrintsAsTheConformanceDataDoes) {
  EXPECT_EQ(Type::TensorOf(DType::kFloat, Dims{1, Dim::Symbol("batch"), Dim()}).ToString(), "tensor(float)[1,\"batch\",?]");
  EXPECT_EQ(Type::SequenceOf(Type::TensorOf(DType::kInt64)).ToString(), "seq(tensor(int64))");
  EXPECT_EQ(Type::MapOf(DType::kString, Type::TensorOf(DType::kFloat, Dims{})).ToString(), "map(string,tensor(float)[])");
  EXPECT_EQ(Type().ToString(), "?");
}

// What is taken from a budget and what is given back must be the same number, packed types among them.
TEST(Tensor, TheBudgetComesBackWhole) {
  const auto budget = std::make_shared<MemoryBudget>(4096);
  const MemoryScope scope(budget);
  for (DType dtype : {DType::kInt4, DType::kUint4, DType::kInt8, DType::kBool, DType::kFloat16, DType::kDouble, DType::kString}) {
    for (int64_t n : {1, 7, 100}) {
      EXPECT_TRUE(Tensor::Allocate(dtype, {n}).ok());
      ASSERT_TRUE(budget->Take(4096)) << NameOf(dtype) << " " << n;
      EXPECT_FALSE(budget->Take(1)) << NameOf(dtype) << " " << n;
      EXPECT_FALSE(Tensor::Allocate(dtype, {n}).ok());
      budget->Give(4096);
    }
  }
}

}  // namespace
}  // namespace samoyed
