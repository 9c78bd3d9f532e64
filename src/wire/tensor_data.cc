#include "wire/tensor_data.h"

#include <cstring>
#include <new>
#include <optional>
#include <string_view>

#include "base/checked.h"
#include "base/file.h"
#include "wire/tensors.h"
#include "wire/varint.h"

namespace samoyed::wire {
namespace {

enum class Storage : uint8_t { kRaw, kFloat, kDouble, kInt32, kInt64, kUint64, kString };

constexpr std::string_view NameOfStorage(Storage storage) {
  constexpr std::string_view kNames[] = {"raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data", "string_data"};
  return kNames[static_cast<size_t>(storage)];
}

// The typed field that a type's elements belong into.
Storage TypedStorage(DType dtype) {
  switch (dtype) {
    case DType::kFloat:
    case DType::kComplex64:
      return Storage::kFloat;
    case DType::kDouble:
    case DType::kComplex128:
      return Storage::kDouble;
    case DType::kInt64:
      return Storage::kInt64;
    case DType::kUint32:
    case DType::kUint64:
      return Storage::kUint64;
    case DType::kString:
      return Storage::kString;
    default:
      return Storage::kInt32;
  }
}

// Which field holds data, if any; an error when several do.
Result<std::optional<Storage>> FindStorage(const model::TensorProto& proto) {
  std::optional<Storage> found;
  const auto look = [&](Storage storage, bool present) -> Status {
    if (!present) return OkStatus();
    if (found) return BadInput("has data in both ", NameOfStorage(*found), " and ", NameOfStorage(storage));
    found = storage;
    return OkStatus();
  };
  SAMOYED_RETURN_IF_ERROR(look(Storage::kRaw, !proto.raw_data.view.empty()));
  SAMOYED_RETURN_IF_ERROR(look(Storage::kFloat, !proto.float_data.view.empty()));
  SAMOYED_RETURN_IF_ERROR(look(Storage::kDouble, !proto.double_data.view.empty()));
  SAMOYED_RETURN_IF_ERROR(look(Storage::kInt32, !proto.int32_data.view.empty()));
  SAMOYED_RETURN_IF_ERROR(look(Storage::kInt64, !proto.int64_data.view.empty()));
  SAMOYED_RETURN_IF_ERROR(look(Storage::kUint64, !proto.uint64_data.view.empty()));
  SAMOYED_RETURN_IF_ERROR(look(Storage::kString, !proto.string_data.empty()));
  return found;
}

// Bytes of `count` packed elements; nothing when that overflows. Not for strings.
std::optional<int64_t> PackedBytes(DType dtype, int64_t count) {
  const auto bits = CheckedMul(count, int64_t{BitWidth(dtype)});
  if (!bits || *bits > INT64_MAX - 7) return std::nullopt;
  return (*bits + 7) / 8;
}

size_t AlignmentOf(DType dtype) {
  switch (BitWidth(dtype)) {
    case 16:
      return 2;
    case 32:
      return 4;
    case 64:
      return dtype == DType::kComplex64 ? 4 : 8;
    case 128:
      return 8;
    default:
      return 1;
  }
}

// Kernels read bools as C++ bools, for which any byte but 0 and 1 is undefined behaviour.
bool HasOddBools(std::string_view bytes) {
  unsigned char all = 0;
  for (const char c : bytes) all |= static_cast<unsigned char>(c);
  return all > 1;
}

// A file's bytes as elements: the view itself, or a copy where it is not aligned.
Result<Tensor> FromBytes(DType dtype, Shape shape, const model::Bytes& bytes) {
  const char* data = bytes.view.data();
  const bool aligned = reinterpret_cast<uintptr_t>(data) % AlignmentOf(dtype) == 0;
  const bool odd_bools = dtype == DType::kBool && HasOddBools(bytes.view);
  if (aligned && !odd_bools) return Tensor::ConstView(dtype, std::move(shape), data, bytes.owner);
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(dtype, std::move(shape)));
  std::memcpy(out.mutable_raw(), data, bytes.view.size());
  DropMappedPages(data, bytes.view.size());  // or a large model would be in memory twice
  if (odd_bools) {
    auto* values = static_cast<uint8_t*>(out.mutable_raw());
    for (int64_t i = 0; i < out.size(); ++i) values[i] = values[i] != 0 ? 1 : 0;
  }
  return out;
}

// A last byte's bits behind the last element must be 0 in the 6-bit types (the standard says so).
Status CheckPadding(DType dtype, int64_t count, std::string_view bytes) {
  const int used = static_cast<int>(count * BitWidth(dtype) % 8);
  if (BitWidth(dtype) != 6 || used == 0 || static_cast<uint8_t>(bytes.back()) >> used == 0) return OkStatus();
  return BadInput("has padding bits that are not 0 behind its last 6-bit element");
}

Result<Tensor> FromRaw(DType dtype, Shape shape, int64_t count, const model::Bytes& bytes) {
  if (dtype == DType::kString) return BadInput("stores strings in raw_data; they belong into string_data");
  const auto expected = PackedBytes(dtype, count);
  if (!expected || static_cast<uint64_t>(*expected) != bytes.view.size()) {
    return BadInput("raw_data has ", bytes.view.size(), " bytes, but ", NameOf(dtype), shape.ToString(), " takes ",
                    expected ? StrCat(*expected) : std::string("more than 2^63"));
  }
  SAMOYED_RETURN_IF_ERROR(CheckPadding(dtype, count, bytes.view));
  return FromBytes(dtype, std::move(shape), bytes);
}

template <typename T>
Status DecodeVarints(std::string_view packed, T* out) {
  const char* p = packed.data();
  const char* end = p + packed.size();
  uint64_t value = 0;
  while (p < end) {
    if (!ReadVarint(&p, end, &value)) return BadInput("holds a number that is cut off or longer than 10 bytes");
    *out++ = static_cast<T>(value);
  }
  return OkStatus();
}

// 6-bit elements come one a number but are packed in memory.
Status Decode6Bit(std::string_view packed, uint8_t* out) {
  const char* p = packed.data();
  const char* end = p + packed.size();
  uint64_t value = 0;
  for (int64_t bit = 0; p < end; bit += 6) {
    if (!ReadVarint(&p, end, &value)) return BadInput("holds a number that is cut off or longer than 10 bytes");
    if (value > 63) return BadInput("holds ", value, ", which is more than the 6 bits of an element");
    const auto shifted = static_cast<uint32_t>(value) << (bit % 8);
    out[bit / 8] |= static_cast<uint8_t>(shifted);
    if (shifted > 0xff) out[bit / 8 + 1] |= static_cast<uint8_t>(shifted >> 8);
  }
  return OkStatus();
}

Result<Tensor> FromVarints(DType dtype, Shape shape, int64_t count, Storage storage, std::string_view packed) {
  const int bits = BitWidth(dtype);
  const int64_t per_number = bits < 6 ? 8 / bits : 1;
  const int64_t expected = count / per_number + (count % per_number != 0 ? 1 : 0);
  const int64_t found = CountVarints(packed);
  if (found != expected) {
    return BadInput(NameOfStorage(storage), " has ", found, " numbers, but ", NameOf(dtype), shape.ToString(), " takes ", expected);
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(dtype, std::move(shape)));
  if (bits == 6) {
    std::memset(out.mutable_raw(), 0, static_cast<size_t>(out.byte_size()));
    SAMOYED_RETURN_IF_ERROR(Decode6Bit(packed, out.mutable_data<uint8_t>()));
  } else if (bits == 64) {
    SAMOYED_RETURN_IF_ERROR(DecodeVarints(packed, out.mutable_data<uint64_t>()));
  } else if (bits == 32) {
    SAMOYED_RETURN_IF_ERROR(DecodeVarints(packed, out.mutable_data<uint32_t>()));
  } else if (bits == 16) {
    SAMOYED_RETURN_IF_ERROR(DecodeVarints(packed, out.mutable_data<uint16_t>()));
  } else {
    SAMOYED_RETURN_IF_ERROR(DecodeVarints(packed, out.mutable_data<uint8_t>()));
  }
  if (dtype == DType::kBool) {
    auto* values = out.mutable_data<uint8_t>();
    for (int64_t i = 0; i < count; ++i) values[i] = values[i] != 0 ? 1 : 0;
  }
  return out;
}

Result<Tensor> FromStrings(Shape shape, int64_t count, const std::vector<std::string>& strings) {
  if (static_cast<uint64_t>(count) != strings.size()) {
    return BadInput("string_data has ", strings.size(), " strings, but shape ", shape.ToString(), " takes ", count);
  }
  return Tensor::OfStrings(std::move(shape), strings);
}

Result<Tensor> FromField(DType dtype, Shape shape, int64_t count, Storage storage, const model::TensorProto& proto) {
  if (storage == Storage::kRaw) return FromRaw(dtype, std::move(shape), count, proto.raw_data);
  const Storage right = TypedStorage(dtype);
  if (storage != right) {
    return BadInput("of type ", NameOf(dtype), " has its data in ", NameOfStorage(storage), "; it belongs into ", NameOfStorage(right),
                    " or raw_data");
  }
  switch (storage) {
    case Storage::kInt32:
      return FromVarints(dtype, std::move(shape), count, storage, proto.int32_data.view);
    case Storage::kInt64:
      return FromVarints(dtype, std::move(shape), count, storage, proto.int64_data.view);
    case Storage::kUint64:
      return FromVarints(dtype, std::move(shape), count, storage, proto.uint64_data.view);
    case Storage::kString:
      return FromStrings(std::move(shape), count, proto.string_data);
    default:
      break;
  }
  const model::Bytes& bytes = storage == Storage::kFloat ? proto.float_data : proto.double_data;
  const auto expected = PackedBytes(dtype, count);
  if (!expected || static_cast<uint64_t>(*expected) != bytes.view.size()) {
    return BadInput(NameOfStorage(storage), " has ", bytes.view.size() / (storage == Storage::kFloat ? 4 : 8), " numbers, but ",
                    NameOf(dtype), shape.ToString(), " takes ", count, ClassOf(dtype) == DTypeClass::kComplex ? " times two" : "");
  }
  return FromBytes(dtype, std::move(shape), bytes);
}

Result<Tensor> ToTensorUnplaced(const model::TensorProto& proto, const ExternalContext& external) {
  if (!IsValidDType(proto.data_type.get()) || proto.data_type.get() == 0) {
    return BadInput("data_type ", proto.data_type.get(), " is not an element type");
  }
  const auto dtype = static_cast<DType>(proto.data_type.get());
  if (proto.segment) return Unsupported("is one segment of a tensor; segments are not supported");
  Shape shape{std::span<const int64_t>(proto.dims)};
  SAMOYED_ASSIGN_OR_RETURN(const int64_t count, shape.CheckedNumElements());
  SAMOYED_ASSIGN_OR_RETURN(const std::optional<Storage> storage, FindStorage(proto));
  if (proto.data_location.get() == 1) {
    if (storage) return BadInput("has external data and also ", NameOfStorage(*storage));
    const auto bytes = PackedBytes(dtype, count);
    if (dtype == DType::kString) return BadInput("strings cannot be external data");
    if (!bytes) return LimitExceeded("of shape ", shape.ToString(), " does not fit into memory");
    SAMOYED_ASSIGN_OR_RETURN(const model::Bytes data, external.Find(proto, static_cast<uint64_t>(*bytes)));
    if (count == 0) return Tensor::Allocate(dtype, std::move(shape));
    SAMOYED_RETURN_IF_ERROR(CheckPadding(dtype, count, data.view));
    return FromBytes(dtype, std::move(shape), data);
  }
  if (count == 0) {
    if (storage) return BadInput("of shape ", shape.ToString(), " has no elements but data in ", NameOfStorage(*storage));
    return Tensor::Allocate(dtype, std::move(shape));
  }
  if (!storage) return BadInput("of shape ", shape.ToString(), " has no data");
  return FromField(dtype, std::move(shape), count, *storage, proto);
}

std::string PlaceOf(const model::TensorProto& proto) {
  return proto.name.get().empty() ? std::string("tensor") : StrCat("tensor ", Quote(proto.name.get()));
}

// Indices [nnz] into a dense tensor of `count` elements, or [nnz, rank] coordinates.
Status CheckIndices(const Tensor& indices, int64_t nnz, const Shape& dense, int64_t count) {
  if (indices.dtype() != DType::kInt64) return BadInput("sparse indices are ", NameOf(indices.dtype()), ", not int64");
  const bool linear = indices.rank() == 1;
  const int64_t width = linear ? 1 : dense.rank();
  if (indices.shape() != Shape{nnz} && indices.shape() != Shape{nnz, width}) {
    return BadInput("sparse indices have shape ", indices.shape().ToString(), "; ", nnz, " values of a tensor ", dense.ToString(),
                    " need [", nnz, "] or [", nnz, ",", dense.rank(), "]");
  }
  const int64_t* index = indices.data<int64_t>();
  int64_t last = -1;
  for (int64_t i = 0; i < nnz; ++i) {
    int64_t position = 0;  // cannot overflow: each coordinate is inside, and the product of dimensions fits
    for (int64_t axis = 0; axis < width; ++axis) {
      const int64_t at = index[i * width + axis];
      const int64_t size = linear ? count : dense[static_cast<int>(axis)];
      if (at < 0 || at >= size) return BadInput("sparse index ", at, " of value ", i, " is outside [0, ", size, ")");
      position = position * (linear ? 1 : size) + at;
    }
    if (position <= last) return BadInput("sparse index of value ", i, " is not larger than the one before it");
    last = position;
  }
  return OkStatus();
}

}  // namespace

