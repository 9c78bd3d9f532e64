// What If, Loop, Scan and SequenceMap share.
#ifndef SAMOYED_OPS_COMMON_CONTROL_FLOW_H_
#define SAMOYED_OPS_COMMON_CONTROL_FLOW_H_

#include <string_view>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// The graph-valued attribute `name`, or an error.
Result<BodyRef> RequireBody(const NodeContext& ctx, std::string_view name);
// The single element of a bool tensor.
Result<bool> ReadBool(const Tensor& tensor, std::string_view what);

// What two branches, or two iterations, have in common: dimensions that differ become unknown.
Type MergeTypes(const Type& a, const Type& b);

// Runs of a body collected into one tensor along a new axis.
class ScanOutput {
 public:
  // Fails where an element is no tensor or unlike the first one.
  Status Add(const Value& element);
  int64_t count() const { return static_cast<int64_t>(elements_.size()); }
  // The elements one behind the other along a new axis at `axis`, the last one first if `reversed`. Without any element
  // `fallback` (may be null) says which type and shape the empty result has.
  Result<Tensor> Stack(int64_t axis, bool reversed, const Type* fallback) const;

 private:
  std::vector<Tensor> elements_;
};

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_CONTROL_FLOW_H_
