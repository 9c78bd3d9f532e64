// Inputs that nobody gave: deterministic values of the types and shapes that a model declares.
#ifndef SAMOYED_CLI_MADE_UP_INPUTS_H_
#define SAMOYED_CLI_MADE_UP_INPUTS_H_

#include <map>
#include <string>
#include <vector>

#include "support.h"

namespace samoyed::cli {

// NAME=size for symbolic dimensions (*=size for all others), INPUT=AxBxC for whole inputs.
using Assignments = std::map<std::string, std::string>;
Assignments ParseAssignments(const std::vector<std::string>& list);

// One value for each input without a default: floats in [-1, 1), small integers, masks of ones, sample rates of 16000. Dimensions
// without a number count as 1. The same each time.
std::vector<ValuePtr> MakeInputs(const samoyed_session& session, const Assignments& dims);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_MADE_UP_INPUTS_H_
