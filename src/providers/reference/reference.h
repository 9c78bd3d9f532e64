// The reference kernels of ops/ as a provider: runs every operator of the build, slowly.
#ifndef SAMOYED_PROVIDERS_REFERENCE_REFERENCE_H_
#define SAMOYED_PROVIDERS_REFERENCE_REFERENCE_H_

#include <memory>

#include "providers/provider.h"

namespace samoyed {

// "ReferenceExecutionProvider": takes each node whose operator has a reference kernel, fused epilogues
// included, in ONNX's own layout.
std::unique_ptr<Provider> MakeReferenceProvider();

}  // namespace samoyed

#endif  // SAMOYED_PROVIDERS_REFERENCE_REFERENCE_H_
