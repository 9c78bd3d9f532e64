#include "wire/data_files.h"

#include <gtest/gtest.h>

#include "wire/reader.h"
#include "wire/tensor_data.h"
#include "wire/wire_bytes.h"
#include "wire/writer.h"

namespace samoyed::wire {
namespace {

Value Numbers(std::initializer_list<float> values) { return Tensor::Of<float>({static_cast<int64_t>(values.size())}, values); }
Value SequenceOf(std::vector<Value> items) { return std::make_shared<const Sequence>(Sequence{std::move(items)}); }

// Writes, reads, writes again: both texts must be the same. Returns what was read.
Value RoundTrip(const Value& value, const Type& type) {
  const auto bytes = WriteValue(value, type, "x");
  EXPECT_TRUE(bytes.ok()) << bytes.status().ToString();
  auto owner = std::make_shared<const std::string>(*bytes);
  const auto read = ReadValue(AsBytes(*owner), owner, type.kind);
  EXPECT_TRUE(read.ok()) << read.status().ToString();
  if (!read.ok()) return Value();
  EXPECT_EQ(*WriteValue(*read, type, "x"), *bytes);
  return *read;
}

const Type kTensors = Type::TensorOf(DType::kFloat);

TEST(DataFiles, EveryKind) {
  EXPECT_EQ(RoundTrip(Numbers({1, 2}), kTensors).tensor().size(), 2);
  EXPECT_EQ(RoundTrip(SequenceOf({Numbers({1}), Numbers({})}), Type::SequenceOf(kTensors)).sequence().items.size(), 2u);
  EXPECT_EQ(RoundTrip(SequenceOf({}), Type::SequenceOf(kTensors)).sequence().items.size(), 0u);
  const Type nested = Type::SequenceOf(Type::SequenceOf(kTensors));
  EXPECT_EQ(RoundTrip(SequenceOf({SequenceOf({Numbers({1})})}), nested).sequence().items[0].sequence().items.size(), 1u);

  EXPECT_TRUE(RoundTrip(Value(), Type::OptionalOf(kTensors)).is_none());
  EXPECT_TRUE(RoundTrip(Numbers({1}), Type::OptionalOf(kTensors)).is_tensor());
  EXPECT_TRUE(RoundTrip(SequenceOf({Numbers({1})}), Type::OptionalOf(Type::SequenceOf(kTensors))).is_sequence());
  const Value sparse_or_none = RoundTrip(SequenceOf({Value(), Numbers({1})}), Type::SequenceOf(Type::OptionalOf(kTensors)));
  EXPECT_TRUE(sparse_or_none.sequence().items[0].is_none());

  Map map;
  map.key_type = DType::kInt64;
  map.by_int[-3] = Numbers({1});
  map.by_int[5] = Numbers({2});
  const Type maps = Type::MapOf(DType::kInt64, kTensors);
  EXPECT_EQ(RoundTrip(std::make_shared<const Map>(map), maps).map().by_int.size(), 2u);
  Map strings;
  strings.key_type = DType::kString;
  strings.by_string["a"] = Numbers({1});
  const Value string_map = std::make_shared<const Map>(strings);
  EXPECT_EQ(RoundTrip(string_map, Type::MapOf(DType::kString, kTensors)).map().by_string.count("a"), 1u);
  EXPECT_EQ(RoundTrip(SequenceOf({string_map}), Type::SequenceOf(Type::MapOf(DType::kString, kTensors))).sequence().items.size(), 1u);

  const auto sparse =
      std::make_shared<const SparseTensor>(SparseTensor{Tensor::Of<float>({1}, {7}), Tensor::Of<int64_t>({1}, {2}), Shape{5}});
  EXPECT_EQ(RoundTrip(sparse, Type::SparseOf(DType::kFloat, std::nullopt)).sparse().dense_shape, Shape{5});
}

template <typename Proto>
bool Reads(const Proto& proto, TypeKind kind) {
  const std::string bytes = *WriteMessage(proto);
  return ReadValue(AsBytes(bytes), nullptr, kind).ok();
}

TEST(DataFiles, RefusesWhatDoesNotFitTogether) {
  model::MapProto map;
  EXPECT_FALSE(Reads(map, TypeKind::kMap));  // no key type
  map.key_type = 7;
  EXPECT_TRUE(Reads(map, TypeKind::kMap));
  map.keys = {1, 1};
  EXPECT_FALSE(Reads(map, TypeKind::kMap));  // no values
  auto& values = map.values.emplace();
  values.elem_type = 1;
  values.tensor_values = {FromTensor(Tensor::Scalar<float>(1)), FromTensor(Tensor::Scalar<float>(2))};
  EXPECT_FALSE(Reads(map, TypeKind::kMap));  // a key twice
  map.keys = {1, 2};
  EXPECT_TRUE(Reads(map, TypeKind::kMap));
  map.key_type = 1;
  EXPECT_FALSE(Reads(map, TypeKind::kMap));  // float keys

  model::SequenceProto sequence = *map.values;
  sequence.elem_type = 3;
  EXPECT_FALSE(Reads(sequence, TypeKind::kSequence));  // items of another kind
  sequence.elem_type = 9;
  EXPECT_FALSE(Reads(sequence, TypeKind::kSequence));
  model::OptionalProto optional;
  optional.elem_type = 9;
  EXPECT_FALSE(Reads(optional, TypeKind::kOptional));
  EXPECT_FALSE(WriteValue(Value(), kTensors).ok());
  EXPECT_FALSE(ReadValueFile("/nonexistent.pb", TypeKind::kTensor).ok());
}

}  // namespace
}  // namespace samoyed::wire
