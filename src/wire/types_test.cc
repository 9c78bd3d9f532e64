#include "wire/types.h"

#include <gtest/gtest.h>

#include "wire/equal.h"

namespace samoyed::wire {
namespace {

TEST(Types, RoundTrip) {
  const Type tensor = Type::TensorOf(DType::kFloat, Dims{Dim(1), Dim::Symbol("n"), Dim()});
  const Type types[] = {Type(),
                        tensor,
                        Type::TensorOf(DType::kInt64),
                        Type::TensorOf(DType::kInt64, Dims{}),
                        Type::SparseOf(DType::kDouble, Dims{Dim(3)}),
                        Type::SequenceOf(tensor),
                        Type::OptionalOf(Type::SequenceOf(tensor)),
                        Type::MapOf(DType::kString, Type::TensorOf(DType::kFloat))};
  for (const Type& type : types) {
    const auto again = ToType(FromType(type));
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(*again, type) << type.ToString();
  }
}

TEST(Types, WhatSaysNothingIsUnknown) {
  model::TypeProto proto;
  proto.tensor_type.emplace().shape.emplace().dim.resize(3);
  proto.tensor_type->shape->dim[0].dim_value = -1;
  proto.tensor_type->shape->dim[1].dim_param = std::string();
  const auto type = ToType(proto);
  ASSERT_TRUE(type.ok());
  EXPECT_EQ(type->dtype, DType::kUndefined);
  EXPECT_EQ(type->shape, (Dims{Dim(), Dim(), Dim()}));
}

TEST(Types, RefusesNumbersThatAreNoType) {
  model::TypeProto proto;
  proto.tensor_type.emplace().elem_type = 99;
  EXPECT_FALSE(ToType(proto).ok());
  model::TypeProto outer;
  outer.sequence_type.emplace().elem_type = proto;
  EXPECT_FALSE(ToType(outer).ok());
}

}  // namespace
}  // namespace samoyed::wire
