// Constant: a value held in an attribute. https://onnx.ai/onnx/operators/onnx__Constant.html
// A sparse value comes out as the dense tensor it stands for.
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Result<Tensor> Dense(const SparseTensor& sparse) {
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(sparse.values.dtype(), sparse.dense_shape));
  ops::ZeroElements(out, 0, out.size());
  const bool linear = sparse.indices.rank() == 1;
  const int rank = sparse.dense_shape.rank();
  const int64_t count = sparse.values.size();
  const Shape& shape = sparse.indices.shape();
  const bool fits = sparse.indices.dtype() == DType::kInt64 &&
                    ((linear && shape[0] == count) || (shape.rank() == 2 && shape[0] == count && shape[1] == rank));
  if (!fits) return BadInput("Constant: sparse indices of shape ", shape.ToString(), " for ", count, " values of rank ", rank);
  const auto* index = sparse.indices.data<int64_t>();
  const Shape strides = RowMajorStrides(sparse.dense_shape);
  for (int64_t i = 0; i < count; ++i) {
    int64_t place = linear ? index[i] : 0;
    for (int k = 0; !linear && k < rank; ++k) {
      const int64_t at = index[i * rank + k];
      if (at < 0 || at >= sparse.dense_shape[k])
        return BadInput("Constant: sparse index ", at, " is outside ", sparse.dense_shape.ToString());
      place += at * strides[k];
    }
    if (place < 0 || place >= out.size()) return BadInput("Constant: sparse index ", place, " is outside ", sparse.dense_shape.ToString());
    ops::CopyElements(sparse.values, i, out, place, 1);
  }
  return out;
}

Result<Tensor> ValueOf(const Attributes& attributes) {
  if (const Tensor* value = attributes.TensorOf("value")) return *value;
  if (const SparseTensor* sparse = attributes.SparseTensorOf("sparse_value")) return Dense(*sparse);
  if (attributes.Has("value_int")) return Tensor::Scalar<int64_t>(attributes.Int("value_int"));
  if (attributes.Has("value_float")) return Tensor::Scalar<float>(attributes.Float("value_float"));
  if (attributes.Has("value_string")) return Tensor::OfStrings({}, {std::string(attributes.String("value_string"))});
  if (attributes.Has("value_ints")) {
    const auto values = attributes.Ints("value_ints");
    return Tensor::Of<int64_t>({static_cast<int64_t>(values.size())}, values);
  }
  if (attributes.Has("value_floats")) {
    const auto values = attributes.Floats("value_floats");
    return Tensor::Of<float>({static_cast<int64_t>(values.size())}, values);
  }
  if (attributes.Has("value_strings")) {
    const auto values = attributes.Strings("value_strings");
    return Tensor::OfStrings({static_cast<int64_t>(values.size())}, {values.begin(), values.end()});
  }
  return BadInput("Constant without a value");
}

Status RunConstant(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(Tensor value, ValueOf(ctx.attributes()));
  ctx.set_output(0, std::move(value));
  return OkStatus();
}

Status InferConstant(InferContext& ctx) {
  if (const SparseTensor* sparse = ctx.attributes().SparseTensorOf("sparse_value")) {
    ctx.set_output_type(0, Type::TensorOf(sparse->values.dtype(), sparse->dense_shape));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const Tensor value, ValueOf(ctx.attributes()));
  ctx.set_output_type(0, Type::TensorOf(value.dtype(), value.shape()));
  if (value.rank() <= 1 && value.size() <= 64 && (value.dtype() == DType::kInt64 || value.dtype() == DType::kInt32)) {
    Dims content;
    for (int64_t v : LoadAll<int64_t>(value)) content.push_back(v < 0 ? Dim() : Dim(v));
    ctx.set_output_dims(0, std::move(content));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Constant = {.infer = InferConstant, .run = RunConstant};

}  // namespace samoyed
