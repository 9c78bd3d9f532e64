#include "wire/tensor_data.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tensor/convert.h"
#include "wire/wire_bytes.h"

namespace samoyed::wire {
namespace {

using model::TensorProto;

model::Bytes Owned(std::string_view bytes) {
  auto copy = std::make_shared<const std::string>(bytes);
  return {std::string_view(*copy), copy};
}

template <typename T>
model::Bytes Numbers(std::initializer_list<T> values) {
  return Owned({reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)});
}

model::Bytes Varints(std::initializer_list<int64_t> values) {
  std::string bytes;
  for (const int64_t v : values) bytes += VarintBytes(static_cast<uint64_t>(v));
  return Owned(bytes);
}

TensorProto Proto(DType dtype, std::vector<int64_t> dims) {
  TensorProto proto;
  proto.name = "w";
  proto.data_type = static_cast<int32_t>(dtype);
  proto.dims = std::move(dims);
  return proto;
}

TensorProto Raw(DType dtype, std::vector<int64_t> dims, std::string_view bytes) {
  TensorProto proto = Proto(dtype, std::move(dims));
  proto.has_raw_data = true;
  proto.raw_data = Owned(bytes);
  return proto;
}

std::string ErrorOf(const TensorProto& proto) {
  const auto tensor = ToTensor(proto);
  return tensor.ok() ? "no error" : tensor.status().ToString();
}

TEST(TensorData, RawDataIsViewedWhereAligned) {
  TensorProto proto = Proto(DType::kFloat, {2});
  proto.has_raw_data = true;
  proto.raw_data = Numbers<float>({1, 2});
  const auto tensor = ToTensor(proto);
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->raw(), proto.raw_data.view.data());
  EXPECT_EQ(tensor->owner(), proto.raw_data.owner);

  const model::Bytes padded = Numbers<float>({0, 1, 2});
  proto.raw_data = {padded.view.substr(1, 8), padded.owner};
  const auto copied = ToTensor(proto);
  ASSERT_TRUE(copied.ok());
  EXPECT_NE(copied->raw(), proto.raw_data.view.data());
}

TEST(TensorData, TypedFieldsOfEveryType) {
  TensorProto proto = Proto(DType::kFloat, {2});
  proto.float_data = Numbers<float>({1.5F, -2});
  EXPECT_EQ(LoadAll<double>(*ToTensor(proto)), (std::vector<double>{1.5, -2}));
  proto = Proto(DType::kDouble, {2});
  proto.double_data = Numbers<double>({1.5, -2});
  EXPECT_EQ(LoadAll<double>(*ToTensor(proto)), (std::vector<double>{1.5, -2}));
  proto = Proto(DType::kComplex64, {1});
  proto.float_data = Numbers<float>({1.5F, -2});
  EXPECT_EQ(LoadAll<std::complex<double>>(*ToTensor(proto))[0], std::complex<double>(1.5, -2));
  proto = Proto(DType::kInt64, {2});
  proto.int64_data = Varints({-1, INT64_MAX});
  EXPECT_EQ(LoadAll<int64_t>(*ToTensor(proto)), (std::vector<int64_t>{-1, INT64_MAX}));
  for (const DType dtype : {DType::kUint32, DType::kUint64}) {
    proto = Proto(dtype, {2});
    proto.uint64_data = Varints({7, 4000000000});
    EXPECT_EQ(LoadAll<int64_t>(*ToTensor(proto)), (std::vector<int64_t>{7, 4000000000}));
  }
  for (const DType dtype : {DType::kInt32, DType::kInt16, DType::kInt8}) {
    proto = Proto(dtype, {3});
    proto.int32_data = Varints({-5, 0, 100});
    EXPECT_EQ(LoadAll<int64_t>(*ToTensor(proto)), (std::vector<int64_t>{-5, 0, 100}));
  }
  for (const DType dtype : {DType::kUint16, DType::kUint8}) {
    proto = Proto(dtype, {2});
    proto.int32_data = Varints({0, 200});
    EXPECT_EQ(LoadAll<int64_t>(*ToTensor(proto)), (std::vector<int64_t>{0, 200}));
  }
  proto = Proto(DType::kBool, {3});
  proto.int32_data = Varints({0, 1, 7});
  EXPECT_EQ(LoadAll<int64_t>(*ToTensor(proto)), (std::vector<int64_t>{0, 1, 1}));
  proto = Proto(DType::kFloat16, {2});
  proto.int32_data = Varints({0x3c00, 0xc000});
  EXPECT_EQ(LoadAll<double>(*ToTensor(proto)), (std::vector<double>{1, -2}));
  proto = Proto(DType::kBfloat16, {1});
  proto.int32_data = Varints({0x3f80});
  EXPECT_EQ(LoadAll<double>(*ToTensor(proto)), (std::vector<double>{1}));
  proto = Proto(DType::kFloat8E4M3FN, {1});
  proto.int32_data = Varints({0x38});
  EXPECT_EQ(LoadAll<double>(*ToTensor(proto)), (std::vector<double>{1}));
  proto = Proto(DType::kString, {2});
  proto.string_data = {"a", "\xff"};
  EXPECT_EQ(ToTensor(proto)->strings()[1], "\xff");
}

