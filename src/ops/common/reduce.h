// Reductions over axes: the axes are an attribute in old versions and an input in new ones.
#ifndef SAMOYED_OPS_COMMON_REDUCE_H_
#define SAMOYED_OPS_COMMON_REDUCE_H_

#include "ops/op.h"

namespace samoyed::ops {

// How elements are gathered: state = step(state, element) from `start`, then result = finish(state, count). A null finish keeps the state.
template <typename Wide>
struct Reduction {
  Wide start;
  Wide (*step)(Wide, Wide);
  Wide (*finish)(Wide, int64_t count) = nullptr;
};

// Floats (and integers where `integers` is null) are reduced in double; `integers`, where given, serves signed and unsigned types,
// the latter unless `unsigneds` does: where the order of numbers matters.
Status RunReduce(KernelContext& ctx, const Reduction<double>& floats, const Reduction<int64_t>* integers = nullptr,
                 const Reduction<uint64_t>* unsigneds = nullptr);
Status InferReduce(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_REDUCE_H_
