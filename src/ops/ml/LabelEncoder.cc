// LabelEncoder: each element replaced by the value of its key, or by a default. Version 1 has a list of strings and maps them to
// their places or back; later ones have two lists (from 4 on also as tensors of any type). NaN is found as a key; of equal keys the last
// counts. https://onnx.ai/onnx/operators/onnx_aionnxml_LabelEncoder.html
#include <bit>
#include <cmath>
#include <unordered_map>

#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The keys or values (`what`) of the attributes <what>_tensor, _strings, _int64s, _floats; undefined when there are none.
Tensor ListOf(const Attributes& a, std::string_view what) {
  const auto name = [&](const char* suffix) { return StrCat(what, suffix); };
  if (const Tensor* t = a.TensorOf(name("_tensor"))) return *t;
  if (const auto list = a.Strings(name("_strings")); !list.empty()) {
    return Tensor::OfStrings({static_cast<int64_t>(list.size())}, std::vector<std::string>(list.begin(), list.end()));
  }
  if (const auto list = a.Ints(name("_int64s")); !list.empty()) return Tensor::Of<int64_t>({static_cast<int64_t>(list.size())}, list);
  if (const auto list = a.Floats(name("_floats")); !list.empty()) return Tensor::Of<float>({static_cast<int64_t>(list.size())}, list);
  return Tensor();
}

// Keys and values of the node; version 1 numbers its strings.
struct Mapping {
  Tensor keys, values;

  static Result<Mapping> Make(const NodeContext& ctx, DType input) {
    const Attributes& a = ctx.attributes();
    if (ctx.since_version() >= 2) {
      Mapping m{ListOf(a, "keys"), ListOf(a, "values")};
      if (!m.keys.defined() || m.keys.size() != m.values.size()) {
        return BadInput("LabelEncoder needs as many values as keys, and at least one; it has ", m.values.size(), " and ", m.keys.size());
      }
      return m;
    }
    const auto classes = a.Strings("classes_strings");
    const auto n = static_cast<int64_t>(classes.size());
    std::vector<int64_t> places(classes.size());
    for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<int64_t>(i);
    Tensor strings = Tensor::OfStrings({n}, std::vector<std::string>(classes.begin(), classes.end()));
    Tensor numbers = Tensor::Of<int64_t>({n}, places);
    return input == DType::kString ? Mapping{std::move(strings), std::move(numbers)} : Mapping{std::move(numbers), std::move(strings)};
  }
};

Result<Tensor> DefaultOf(const NodeContext& ctx, DType dtype) {
  const Attributes& a = ctx.attributes();
  if (const Tensor* t = a.TensorOf("default_tensor")) {
    if (t->dtype() != dtype || t->size() != 1)
      return BadInput("LabelEncoder: default_tensor must hold one ", NameOf(dtype), ", got ", NameOf(t->dtype()), t->shape().ToString());
    return *t;
  }
  if (dtype == DType::kString) return Tensor::OfStrings({}, {std::string(a.String("default_string", "_Unused"))});
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(dtype, {}));
  if (IsFloat(dtype))
    StoreAll(out, std::vector<double>{static_cast<double>(a.Float("default_float", -0.0f))});
  else
    StoreAll(out, std::vector<int64_t>{a.Int("default_int64", -1)});
  return out;
}

// Bits that are equal for equal elements: all NaN are one, and so are both zeros.
std::vector<uint64_t> Bits(const Tensor& t) {
  std::vector<uint64_t> bits(static_cast<size_t>(t.size()));
  if (!IsFloat(t.dtype())) {
    Load(t, 0, t.size(), bits.data());
    return bits;
  }
  const std::vector<double> values = LoadAll<double>(t);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = std::isnan(values[i]) ? ~uint64_t{0} : std::bit_cast<uint64_t>(values[i] + 0.0);
  return bits;
}

template <typename Key>
void Replace(std::span<const Key> keys, std::span<const Key> x, const Tensor& values, const Tensor& fallback, Tensor& out) {
  std::unordered_map<Key, int64_t> index;
  for (size_t i = 0; i < keys.size(); ++i) index[keys[i]] = static_cast<int64_t>(i);
  for (size_t i = 0; i < x.size(); ++i) {
    const auto it = index.find(x[i]);
    const bool found = it != index.end();
    ops::CopyElements(found ? values : fallback, found ? it->second : 0, out, static_cast<int64_t>(i), 1);
  }
}

Status RunLabelEncoder(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Mapping m, Mapping::Make(ctx, x->dtype()));
  if (x->dtype() != m.keys.dtype())
    return BadInput("LabelEncoder: the keys are ", NameOf(m.keys.dtype()), ", the input is ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor fallback, DefaultOf(ctx, m.values.dtype()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, m.values.dtype(), x->shape());
  if (x->dtype() == DType::kString) {
    Replace<std::string>(m.keys.strings(), x->strings(), m.values, fallback, *out);
  } else if (IsFloat(x->dtype()) || IsInteger(x->dtype())) {
    Replace<uint64_t>(Bits(m.keys), Bits(*x), m.values, fallback, *out);
  } else {
    return BadInput("LabelEncoder takes strings and real numbers, not ", NameOf(x->dtype()));
  }
  return OkStatus();
}

Status InferLabelEncoder(InferContext& ctx) {
  if (ctx.tensor_type(0) == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const Mapping m, Mapping::Make(ctx, ctx.input_dtype(0)));
  Type out = Type::TensorOf(m.values.dtype());
  out.shape = ctx.tensor_type(0)->shape;
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_LabelEncoder = {.infer = InferLabelEncoder, .run = RunLabelEncoder};

}  // namespace samoyed
