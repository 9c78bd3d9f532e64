// TensorScatter: a cache with an update written at a place of its own for each batch entry, wrapping around if circular.
// https://onnx.ai/onnx/operators/onnx__TensorScatter.html
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status CheckShapes(const Tensor& cache, const Tensor& update, int axis) {
  bool fits = axis > 0 && cache.rank() == update.rank();
  for (int i = 0; fits && i < cache.rank(); ++i) fits = i == axis ? update.dim(i) <= cache.dim(i) : update.dim(i) == cache.dim(i);
  if (fits) return OkStatus();
  return BadInput("TensorScatter: update of shape ", update.shape().ToString(), " into a cache of shape ", cache.shape().ToString(),
                  " along axis ", axis);
}

Status RunTensorScatter(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* cache, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* update, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -2), cache->rank()));
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *cache, *update));
  SAMOYED_RETURN_IF_ERROR(CheckShapes(*cache, *update, axis));
  const std::string_view mode = ctx.attributes().String("mode", "linear");
  if (mode != "linear" && mode != "circular") return BadInput("TensorScatter: mode '", mode, "' is neither linear nor circular");
  ops::Ints begins(static_cast<size_t>(cache->dim(0)), 0);
  if (const Tensor* given = ctx.input(2)) {
    SAMOYED_ASSIGN_OR_RETURN(begins, ops::ReadInts(*given, "TensorScatter: write_indices"));
    if (static_cast<int64_t>(begins.size()) != cache->dim(0))
      return BadInput("TensorScatter: ", begins.size(), " write_indices for a batch of ", cache->dim(0));
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, cache->dtype(), cache->shape());
  ops::CopyElements(*cache, 0, *out, 0, cache->size());
  if (update->size() == 0) return OkStatus();
  const int64_t length = cache->dim(axis), steps = update->dim(axis);
  const int64_t inner = cache->shape().Product(axis + 1, cache->rank()), per_batch = cache->shape().Product(1, axis);
  for (int64_t o = 0; o < cache->shape().Product(0, axis); ++o) {
    const int64_t begin = begins[static_cast<size_t>(o / per_batch)];
    if (begin < 0 || (mode == "linear" && begin > length - steps)) {
      return BadInput("TensorScatter: ", steps, " steps at ", begin, " in a cache of ", length);
    }
    for (int64_t s = 0; s < steps; ++s) {
      const int64_t place = (begin % length + s) % length;
      ops::CopyElements(*update, (o * steps + s) * inner, *out, (o * length + place) * inner, inner);
    }
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_TensorScatter = {.infer = ops::InferSameAsInput, .run = RunTensorScatter};

}  // namespace samoyed
