// Runs one node's reference kernel on constants, within bounds.
#ifndef SAMOYED_CHECK_EVALUATE_H_
#define SAMOYED_CHECK_EVALUATE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"

namespace samoyed {

// The node's outputs for these inputs (null where absent). Fails when the operator has no reference kernel or has bodies,
// when an output is larger than `max_bytes`, and where the kernel fails.
Result<std::vector<Value>> Evaluate(const Node& node, std::span<const Value* const> inputs, int64_t max_bytes);

}  // namespace samoyed

#endif  // SAMOYED_CHECK_EVALUATE_H_