TEST(TensorData, NarrowTypesArePackedInBothForms) {
  TensorProto proto = Proto(DType::kInt4, {3});
  proto.int32_data = Varints({0x8f, 0x03});
  EXPECT_EQ(LoadAll<int64_t>(*ToTensor(proto)), (std::vector<int64_t>{-1, -8, 3}));
  EXPECT_EQ(LoadAll<int64_t>(*ToTensor(Raw(DType::kInt4, {3}, "\x8f\x03"))), (std::vector<int64_t>{-1, -8, 3}));
  proto = Proto(DType::kUint2, {5});
  proto.int32_data = Varints({0xe4, 0x01});
  EXPECT_EQ(LoadAll<int64_t>(*ToTensor(proto)), (std::vector<int64_t>{0, 1, 2, 3, 1}));
  // 6-bit: one number an element in the typed field, a bit stream in the raw one.
  proto = Proto(DType::kFloat6E2M3, {5});
  proto.int32_data = Varints({8, 16, 24, 40, 63});
  const auto six = ToTensor(proto);
  ASSERT_TRUE(six.ok());
  EXPECT_EQ(LoadAll<double>(*six), (std::vector<double>{1, 2, 4, -1, -7.5}));
  const TensorProto again = FromTensor(*six);
  EXPECT_EQ(again.raw_data.view.size(), 4u);
  EXPECT_EQ(LoadAll<double>(*ToTensor(again)), (std::vector<double>{1, 2, 4, -1, -7.5}));
  proto.int32_data = Varints({8, 16, 24, 40, 64});
  EXPECT_NE(ErrorOf(proto).find("6 bits"), std::string::npos);
  EXPECT_NE(ErrorOf(Raw(DType::kFloat6E2M3, {1}, "\x48")).find("padding"), std::string::npos);
}

TEST(TensorData, BoolBytesBecomeZeroOrOne) { EXPECT_EQ(ToTensor(Raw(DType::kBool, {3}, std::string("\0\1\2", 3)))->data<uint8_t>()[2], 1); }

TEST(TensorData, CountsMustMatchExactly) {
  EXPECT_NE(ErrorOf(Raw(DType::kFloat, {2}, "1234567")), "no error");
  EXPECT_NE(ErrorOf(Raw(DType::kFloat, {2}, "123456789")), "no error");
  EXPECT_EQ(ErrorOf(Raw(DType::kFloat, {2}, "12345678")), "no error");
  EXPECT_EQ(ErrorOf(Raw(DType::kFloat, {}, "1234")), "no error");
  EXPECT_EQ(ErrorOf(Raw(DType::kFloat, {0, 5}, "")), "no error");
  EXPECT_NE(ErrorOf(Raw(DType::kFloat, {0, 5}, "1234")), "no error");
  EXPECT_NE(ErrorOf(Raw(DType::kFloat, {}, "")), "no error");
  TensorProto proto = Proto(DType::kInt64, {3});
  proto.int64_data = Varints({1, 2});
  EXPECT_EQ(ErrorOf(proto), "tensor \"w\": int64_data has 2 numbers, but int64[3] takes 3");
  proto.int64_data = Owned(std::string(10, '\xff') + "\x01\x01\x01");  // three ends, one over-long number
  EXPECT_NE(ErrorOf(proto), "no error");
  proto = Proto(DType::kString, {3});
  proto.string_data = {"a"};
  EXPECT_NE(ErrorOf(proto), "no error");
}

