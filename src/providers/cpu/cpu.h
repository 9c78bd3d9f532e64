// Fast kernels for the processor's vector units, as a provider.
#ifndef SAMOYED_PROVIDERS_CPU_CPU_H_
#define SAMOYED_PROVIDERS_CPU_CPU_H_

#include <memory>

#include "providers/provider.h"

namespace samoyed {

// "CPUExecutionProvider": kernels for the level that CurrentCpuLevel() says when they are made. Takes the operators of
// kernels.h on the types that they are written for, and leaves the others to the next provider.
std::unique_ptr<Provider> MakeCpuProvider();
// True where it takes the operator on some types at least: for lists.
bool HasFastKernel(const OpDef& op, std::string_view domain, std::string_view op_type);

}  // namespace samoyed

#endif  // SAMOYED_PROVIDERS_CPU_CPU_H_
