// The one reader of tensor data: model::TensorProto -> Tensor, whichever of the ways a tensor can be stored.
//
// Nothing declared is believed: the data type must exist, dimensions are multiplied with overflow
// checks, exactly one field may hold data, the one that belongs to the type, and it must hold exactly
// as many elements as the dimensions ask for, before anything is allocated. Errors (kBadInput) name
// the tensor as their place.
#ifndef SAMOYED_WIRE_TENSOR_DATA_H_
#define SAMOYED_WIRE_TENSOR_DATA_H_

#include "base/status.h"
#include "model/model.h"
#include "tensor/tensor.h"
#include "wire/external_data.h"

namespace samoyed::wire {

// A view where the stored bytes are the elements and lie aligned; a copy otherwise. A view keeps the
// file mapped where the proto knows its owner, as everything read by ReadModel does. Bool bytes are
// 0 or 1 in the result. Segmented tensors are refused, as onnx's own tools do.
Result<Tensor> ToTensor(const model::TensorProto& proto, const ExternalContext& external);
// The same where external data cannot be (attributes and files without a folder): it is refused.
inline Result<Tensor> ToTensor(const model::TensorProto& proto) { return ToTensor(proto, ExternalContext()); }

// Values [nnz] and int64 indices [nnz] or [nnz, rank], in strictly ascending order and inside the
// dense shape, whose dimensions are all positive.
Result<SparseTensor> ToSparse(const model::SparseTensorProto& proto, const ExternalContext& external);

// The other way: numbers as raw_data, which views the tensor's buffer where that has an owner and
// copies it otherwise; strings as string_data.
model::TensorProto FromTensor(const Tensor& tensor);
model::SparseTensorProto FromSparse(const SparseTensor& sparse);

// Brings all external data of a model in: each such tensor gets raw_data that views the mapped file.
// For models that are to be written to another folder, or sent somewhere.
Status LoadExternalData(model::ModelProto& model);

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_TENSOR_DATA_H_
