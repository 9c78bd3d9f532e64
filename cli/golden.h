// A model's golden sample: what it must give for an input that every device can make for itself.
#ifndef SAMOYED_CLI_GOLDEN_H_
#define SAMOYED_CLI_GOLDEN_H_

#include <string>

#include "support.h"

namespace samoyed::cli {

// The key in metadata_props.
inline constexpr const char* kGoldenKey = "samoyed.golden";

// The sample as JSON: {"input": "picture" | "numbers", "input_hash": FNV-1a of the input tensors, "outputs": [{"name", "shape",
// "step", "values"}]}. The input is a picture made by a formula that goes through the model's pipeline, or, where it has none,
// made-up numbers; of large outputs evenly spaced elements are kept.
std::string MakeGolden(const samoyed_session& session, const std::string& pipeline);

// What differs from the sample, or an empty string. Integers of 32 and 64 bits must be equal. Others may differ by 5 % of the largest
// expected element of their output, and by 1 % on average; the input must be the same bit for bit.
std::string CompareWithGolden(const samoyed_session& session, const std::string& golden, const std::string& pipeline);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_GOLDEN_H_
