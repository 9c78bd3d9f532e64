// Made-up inputs for models that bring none: for fuzz targets, fault injection and soaks.
#ifndef SAMOYED_TESTS_SUPPORT_MADE_UP_H_
#define SAMOYED_TESTS_SUPPORT_MADE_UP_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "base/status.h"
#include "exec/session.h"
#include "tensor/convert.h"

namespace samoyed::testing {

// Small whole numbers that repeat: good as values, as indices and as sizes alike. Unknown dimensions are 2; strings stay empty.
// Unsupported: more than `max_elements`, or no tensor of known rank.
// Numbers are low, low + 1 and so on, `count` different ones.
inline Result<Value> MadeUp(const Type& type, int64_t low = -2, int64_t count = 7, int64_t max_elements = 1 << 16) {
  if (!type.is_tensor() || !type.shape) return Unsupported("only tensors of known rank are made up");
  std::vector<int64_t> dims;
  for (const Dim& d : *type.shape) dims.push_back(d.known() ? d.value : 2);
  const Shape shape(dims);
  SAMOYED_ASSIGN_OR_RETURN(const int64_t n, shape.CheckedNumElements());
  if (n > max_elements) return Unsupported("size");
  SAMOYED_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(type.dtype, shape));
  if (type.dtype == DType::kString) return Value(std::move(tensor));
  std::vector<int64_t> values(static_cast<size_t>(n));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int64_t>(i) % count + low;
  StoreAll(tensor, values);
  return Value(std::move(tensor));
}

// One for each input that has no default.
inline Result<std::vector<Value>> MadeUpInputs(const Session& session, int64_t low = -2, int64_t count = 7) {
  std::vector<Value> inputs;
  for (const IoInfo& input : session.inputs()) {
    if (input.has_default) break;
    SAMOYED_ASSIGN_OR_RETURN(Value value, MadeUp(input.type, low, count));
    inputs.push_back(std::move(value));
  }
  return inputs;
}

}  // namespace samoyed::testing

#endif  // SAMOYED_TESTS_SUPPORT_MADE_UP_H_
