// Using an operator of the standard inside another one: fused and renamed operators are what their parts are.
#ifndef SAMOYED_OPS_COMMON_CALL_H_
#define SAMOYED_OPS_COMMON_CALL_H_

#include <initializer_list>
#include <string_view>
#include <vector>

#include "ops/op.h"

namespace samoyed::ops {

// The operator `op` of a domain (the standard's) as of `opset`. Attributes that are not set have the schema's defaults.
struct Callee {
  std::string_view op;
  int opset = 0;
  std::vector<Attribute> attributes = {};
  int outputs = 1;
  std::string_view domain = {};
};

// What it makes of these inputs (a Value that is none: absent). Unsupported where this build left the operator out.
Result<std::vector<Value>> Call(KernelContext& ctx, const Callee& callee, std::vector<Value> inputs);
// Its first output, which must be a tensor.
Result<Tensor> CallForTensor(KernelContext& ctx, const Callee& callee, std::vector<Value> inputs);

// Output types by its shape rule. `inputs`: types (unknown where absent or not known), and which inputs of `ctx` they are
// (-1: none), so that constants are seen.
Result<std::vector<Type>> CallInfer(InferContext& ctx, const Callee& callee, std::vector<Type> inputs, std::vector<int> from);

// For operators that are the callee under another name: the same inputs, the callee's outputs.
Status RunAs(KernelContext& ctx, const Callee& callee);
Status InferAs(InferContext& ctx, const Callee& callee);

// The attributes of these names that the node has.
std::vector<Attribute> Pick(const Attributes& attributes, std::initializer_list<std::string_view> names);

// A real tensor's elements as double, and doubles as another type: fused operators round once.
Result<Tensor> ToDouble(const Tensor& tensor);
Status StoreOutput(KernelContext& ctx, int i, DType dtype, const Tensor& values);

// The type of input i, or an unknown one.
Type TypeOfInput(const InferContext& ctx, int i);
// The tensor at input i as a value; none where it is absent.
Value ValueOfInput(const KernelContext& ctx, int i);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_CALL_H_
