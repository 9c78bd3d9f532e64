// Is a model valid ONNX? The rules of the standard (docs/IR.md, the operators' schemas) as onnx.checker 1.23 applies them,
// with all findings at once and each placed.
#ifndef SAMOYED_CHECK_CHECKER_H_
#define SAMOYED_CHECK_CHECKER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "model/model.h"

namespace samoyed {

// One breach of one rule.
struct Finding {
  std::string place;   // "node 'conv1' (Conv)", "initializer 'w'", "model"
  std::string rule;    // what the standard asks for
  std::string found;   // what is there instead
  std::string advice;  // what to do; may be empty

  std::string ToString() const;  // on one line
};

struct CheckOptions {
  // Also infers all types and shapes, strictly: what contradicts an operator's rule or a declaration is a finding.
  bool full = false;
  // Checking stops after so many findings.
  size_t max_findings = 100;
};

// Empty: the model is valid. External data is looked for in model.folder, but its content is not read. Never fails
// and never crashes, whatever the model holds; memory and time are bounded by the model's size (`full`: by BuildOptions).
std::vector<Finding> CheckModel(const model::ModelProto& model, const CheckOptions& options = {});

}  // namespace samoyed

#endif  // SAMOYED_CHECK_CHECKER_H_