Result<Tensor> ToTensor(const model::TensorProto& proto, const ExternalContext& external) {
  try {
    auto tensor = ToTensorUnplaced(proto, external);
    if (tensor.ok()) return tensor;
    return tensor.status().At(PlaceOf(proto));
  } catch (const std::bad_alloc&) {
    return LimitExceeded("out of memory").At(PlaceOf(proto));
  }
}

Result<SparseTensor> ToSparse(const model::SparseTensorProto& proto, const ExternalContext& external) {
  if (!proto.values) return BadInput("a sparse tensor has no values");
  const std::string place = StrCat("sparse ", PlaceOf(*proto.values));
  SparseTensor out;
  out.dense_shape.Assign(proto.dims);
  for (const int64_t dim : proto.dims) {
    if (dim <= 0) return BadInput("dimension ", dim, " of a sparse tensor is not positive").At(place);
  }
  if (proto.dims.empty()) return BadInput("a sparse tensor has no dimensions").At(place);
  const auto count = out.dense_shape.CheckedNumElements();
  if (!count.ok()) return count.status().At(place);
  SAMOYED_ASSIGN_OR_RETURN(out.values, ToTensor(*proto.values, external));
  if (out.values.rank() != 1) return BadInput("sparse values have shape ", out.values.shape().ToString(), ", not one dimension").At(place);
  const int64_t nnz = out.values.size();
  if (proto.indices) {
    SAMOYED_ASSIGN_OR_RETURN(out.indices, ToTensor(*proto.indices, external));
  } else if (nnz == 0) {
    SAMOYED_ASSIGN_OR_RETURN(out.indices, Tensor::Allocate(DType::kInt64, Shape{0}));
  } else {
    return BadInput("a sparse tensor with ", nnz, " values has no indices").At(place);
  }
  const Status status = CheckIndices(out.indices, nnz, out.dense_shape, *count);
  if (!status.ok()) return status.At(place);
  return out;
}

