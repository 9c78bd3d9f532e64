// Compares the checker's verdicts with those of onnx.checker, and says where they differ:
//   checker_verdicts FOLDER   lines "NAME check-verdict full-verdict group" on standard input, NAME.onnx below FOLDER/group
// Ends with status 1 when a valid model is refused or an invalid one accepted. A model that is accepted although it has an
// operator whose shape rule this build lacks counts as undecided; lenient models may have either verdict.
#include <cstdio>
#include <iostream>
#include <string>

#include "check/checker.h"
#include "ops/op.h"
#include "wire/reader.h"

namespace {

// The first finding, or empty.
std::string Verdict(const std::string& path, bool full) {
  const auto model = samoyed::wire::ReadModelFile(path);
  if (!model.ok()) return "unreadable: " + model.status().ToString();
  const auto findings = samoyed::CheckModel(*model, {.full = full});
  return findings.empty() ? std::string() : findings[0].ToString();
}

// An operator of the graph that has no shape rule here, though the standard has one; or empty.
std::string WithoutRule(const samoyed::model::GraphProto& graph) {
  for (const auto& node : graph.node) {
    const auto* op = samoyed::FindOp(node.domain.get(), node.op_type.get());
    const auto* schema = samoyed::FindSchema(node.domain.get(), node.op_type.get(), 1 << 20);
    if (schema != nullptr && schema->has_inference && (op == nullptr || op->infer == nullptr)) return node.op_type.get();
  }
  return {};
}

// Why an accepting verdict of `--full` says nothing; or empty.
std::string Undecided(const std::string& path) {
  const auto model = samoyed::wire::ReadModelFile(path);
  return model.ok() && model->graph ? WithoutRule(*model->graph) : std::string();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int cases = 0, same = 0, wrong = 0, undecided = 0, lenient = 0;
  std::string name, check, full, group;
  while (std::cin >> name >> check >> full >> group) {
    ++cases;
    const std::string path = std::string(argv[1]) + "/" + group + "/" + name + ".onnx";
    for (bool strict : {false, true}) {
      const std::string& expected = strict ? full : check;
      const std::string found = Verdict(path, strict);
      if (found.empty() == (expected == "ok")) {
        ++same;
        continue;
      }
      if (group == "lenient") {
        ++lenient;
        continue;
      }
      const std::string missing = strict && found.empty() ? Undecided(path) : std::string();
      ++(missing.empty() ? wrong : undecided);
      std::printf("%s (%s): onnx.checker says %s, we say %s%s%s\n", name.c_str(), strict ? "full" : "check", expected.c_str(),
                  found.empty() ? "ok" : found.c_str(), missing.empty() ? "" : "; this build has no rule for ", missing.c_str());
    }
  }
  std::printf("%d models: %d of %d verdicts agree; %d differ, %d undecided, %d stricter where either is right\n", cases, same, 2 * cases,
              wrong, undecided, lenient);
  return wrong == 0 ? 0 : 1;
}
