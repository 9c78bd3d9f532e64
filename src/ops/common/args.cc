#include "ops/common/args.h"

#include "tensor/convert.h"

namespace samoyed::ops {

Result<Ints> ReadInts(const Tensor& tensor, std::string_view what) {
  if (!IsInteger(tensor.dtype())) return BadInput(what, " must be integers, not ", NameOf(tensor.dtype()));
  if (tensor.rank() > 1) return BadInput(what, " must be a list, not a tensor of shape ", tensor.shape().ToString());
  return LoadAll<int64_t>(tensor);
}

Result<int64_t> ReadInt(const Tensor& tensor, std::string_view what) {
  if (!IsInteger(tensor.dtype())) return BadInput(what, " must be an integer, not ", NameOf(tensor.dtype()));
  if (tensor.size() != 1) return BadInput(what, " must be a single number, not a tensor of shape ", tensor.shape().ToString());
  return At<int64_t>(tensor);
}

Result<std::optional<Ints>> IntsArgument(const KernelContext& ctx, std::string_view name, int i) {
  const Attributes& attributes = ctx.attributes();
  if (attributes.Has(name)) {
    const auto ints = attributes.Ints(name);
    return std::optional<Ints>(Ints(ints.begin(), ints.end()));
  }
  const Tensor* tensor = i >= 0 ? ctx.input(i) : nullptr;
  if (tensor == nullptr) return std::optional<Ints>();
  SAMOYED_ASSIGN_OR_RETURN(Ints ints, ReadInts(*tensor, name));
  return std::optional<Ints>(std::move(ints));
}

Result<Ints> RequireInts(const KernelContext& ctx, std::string_view name, int i) {
  SAMOYED_ASSIGN_OR_RETURN(std::optional<Ints> ints, IntsArgument(ctx, name, i));
  if (!ints) return BadInput(ctx.op_type(), " needs ", name);
  return *std::move(ints);
}

KnownInts InferInts(const InferContext& ctx, std::string_view name, int i) {
  if (ctx.attributes().Has(name)) {
    const auto ints = ctx.attributes().Ints(name);
    return {true, Ints(ints.begin(), ints.end())};
  }
  if (i < 0 || i >= ctx.num_inputs()) return {};
  if (const Tensor* constant = ctx.input_constant(i)) {
    auto ints = ReadInts(*constant, name);
    return {true, ints.ok() ? std::optional<Ints>(*std::move(ints)) : std::nullopt};
  }
  Dims dims;
  // An absent input shows no type, but the last one counted is there even when nothing is known of it.
  if (!ctx.input_dims(i, &dims)) return {ctx.input_type(i) != nullptr || i == ctx.num_inputs() - 1, std::nullopt};
  Ints values;
  for (const Dim& d : dims) {
    if (!d.known()) return {true, std::nullopt};
    values.push_back(d.value);
  }
  return {true, std::move(values)};
}

std::optional<int64_t> InferInt(const InferContext& ctx, int i) {
  const KnownInts ints = InferInts(ctx, "", i);
  return ints.values && ints.values->size() == 1 ? std::optional<int64_t>((*ints.values)[0]) : std::nullopt;
}

Result<std::vector<int>> NormalizeAxes(std::span<const int64_t> axes, int rank) {
  std::vector<bool> seen(static_cast<size_t>(rank), false);
  std::vector<int> out;
  for (int64_t axis : axes) {
    SAMOYED_ASSIGN_OR_RETURN(const int a, NormalizeAxis(axis, rank));
    if (seen[static_cast<size_t>(a)]) return BadInput("axis ", axis, " is given twice");
    seen[static_cast<size_t>(a)] = true;
    out.push_back(a);
  }
  return out;
}

Result<DType> DTypeAttribute(const NodeContext& ctx, std::string_view name, DType fallback) {
  const int64_t number = ctx.attributes().Int(name, static_cast<int64_t>(fallback));
  if (!IsValidDType(number)) return BadInput(ctx.op_type(), ": ", name, " = ", number, " is not an element type");
  return static_cast<DType>(number);
}

Status CheckSameDType(const NodeContext& ctx, const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype()) return OkStatus();
  return BadInput(ctx.op_type(), " needs inputs of one element type, got ", NameOf(a.dtype()), " and ", NameOf(b.dtype()));
}

void PropagateContent(InferContext& ctx) {
  Dims content;
  if (ctx.input_dims(0, &content)) ctx.set_output_dims(0, std::move(content));
}

}  // namespace samoyed::ops
