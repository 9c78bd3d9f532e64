// What a shape rule and a kernel see of the world. ops/ knows neither graph nor engine: the check and
// exec layers implement these.
#ifndef SAMOYED_OPS_CONTEXT_H_
#define SAMOYED_OPS_CONTEXT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/status.h"
#include "ops/attributes.h"
#include "tensor/tensor.h"
#include "tensor/type.h"

namespace samoyed {

// What both contexts know of the node.
class NodeContext {
 public:
  virtual ~NodeContext() = default;
  virtual std::string_view op_type() const = 0;
  // The version in which the schema in force came in: Softmax under opset 12 says 11.
  virtual int since_version() const = 0;
  virtual const Attributes& attributes() const = 0;
  // Trailing absent inputs are not counted; inputs in between may be absent (see the sub-classes).
  virtual int num_inputs() const = 0;
  // Outputs that the model names; a kernel may skip output i where !wants_output(i).
  virtual int num_outputs() const = 0;
  virtual bool wants_output(int i) const = 0;
};

class InferContext : public NodeContext {
 public:
  // Null where the input is absent or nothing is known of it.
  virtual const Type* input_type(int i) const = 0;
  // The value of an input that is a constant; null otherwise.
  virtual const Tensor* input_constant(int i) const = 0;
  // What is known of the content of a small integer tensor (rank 0 or 1): numbers, symbols, unknowns.
  // Constants show up here, too. False when nothing is known.
  virtual bool input_dims(int i, Dims* dims) const = 0;

  virtual void set_output_type(int i, Type type) = 0;
  // Data propagation: the content of an output that holds a shape or a part of one.
  virtual void set_output_dims(int i, Dims dims) = 0;

  // Types of a body's outputs when it is given these inputs.
  virtual Result<std::vector<Type>> InferBody(const BodyRef& body, std::span<const Type> inputs) = 0;
  // A dimension that is like no other.
  virtual Dim NewSymbol() = 0;
  // True when the model declares strict checks (check --full): doubts become errors.
  virtual bool strict() const { return false; }

  // Shorthands.
  const Type* tensor_type(int i) const {
    const Type* t = input_type(i);
    return t != nullptr && t->is_tensor() ? t : nullptr;
  }
  // The shape of input i where its rank is known, else null.
  const Dims* input_shape(int i) const {
    const Type* t = tensor_type(i);
    return t != nullptr && t->shape ? &*t->shape : nullptr;
  }
  DType input_dtype(int i) const {
    const Type* t = input_type(i);
    return t == nullptr ? DType::kUndefined : t->dtype;
  }
};

class KernelContext : public NodeContext {
 public:
  // Null where the input is absent.
  virtual const Value* input_value(int i) const = 0;
  const Tensor* input(int i) const {
    const Value* v = input_value(i);
    return v != nullptr && v->is_tensor() ? &v->tensor() : nullptr;
  }

  // A tensor to write output i into; uninitialised. Owned by the context.
  virtual Result<Tensor*> AllocateOutput(int i, DType dtype, const Shape& shape) = 0;
  // Output i is this value (a sequence, a map, a tensor that shares an input's buffer, ...).
  virtual void set_output(int i, Value value) = 0;

  // What shape inference knows of output i, or null: a Loop that runs no iteration cannot see the types of its body's results.
  virtual const Type* output_type(int) const { return nullptr; }

  // Runs a graph-valued attribute with these inputs and returns its outputs.
  virtual Result<std::vector<Value>> RunBody(const BodyRef& body, std::span<const Value> inputs) = 0;

  // Not OK once the deadline has passed or the run was cancelled: asked for inside long loops.
  virtual Status Poll() = 0;
  // Calls body(begin, end) over [0, n) from the pool's threads in pieces of at least `grain`; returns
  // when all is done. The pieces do not depend on the number of threads.
  virtual void ParallelFor(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) = 0;
  // How many threads ParallelFor uses: for how finely work is cut where that changes no result.
  virtual int threads() const { return 1; }
  // Memory for this call alone, 64-byte aligned, of at least the size that the kernel announced.
  virtual std::span<std::byte> scratch() = 0;
  // A seed for operators without one: the same for the same session seed and node, different in each run.
  virtual uint64_t NextSeed() = 0;
};

// Output 0 as a fresh tensor of this type and shape, or out of the kernel.
#define SAMOYED_ALLOCATE_OUTPUT(var, ctx, index, dtype, shape) \
  SAMOYED_ASSIGN_OR_RETURN(::samoyed::Tensor* var, (ctx).AllocateOutput((index), (dtype), (shape)))

// Input i as a tensor, or an error that names the operator and the input.
Result<const Tensor*> RequireInput(const KernelContext& ctx, int i);

}  // namespace samoyed

#endif  // SAMOYED_OPS_CONTEXT_H_
