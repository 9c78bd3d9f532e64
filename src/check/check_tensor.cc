// The checker's rules for tensors and sparse tensors.
#include <optional>

#include "base/checked.h"
#include "base/str.h"
#include "check/findings.h"
#include "tensor/convert.h"
#include "tensor/dtype.h"
#include "wire/tensor_data.h"
#include "wire/varint.h"

namespace samoyed {
namespace {

using model::TensorProto;

enum class DataField { kNone, kFloat, kInt32, kString, kInt64, kDouble, kUint64 };

std::string_view NameOfField(DataField field) {
  switch (field) {
    case DataField::kFloat:
      return "float_data";
    case DataField::kInt32:
      return "int32_data";
    case DataField::kString:
      return "string_data";
    case DataField::kInt64:
      return "int64_data";
    case DataField::kDouble:
      return "double_data";
    case DataField::kUint64:
      return "uint64_data";
    case DataField::kNone:
      break;
  }
  return "raw_data";
}

DataField FieldOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat:
    case DType::kComplex64:
      return DataField::kFloat;
    case DType::kDouble:
    case DType::kComplex128:
      return DataField::kDouble;
    case DType::kInt64:
      return DataField::kInt64;
    case DType::kUint32:
    case DType::kUint64:
      return DataField::kUint64;
    case DType::kString:
      return DataField::kString;
    default:
      return DataField::kInt32;
  }
}

int64_t CountIn(const TensorProto& t, DataField field) {
  switch (field) {
    case DataField::kFloat:
      return static_cast<int64_t>(t.float_data.view.size() / 4);
    case DataField::kDouble:
      return static_cast<int64_t>(t.double_data.view.size() / 8);
    case DataField::kInt32:
      return wire::CountVarints(t.int32_data.view);
    case DataField::kInt64:
      return wire::CountVarints(t.int64_data.view);
    case DataField::kUint64:
      return wire::CountVarints(t.uint64_data.view);
    case DataField::kString:
      return static_cast<int64_t>(t.string_data.size());
    case DataField::kNone:
      break;
  }
  return 0;
}

// Entries of the typed field that hold `elements` elements: sub-byte types are packed into 32 bits, 6-bit ones are not.
std::optional<int64_t> EntriesFor(DType dtype, int64_t elements) {
  if (dtype == DType::kComplex64 || dtype == DType::kComplex128) return CheckedMul<int64_t>(elements, 2);
  const int bits = BitWidth(dtype);
  if (bits != 2 && bits != 4) return elements;
  const int64_t per_entry = 32 / bits;
  return elements / per_entry + (elements % per_entry != 0 ? 1 : 0);
}

void CheckExternal(const TensorProto& t, const std::string& place, const wire::ExternalContext& external, bool has_data,
                   Findings& findings) {
  constexpr const char* kRule = "external data lies in one regular file inside the model's folder";
  if (has_data) return findings.Add(place, "a tensor with external data has no data field", "both are there", "drop one of them");
  auto location = wire::ParseExternalData(t);
  if (!location.ok()) return findings.Add(place, kRule, std::string(location.status().message()));
  // A size that cannot be computed is the type check's to report.
  int64_t elements = 1;
  for (int64_t d : t.dims) {
    const auto product = d < 0 ? std::nullopt : CheckedMul<int64_t>(elements, d);
    if (!product) return;
    elements = *product;
  }
  const int bits = IsValidDType(t.data_type) ? BitWidth(static_cast<DType>(t.data_type.get())) : 0;
  const auto total = CheckedMul<int64_t>(elements, bits);
  if (!total || bits == 0) return;
  const auto bytes = external.Find(t, static_cast<uint64_t>(*total / 8 + (*total % 8 != 0 ? 1 : 0)));
  if (!bytes.ok()) findings.Add(place, kRule, std::string(bytes.status().message()));
}

// The number of elements the dimensions ask for; reports what makes it no number.
std::optional<int64_t> CheckDims(const TensorProto& t, const std::string& place, Findings& findings) {
  int64_t elements = 1;
  for (size_t i = 0; i < t.dims.size(); ++i) {
    if (t.dims[i] < 0) {
      findings.Add(place, "dimensions are not negative", StrCat("dimension ", i, " is ", t.dims[i]));
      return std::nullopt;
    }
    const auto product = CheckedMul<int64_t>(elements, t.dims[i]);
    if (!product) {
      findings.Add(place, "the number of elements fits into 63 bits", "the product of the dimensions overflows");
      return std::nullopt;
    }
    elements = *product;
  }
  return elements;
}

void CheckRaw(const TensorProto& t, DType dtype, int64_t elements, const std::string& place, Findings& findings) {
  if (dtype == DType::kString)
    return findings.Add(place, "strings are stored in string_data", "raw_data", "write the strings to string_data");
  const auto bits = CheckedMul<int64_t>(elements, BitWidth(dtype));
  const auto size = static_cast<int64_t>(t.raw_data.view.size());
  if (!bits || size < *bits / 8 + (*bits % 8 != 0 ? 1 : 0)) {
    findings.Add(place, "raw_data holds all elements", StrCat(size, " bytes for ", elements, " elements of ", BitWidth(dtype), " bits"),
                 "write the data again; the file may be truncated");
  }
}

