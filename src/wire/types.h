// model::TypeProto <-> samoyed::Type.
#ifndef SAMOYED_WIRE_TYPES_H_
#define SAMOYED_WIRE_TYPES_H_

#include "base/status.h"
#include "model/model.h"
#include "tensor/type.h"

namespace samoyed::wire {

// A type that says nothing is unknown; a tensor whose element type is missing or UNDEFINED keeps
// kUndefined (exporters leave it out of value_info). Negative dimensions, which old exporters wrote
// for "any", and empty symbols are unknown dimensions. Fails (kBadInput) on element and key types
// that are no data type of the standard.
Result<Type> ToType(const model::TypeProto& proto);

// The other way; denotations are not part of a Type.
model::TypeProto FromType(const Type& type);

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_TYPES_H_
