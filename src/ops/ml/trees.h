// What the three tree operators share beyond the forest itself.
#ifndef SAMOYED_OPS_ML_TREES_H_
#define SAMOYED_OPS_ML_TREES_H_

#include <vector>

#include "ops/common/tree_ensemble.h"
#include "ops/ml/ml.h"

namespace samoyed::ops {

// The attribute base_values or base_values_as_tensor; empty when absent.
Result<std::vector<double>> BaseValues(const Attributes& attributes);
// An error unless the rows hold every feature that the forest asks for.
Status CheckFeatures(const KernelContext& ctx, const TreeEnsemble& forest, const Rows& x);

struct TreeRegression {
  int64_t targets = 0;
  TreeAggregate aggregate = TreeAggregate::kSum;
  PostTransform transform = PostTransform::kNone;
  std::vector<double> base;  // none, or one a target
};
// Output 0 [N, targets], of type `dtype`.
Status RunTreeRegression(KernelContext& ctx, const TreeEnsemble& forest, const TreeRegression& regression, DType dtype);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_ML_TREES_H_