void CheckIndices(const model::SparseTensorProto& sparse, int64_t nnz, const std::string& place, Findings& findings) {
  const TensorProto& proto = *sparse.indices;
  if (static_cast<DType>(proto.data_type.get()) != DType::kInt64)
    return findings.Add(place, "indices are int64", StrCat("type number ", proto.data_type.get()));
  if (proto.dims.size() != 1 && proto.dims.size() != 2)
    return findings.Add(place, "indices have rank 1 or 2", StrCat("rank ", proto.dims.size()));
  if (proto.dims[0] != nnz) return findings.Add(place, "there is one index a value", StrCat(proto.dims[0], " indices, ", nnz, " values"));
  const bool linear = proto.dims.size() == 1;
  const size_t rank = sparse.dims.size();
  if (!linear && proto.dims[1] != static_cast<int64_t>(rank))
    return findings.Add(place, "an index has a column a dimension", StrCat(proto.dims[1], " columns, rank ", rank));
  int64_t dense_size = 1;
  for (int64_t d : sparse.dims) {
    const auto product = CheckedMul<int64_t>(dense_size, d);
    if (!product) return findings.Add(place, "the dense size fits into 63 bits", "the product of the dimensions overflows");
    dense_size = *product;
  }
  const auto tensor = wire::ToTensor(proto);
  if (!tensor.ok()) return findings.Add(place, "the indices can be read", tensor.status().ToString());
  const std::vector<int64_t> all = LoadAll<int64_t>(*tensor);
  int64_t previous = -1;
  for (size_t i = 0; i < static_cast<size_t>(nnz); ++i) {
    int64_t at = linear ? all[i] : 0;
    bool inside = !linear || (at >= 0 && at < dense_size);
    for (size_t j = 0; !linear && j < rank; ++j) {
      const int64_t index = all[i * rank + j];
      inside = inside && index >= 0 && index < sparse.dims[j];
      if (inside) at = at * sparse.dims[j] + index;
    }
    if (!inside) return findings.Add(place, "indices lie inside the dense shape", StrCat("index ", i, " does not"));
    if (at <= previous)
      return findings.Add(place, "indices ascend and differ", StrCat("index ", i, " is not after the one before it"), "sort the entries");
    previous = at;
  }
}

}  // namespace

void CheckTensor(const TensorProto& t, const std::string& place, const wire::ExternalContext& external, Findings& findings) {
  if (!t.data_type.has() || t.data_type.get() == 0)
    return findings.Add(place, "a tensor has a data_type", t.data_type.has() ? "UNDEFINED" : "none");
  int fields = t.raw_data.view.empty() ? 0 : 1;
  DataField used = DataField::kNone;
  for (DataField field :
       {DataField::kFloat, DataField::kInt32, DataField::kString, DataField::kInt64, DataField::kDouble, DataField::kUint64}) {
    if (CountIn(t, field) == 0) continue;
    ++fields;
    used = field;
  }
  if (t.data_location.get() == 1) return CheckExternal(t, place, external, fields != 0, findings);
  const auto elements = CheckDims(t, place, findings);
  if (!elements) return;
  if (*elements == 0 && fields != 0)
    return findings.Add(place, "a tensor without elements has no data", StrCat(NameOfField(used), " is not empty"));
  if (*elements != 0 && fields != 1) return findings.Add(place, "exactly one field holds the data", StrCat(fields, " do"));
  // A number that is no type: onnx.checker only minds it in typed fields, inference minds it always.
  if (!IsValidDType(t.data_type)) {
    if (used != DataField::kNone || *elements == 0)
      findings.Add(place, "data_type is an element type", StrCat("type number ", t.data_type.get()));
    return;
  }
  const auto dtype = static_cast<DType>(t.data_type.get());
  if (*elements == 0) return;
  if (used == DataField::kNone) return CheckRaw(t, dtype, *elements, place, findings);
  if (used != FieldOf(dtype)) {
    return findings.Add(place, StrCat("data of type ", NameOf(dtype), " is stored in ", NameOfField(FieldOf(dtype)), " or raw_data"),
                        StrCat("it is in ", NameOfField(used)));
  }
  const auto wanted = EntriesFor(dtype, *elements);
  const int64_t have = CountIn(t, used);
  if (!wanted || have < *wanted)
    findings.Add(place, StrCat(NameOfField(used), " holds all elements"), StrCat(have, " entries for ", *elements, " elements"));
}

void CheckSparseTensor(const model::SparseTensorProto& sparse, const std::string& place, const wire::ExternalContext& external,
                       Findings& findings) {
  if (!sparse.values) return findings.Add(place, "a sparse tensor has values", "none");
  Findings inner(1);
  CheckTensor(*sparse.values, place + ", values", external, inner);
  if (sparse.indices) CheckTensor(*sparse.indices, place + ", indices", external, inner);
  if (!inner.empty()) {
    for (Finding& f : inner.Take()) findings.Add(std::move(f.place), std::move(f.rule), std::move(f.found), std::move(f.advice));
    return;
  }
  if (sparse.values->dims.size() != 1) return findings.Add(place, "values have rank 1", StrCat("rank ", sparse.values->dims.size()));
  if (sparse.dims.empty()) return findings.Add(place, "the dense rank is positive", "no dimensions");
  for (int64_t d : sparse.dims) {
    if (d <= 0) return findings.Add(place, "dense dimensions are positive", StrCat("one is ", d));
  }
  const int64_t nnz = sparse.values->dims[0];
  if (sparse.indices) return CheckIndices(sparse, nnz, place, findings);
  if (nnz != 0) findings.Add(place, "each value has an index", "there are no indices");
}

}  // namespace samoyed
