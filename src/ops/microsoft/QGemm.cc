// QGemm: Y = quantise(alpha A' B' + C), A' [M, K] and B' [K, N] optionally transposed; A per tensor, B per tensor or per column; C is
// int32 with scale alpha a_scale b_scale and zero point 0. Without y_scale the output is float.
// com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/infer.h"
#include "ops/microsoft/qlinear.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kA, kAScale, kAZero, kB, kBScale, kBZero, kC, kYScale, kYZero };

Status InferQGemm(InferContext& ctx) {
  const DType dtype = ctx.input_type(kYScale) == nullptr ? DType::kFloat : ctx.input_dtype(kA);
  const Dims* a = ctx.input_shape(kA);
  const Dims* b = ctx.input_shape(kB);
  if (a == nullptr || b == nullptr) {
    ctx.set_output_type(0, Type::TensorOf(dtype));
    return OkStatus();
  }
  if (a->size() != 2 || b->size() != 2) return BadInput("QGemm needs matrices, got ranks ", a->size(), " and ", b->size());
  const bool trans_a = ctx.attributes().Int("transA") != 0;
  const bool trans_b = ctx.attributes().Int("transB") != 0;
  ctx.set_output_type(0, Type::TensorOf(dtype, Dims{(*a)[trans_a ? 1 : 0], (*b)[trans_b ? 0 : 1]}));
  return OkStatus();
}

// The scale or zero point of column j: one for all, or one each.
template <typename T>
T Of(const std::vector<T>& values, int64_t j) {
  return values.empty() ? T{} : values[values.size() == 1 ? 0 : static_cast<size_t>(j)];
}

Status CheckPerColumn(const Tensor* t, int64_t columns, const char* what) {
  if (t == nullptr || t->size() == 1 || (t->rank() == 1 && t->size() == columns)) return OkStatus();
  return BadInput("QGemm: ", what, " must hold 1 or ", columns, " elements, got shape ", t->shape().ToString());
}

// Row and column strides of C, broadcast to [m, n].
Result<Shape> StridesOfC(const Tensor* c, const Shape& shape) {
  if (c == nullptr) return Shape{0, 0};
  SAMOYED_ASSIGN_OR_RETURN(const Shape joint, BroadcastShapes(c->shape(), shape));
  if (!(joint == shape)) return BadInput("QGemm: C of shape ", c->shape().ToString(), " does not broadcast to ", shape.ToString());
  const Shape own = RowMajorStrides(c->shape());
  Shape strides = {0, 0};
  for (int i = 0; i < c->rank(); ++i) strides[2 - c->rank() + i] = c->dim(i) == 1 ? 0 : own[i];
  return strides;
}

Status RunQGemm(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, kA));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, kB));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b_scale, RequireInput(ctx, kBScale));
  if (a->rank() != 2 || b->rank() != 2)
    return BadInput("QGemm needs matrices, got ", a->shape().ToString(), " and ", b->shape().ToString());
  const bool trans_a = ctx.attributes().Int("transA") != 0;
  const bool trans_b = ctx.attributes().Int("transB") != 0;
  const int64_t m = a->dim(trans_a ? 1 : 0), k = a->dim(trans_a ? 0 : 1), n = b->dim(trans_b ? 0 : 1);
  if (b->dim(trans_b ? 1 : 0) != k)
    return BadInput("QGemm: inner dimensions of ", a->shape().ToString(), " and ", b->shape().ToString(), " differ");
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer qa, ops::QuantizerAt(ctx, kAScale, kAZero));
  const Tensor* b_zero = ctx.input(kBZero);
  const Tensor* c = ctx.input(kC);
  SAMOYED_RETURN_IF_ERROR(CheckPerColumn(b_scale, n, "b_scale"));
  SAMOYED_RETURN_IF_ERROR(CheckPerColumn(b_zero, n, "b_zero_point"));
  const Shape shape = {m, n};
  SAMOYED_ASSIGN_OR_RETURN(const Shape c_strides, StridesOfC(c, shape));
  const std::vector<int64_t> va = LoadAll<int64_t>(*a), vb = LoadAll<int64_t>(*b);
  const std::vector<int64_t> vc = c == nullptr ? std::vector<int64_t>() : LoadAll<int64_t>(*c);
  const std::vector<double> scales = LoadAll<double>(*b_scale);
  const std::vector<int64_t> zeros = b_zero == nullptr ? std::vector<int64_t>() : LoadAll<int64_t>(*b_zero);
  const double alpha = ctx.attributes().Float("alpha", 1);
  const bool quantised = ctx.input(kYScale) != nullptr;
  ops::LinearQuantizer qy;
  if (quantised) {
    SAMOYED_ASSIGN_OR_RETURN(qy, ops::QuantizerAt(ctx, kYScale, kYZero));
  }
  const double y_scale = qy.scale;
  qy.scale = 1;  // what is left for QuantizeAll
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, quantised ? a->dtype() : DType::kFloat, shape);
  std::vector<double> y(static_cast<size_t>(out->size()));
  for (int64_t i = 0; i < m; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t j = 0; j < n; ++j) {
      int64_t sum = c == nullptr ? 0 : vc[static_cast<size_t>(i * c_strides[0] + j * c_strides[1])];
      const int64_t zero = Of(zeros, j);
      for (int64_t p = 0; p < k; ++p) {
        const int64_t x = va[static_cast<size_t>(trans_a ? p * m + i : i * k + p)];
        const int64_t w = vb[static_cast<size_t>(trans_b ? j * k + p : p * n + j)];
        sum += (x - qa.zero_point) * (w - zero);
      }
      const float factor = ops::RequantizeFactor(alpha * qa.scale, Of(scales, j), y_scale);
      y[static_cast<size_t>(i * n + j)] = static_cast<float>(sum) * factor;
    }
  }
  if (!quantised) {
    StoreAll(*out, y);
    return OkStatus();
  }
  ops::QuantizeAll(y, qy, *out);
  return OkStatus();
}

constexpr std::string_view kOutputTypes[] = {"tensor(float)", "tensor(uint8)", "tensor(int8)"};
constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kFloatTypes},  {"TA", ops::kByteTypes},  {"TB", ops::kByteTypes},
                                                 {"TC", ops::kInt32Types}, {"TYZ", ops::kByteTypes}, {"TY", kOutputTypes}};
constexpr SchemaParam kInputParams[] = {
    ops::Param("A", "TA"),         ops::Param("a_scale", "T"),         ops::Param("a_zero_point", "TA"),
    ops::Param("B", "TB"),         ops::Param("b_scale", "T"),         ops::Param("b_zero_point", "TB"),
    ops::OptionalParam("C", "TC"), ops::OptionalParam("y_scale", "T"), ops::OptionalParam("y_zero_point", "TYZ")};
constexpr SchemaParam kOutputParams[] = {ops::Param("Y", "TY")};
constexpr SchemaAttr kAttributes[] = {ops::IntAttr("transA", 0), ops::IntAttr("transB", 0), ops::FloatAttr("alpha", 1)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("QGemm", kInputParams, kOutputParams, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_QGemm = {
    .infer = InferQGemm,
    .run = RunQGemm,
    .schemas = kSchemas,
};

}  // namespace samoyed