model::TensorProto FromTensor(const Tensor& tensor) {
  model::TensorProto proto;
  proto.dims.assign(tensor.shape().begin(), tensor.shape().end());
  proto.data_type = static_cast<int32_t>(tensor.dtype());
  if (tensor.dtype() == DType::kString) {
    proto.string_data.assign(tensor.strings().begin(), tensor.strings().end());
    return proto;
  }
  proto.has_raw_data = true;
  const std::string_view bytes(static_cast<const char*>(tensor.raw()), static_cast<size_t>(tensor.byte_size()));
  if (bytes.empty()) return proto;
  if (tensor.owner() != nullptr) {
    proto.raw_data = {bytes, tensor.owner()};
  } else {
    auto copy = std::make_shared<const std::string>(bytes);
    proto.raw_data.view = *copy;
    proto.raw_data.owner = std::move(copy);
  }
  return proto;
}

model::SparseTensorProto FromSparse(const SparseTensor& sparse) {
  model::SparseTensorProto proto;
  proto.values = FromTensor(sparse.values);
  proto.indices = FromTensor(sparse.indices);
  proto.dims.assign(sparse.dense_shape.begin(), sparse.dense_shape.end());
  return proto;
}

Status LoadExternalData(model::ModelProto& model) {
  const ExternalContext external(model.folder);
  TensorVisitor visitor([&](model::TensorProto& tensor) -> Status {
    if (tensor.data_location.get() != 1) return OkStatus();
    SAMOYED_ASSIGN_OR_RETURN(const Tensor value, ToTensor(tensor, external));
    const model::TensorProto loaded = FromTensor(value);
    tensor.has_raw_data = true;
    tensor.raw_data = loaded.raw_data;
    tensor.external_data.clear();
    tensor.data_location.clear();
    return OkStatus();
  });
  return visitor.Visit(model);
}

}  // namespace samoyed::wire
