// The activation that FusedConv and FusedGemm apply to their result.
#ifndef SAMOYED_OPS_MICROSOFT_FUSED_H_
#define SAMOYED_OPS_MICROSOFT_FUSED_H_

#include "ops/common/call.h"
#include "ops/common/epilogue.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"

namespace samoyed::ops {

struct FusedActivation {
  Activation activation = Activation::kNone;
  float alpha = 0, beta = 0;
};
// By the name of the standard's operator, with its defaults where `params` ends; empty: none.
Result<FusedActivation> FusedActivationOf(const NodeContext& ctx, std::string_view name, std::span<const float> params);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_MICROSOFT_FUSED_H_
