// One operator: what it means (shape rule, reference kernel) and the facts that passes and plans ask for.
//
// An operator is one file, named as in ONNX, in the folder of its domain:
//
//   src/ops/onnx/Relu.cc:   const OpDef kOp_onnx_Relu = {.infer = ..., .run = ..., .facts = {...}};
//
// The build finds the file and generates the registry from file names (cmake/Operators.cmake); nothing
// else is edited. Folders: onnx/ "", ml/ "ai.onnx.ml", training/ "ai.onnx.preview.training",
// preview/ "ai.onnx.preview", microsoft/ "com.microsoft", samoyed/ "ai.samoyed".
#ifndef SAMOYED_OPS_OP_H_
#define SAMOYED_OPS_OP_H_

#include <span>
#include <string_view>

#include "ops/context.h"
#include "ops/schema.h"

namespace samoyed {

// An activation that a kernel can apply to its result before storing it: y = f(x; alpha, beta).
enum class Activation : uint8_t {
  kNone, kRelu, kLeakyRelu, kClip, kSigmoid, kHardSigmoid, kTanh, kHardSwish, kSilu, kGelu, kGeluTanh, kElu, kSoftplus, kMish,
};

// How far a kernel may be from the reference: |a - b| <= atol + rtol * |b|, for float32 results. Other
// float types scale it by the ratio of their machine epsilons.
struct Tolerance {
  double rtol = 1e-5;
  double atol = 1e-6;
};

struct OpFacts {
  bool elementwise = false;    // each output element depends on the input elements at its place (after broadcasting)
  bool commutative = false;
  bool in_place = false;       // may write output 0 over input 0 when both have the same size
  bool view = false;           // output 0 is input 0's bytes under another shape
  bool shape_only = false;     // reads the shape of input 0, never its elements (Shape, Size)
  bool deterministic = true;   // false: never folded (random operators)
  bool side_effects = false;   // never removed
  Activation activation = Activation::kNone;  // can be applied in the epilogue of what feeds it
  bool takes_epilogue = false; // a fused form exists that applies a bias, a residual, an activation
};

// Floating-point operations one run takes, for profiles and placement; 0 where nobody needs to know.
using FlopsFn = double (*)(const Attributes& attributes, std::span<const Shape> inputs, std::span<const Shape> outputs);

struct OpDef {
  std::string_view domain = {};  // both filled in by the registry from folder and file name
  std::string_view name = {};
  Status (*infer)(InferContext& ctx) = nullptr;   // null: outputs' types stay unknown
  Status (*run)(KernelContext& ctx) = nullptr;    // the reference kernel; null: none (yet)
  OpFacts facts = {};
  Tolerance tolerance = {};
  FlopsFn flops = nullptr;
  // For operators outside the standard: their schema (the standard's are in the generated table).
  std::span<const OpSchema> schemas = {};
};

// The operator, or null when this build has none of that name. "ai.onnx" means "".
const OpDef* FindOp(std::string_view domain, std::string_view name);
std::span<const OpDef> AllOps();
// True when the operator exists in this project but was left out of this build (SAMOYED_OPS).
bool IsLeftOut(std::string_view domain, std::string_view name);

// What to give to cmake for a build that has what this one has, and this operator: -DSAMOYED_OPS="Conv;ai.onnx.ml::Scaler".
std::string OptionThatBringsBack(std::string_view domain, std::string_view name);

}  // namespace samoyed

#endif  // SAMOYED_OPS_OP_H_
