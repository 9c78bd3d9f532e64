// The types that an operator's schema allows: what each formal input and output may be, and which must agree.
#ifndef SAMOYED_CHECK_TYPE_CONSTRAINTS_H_
#define SAMOYED_CHECK_TYPE_CONSTRAINTS_H_

#include <span>

#include "base/status.h"
#include "ops/schema.h"
#include "tensor/type.h"

namespace samoyed {

// `inputs` and `outputs` in the node's order; null or unknown types are let through. Errors name the parameter, its type and
// the types that are allowed.
Status CheckTypeConstraints(const OpSchema& schema, std::span<const Type* const> inputs, std::span<const Type* const> outputs);

}  // namespace samoyed

#endif  // SAMOYED_CHECK_TYPE_CONSTRAINTS_H_
