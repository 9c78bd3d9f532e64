#include "ops/microsoft/fused.h"

#include <limits>

namespace samoyed::ops {

Result<FusedActivation> FusedActivationOf(const NodeContext& ctx, std::string_view name, std::span<const float> params) {
  struct Known {
    std::string_view name;
    FusedActivation defaults;
  };
  constexpr float kMost = std::numeric_limits<float>::max();
  constexpr Known kKnown[] = {{"", {}},
                              {"Relu", {Activation::kRelu}},
                              {"Tanh", {Activation::kTanh}},
                              {"Sigmoid", {Activation::kSigmoid}},
                              {"LeakyRelu", {Activation::kLeakyRelu, 0.01f}},
                              {"Clip", {Activation::kClip, -kMost, kMost}},
                              {"HardSigmoid", {Activation::kHardSigmoid, 0.2f, 0.5f}},
                              {"Elu", {Activation::kElu, 1}},
                              {"Softplus", {Activation::kSoftplus}},
                              {"HardSwish", {Activation::kHardSwish}},
                              {"Gelu", {Activation::kGelu}},
                              {"Mish", {Activation::kMish}},
                              {"Swish", {Activation::kSilu}}};
  for (const Known& known : kKnown) {
    if (known.name != name) continue;
    FusedActivation out = known.defaults;
    if (!params.empty()) out.alpha = params[0];
    if (params.size() > 1) out.beta = params[1];
    return out;
  }
  return Unsupported(ctx.op_type(), ": the fused activation ", Quote(name), " is not known");
}

}  // namespace samoyed::ops
