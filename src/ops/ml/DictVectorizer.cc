// DictVectorizer: a map's values as a row, each in the place that the vocabulary has for its key; 0 or "" where the map has no such key.
// https://onnx.ai/onnx/operators/onnx_aionnxml_DictVectorizer.html Keys that are not in the vocabulary are left out.
#include "ops/common/copy_elements.h"
#include "ops/op.h"

namespace samoyed {
namespace {

int64_t Words(const Attributes& a, DType key) {
  return static_cast<int64_t>(key == DType::kString ? a.Strings("string_vocabulary").size() : a.Ints("int64_vocabulary").size());
}

Status InferDictVectorizer(InferContext& ctx) {
  const Type* x = ctx.input_type(0);
  if (x == nullptr || x->kind != TypeKind::kMap || x->element == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(x->element->dtype, Dims{Dim(1), Dim(Words(ctx.attributes(), x->dtype))}));
  return OkStatus();
}

// The element type of the values: of the first one, else what the model's types say.
DType ValueType(const KernelContext& ctx, const Map& map) {
  const Value* first = !map.by_int.empty()      ? &map.by_int.begin()->second
                       : !map.by_string.empty() ? &map.by_string.begin()->second
                                                : nullptr;
  if (first != nullptr) return first->is_tensor() ? first->tensor().dtype() : DType::kUndefined;
  const Type* type = ctx.output_type(0);
  return type != nullptr && type->is_tensor() ? type->dtype : DType::kFloat;
}

Status RunDictVectorizer(KernelContext& ctx) {
  const Value* x = ctx.input_value(0);
  if (x == nullptr || !x->is_map()) return BadInput("DictVectorizer needs a map");
  const Map& map = x->map();
  const Attributes& a = ctx.attributes();
  const bool strings = map.key_type == DType::kString;
  const int64_t n = Words(a, map.key_type);
  const DType dtype = ValueType(ctx, map);
  if (dtype == DType::kUndefined) return BadInput("DictVectorizer needs a map to numbers or strings");
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, (Shape{1, n}));
  ops::ZeroElements(*out, 0, n);
  for (int64_t i = 0; i < n; ++i) {
    const Value* value = nullptr;
    if (strings) {
      const auto it = map.by_string.find(a.Strings("string_vocabulary")[static_cast<size_t>(i)]);
      if (it != map.by_string.end()) value = &it->second;
    } else {
      const auto it = map.by_int.find(a.Ints("int64_vocabulary")[static_cast<size_t>(i)]);
      if (it != map.by_int.end()) value = &it->second;
    }
    if (value == nullptr) continue;
    if (!value->is_tensor() || value->tensor().dtype() != dtype || value->tensor().size() != 1)
      return BadInput("DictVectorizer: the map's values are not all single elements of type ", NameOf(dtype));
    ops::CopyElements(value->tensor(), 0, *out, i, 1);
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_DictVectorizer = {.infer = InferDictVectorizer, .run = RunDictVectorizer};

}  // namespace samoyed
