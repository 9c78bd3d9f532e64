// ZipMap: each row of scores as a map from class label to score. https://onnx.ai/onnx/operators/onnx_aionnxml_ZipMap.html
#include "ops/common/sequence.h"
#include "ops/ml/ml.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferZipMap(InferContext& ctx) {
  const ops::ClassLabels labels(ctx, "classlabels_int64s", "classlabels_strings");
  ctx.set_output_type(0, Type::SequenceOf(Type::MapOf(labels.dtype(), Type::TensorOf(DType::kFloat, Dims{}))));
  return OkStatus();
}

Status RunZipMap(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  const Attributes& a = ctx.attributes();
  const ops::ClassLabels labels(ctx, "classlabels_int64s", "classlabels_strings");
  if (x->dtype() != DType::kFloat || (x->rank() != 1 && x->rank() != 2))
    return BadInput("ZipMap needs float of shape [N,C] or [C], got ", NameOf(x->dtype()), x->shape().ToString());
  const int64_t rows = x->rank() == 1 ? 1 : x->dim(0), width = x->shape().back();
  if (width != labels.size()) return BadInput("ZipMap has ", labels.size(), " labels for rows of ", width, " scores");
  std::vector<Value> maps;
  for (int64_t r = 0; r < rows; ++r) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    auto map = std::make_shared<Map>();
    map->key_type = labels.dtype();
    for (int64_t c = 0; c < width; ++c) {
      const Tensor score = Tensor::Scalar(x->data<float>()[r * width + c]);
      if (labels.are_strings())
        map->by_string.insert_or_assign(a.Strings("classlabels_strings")[static_cast<size_t>(c)], score);
      else
        map->by_int.insert_or_assign(a.Ints("classlabels_int64s")[static_cast<size_t>(c)], score);
    }
    maps.emplace_back(std::shared_ptr<const Map>(std::move(map)));
  }
  ops::SetSequence(ctx, std::move(maps));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_ZipMap = {.infer = InferZipMap, .run = RunZipMap};

}  // namespace samoyed
