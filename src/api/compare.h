// Comparison of values by the rules of the standard's test cases.
#ifndef SAMOYED_API_COMPARE_H_
#define SAMOYED_API_COMPARE_H_

#include "base/status.h"
#include "tensor/tensor.h"

namespace samoyed {

// OK when kinds, element types and shapes are the same and |actual - expected| <= atol + rtol |expected| everywhere; NaN equals
// NaN, infinities equal by sign, bfloat16 is granted rtol 2^-6, strings and integers are compared by the same formula (strings exactly).
// Otherwise kFailedCheck with the first difference.
Status Compare(const Value& actual, const Value& expected, double rtol, double atol);

}  // namespace samoyed

#endif  // SAMOYED_API_COMPARE_H_