TEST(TensorData, HostileShapesAndTypes) {
  EXPECT_NE(ErrorOf(Raw(DType::kFloat, {-1}, "1234")).find("negative"), std::string::npos);
  EXPECT_NE(ErrorOf(Raw(DType::kFloat, {int64_t{1} << 32, int64_t{1} << 32}, "1234")), "no error");
  EXPECT_NE(ErrorOf(Raw(DType::kDouble, {int64_t{1} << 61}, "12345678")), "no error");
  EXPECT_NE(ErrorOf(Raw(DType::kUint8, {1000000000000}, "1234")), "no error");
  TensorProto proto = Raw(DType::kFloat, {1}, "1234");
  for (const int32_t type : {0, -5, 29, 99}) {
    proto.data_type = type;
    EXPECT_NE(ErrorOf(proto).find("not an element type"), std::string::npos) << type;
  }
  proto.data_type.clear();
  EXPECT_NE(ErrorOf(proto), "no error");
  proto = Raw(DType::kFloat, {1}, "1234");
  proto.segment.emplace();
  EXPECT_EQ(ToTensor(proto).status().code(), Code::kUnsupported);
  EXPECT_NE(ErrorOf(Raw(DType::kString, {1}, "1234")), "no error");
}

TEST(TensorData, DataInTheWrongFieldOrInTwo) {
  TensorProto proto = Proto(DType::kFloat16, {1});
  proto.float_data = Numbers<float>({1});
  EXPECT_NE(ErrorOf(proto).find("belongs into int32_data"), std::string::npos);
  proto = Raw(DType::kFloat, {1}, "1234");
  proto.float_data = Numbers<float>({1});
  EXPECT_NE(ErrorOf(proto).find("both"), std::string::npos);
}

TEST(TensorData, FromTensorAndBack) {
  const Tensor tensor = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  const TensorProto proto = FromTensor(tensor);
  EXPECT_EQ(proto.raw_data.view.data(), static_cast<const char*>(tensor.raw()));
  EXPECT_EQ(LoadAll<double>(*ToTensor(proto)), (std::vector<double>{1, 2, 3, 4}));
  const TensorProto text = FromTensor(Tensor::OfStrings({2}, {"x", "y"}));
  EXPECT_EQ(ToTensor(text)->strings()[1], "y");
}

model::SparseTensorProto Sparse(std::vector<int64_t> dims, Tensor values, Tensor indices) {
  SparseTensor sparse{std::move(values), std::move(indices), Shape(dims)};
  return FromSparse(sparse);
}

TEST(TensorData, SparseTensors) {
  const ExternalContext none;
  const Tensor values = Tensor::Of<float>({2}, {1, 2});
  EXPECT_TRUE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int64_t>({2}, {1, 5})), none).ok());
  EXPECT_TRUE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int64_t>({2, 2}, {0, 1, 1, 2})), none).ok());
  EXPECT_FALSE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int64_t>({2}, {1, 6})), none).ok());           // outside
  EXPECT_FALSE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int64_t>({2}, {-1, 5})), none).ok());          // negative
  EXPECT_FALSE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int64_t>({2}, {5, 1})), none).ok());           // descending
  EXPECT_FALSE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int64_t>({2}, {1, 1})), none).ok());           // twice
  EXPECT_FALSE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int64_t>({2, 2}, {0, 1, 1, 3})), none).ok());  // column outside
  EXPECT_FALSE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int64_t>({3}, {0, 1, 2})), none).ok());        // one too many
  EXPECT_FALSE(ToSparse(Sparse({2, 3}, values, Tensor::Of<int32_t>({2}, {0, 1})), none).ok());           // not int64
  EXPECT_FALSE(ToSparse(Sparse({2, 0}, values, Tensor::Of<int64_t>({2}, {0, 1})), none).ok());
  EXPECT_FALSE(ToSparse(Sparse({1LL << 32, 1LL << 32}, values, Tensor::Of<int64_t>({2}, {0, 1})), none).ok());
  EXPECT_FALSE(ToSparse({}, none).ok());
}

}  // namespace
}  // namespace samoyed::wire
