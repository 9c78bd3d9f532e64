// Compares the checker's verdicts with those of onnx.checker, and says where they differ:
//   checker_verdicts FOLDER   lines "NAME check-verdict full-verdict group" on standard input, NAME.onnx below FOLDER/group
// Ends with status 1 when a valid model is refused or an invalid one accepted.
#include <cstdio>
#include <iostream>
#include <string>

#include "check/checker.h"
#include "wire/reader.h"

namespace {

// The first finding, or empty.
std::string Verdict(const std::string& path, bool full) {
  const auto model = samoyed::wire::ReadModelFile(path);
  if (!model.ok()) return "unreadable: " + model.status().ToString();
  const auto findings = samoyed::CheckModel(*model, {.full = full});
  return findings.empty() ? std::string() : findings[0].ToString();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int cases = 0, wrong = 0;
  std::string name, check, full, group;
  while (std::cin >> name >> check >> full >> group) {
    ++cases;
    const std::string path = std::string(argv[1]) + "/" + group + "/" + name + ".onnx";
    for (bool strict : {false, true}) {
      const std::string& expected = strict ? full : check;
      const std::string found = Verdict(path, strict);
      if (group == "lenient" || found.empty() == (expected == "ok")) continue;
      ++wrong;
      std::printf("%s (%s): onnx.checker says %s, we say %s\n", name.c_str(), strict ? "full" : "check", expected.c_str(),
                  found.empty() ? "ok" : found.c_str());
    }
  }
  std::printf("%d models, %d verdicts differ\n", cases, wrong);
  return wrong == 0 ? 0 : 1;
}
