// Operators' small integer arguments (axes, sizes, pads, ...): read from tensors or attributes, checked.
#ifndef SAMOYED_OPS_COMMON_ARGS_H_
#define SAMOYED_OPS_COMMON_ARGS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

using Ints = std::vector<int64_t>;

// The elements of an integer tensor of rank 0 or 1; `what` names it in errors.
Result<Ints> ReadInts(const Tensor& tensor, std::string_view what);
// The single element of a tensor of integers (rank 0, or one element).
Result<int64_t> ReadInt(const Tensor& tensor, std::string_view what);

// An argument that older versions have as attribute `name` and newer ones as input `i`: nothing when the node has neither.
Result<std::optional<Ints>> IntsArgument(const KernelContext& ctx, std::string_view name, int i);
// The same, for an argument that must be there.
Result<Ints> RequireInts(const KernelContext& ctx, std::string_view name, int i);

// What a shape rule knows of such an argument.
struct KnownInts {
  bool present = false;        // the node has it
  std::optional<Ints> values;  // all numbers, where they are known
};
KnownInts InferInts(const InferContext& ctx, std::string_view name, int i);
// The value of a one-element integer input, where it is known.
std::optional<int64_t> InferInt(const InferContext& ctx, int i);

// Axes counted from the front; an error where one is outside [-rank, rank) or comes twice.
Result<std::vector<int>> NormalizeAxes(std::span<const int64_t> axes, int rank);

// The element type that attribute `name` gives as a number of TensorProto.DataType; `fallback` when absent.
Result<DType> DTypeAttribute(const NodeContext& ctx, std::string_view name, DType fallback);

// An error unless both tensors have the same element type.
Status CheckSameDType(const NodeContext& ctx, const Tensor& a, const Tensor& b);

// Passes on what is known of input 0's content, for operators that keep the order of elements.
void PropagateContent(InferContext& ctx);

// Dimensions of which only their number is known.
inline Dims UnknownDims(int rank) { return Dims(static_cast<size_t>(rank)); }

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_ARGS_H_
