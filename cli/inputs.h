// What a command that runs a model is given to run it on: files, a test-case data folder, or sizes of what is made up.
#ifndef SAMOYED_CLI_INPUTS_H_
#define SAMOYED_CLI_INPUTS_H_

#include <string>
#include <vector>

#include "support.h"

namespace samoyed::cli {

struct InputFlags {
  std::vector<std::string> inputs;  // NAME=FILE
  std::vector<std::string> shapes;  // NAME=size or INPUT=AxBxC, of made-up inputs
  std::string pipeline;             // file, for pictures
  std::string data;                 // folder; a command that takes one adds the option itself
  void AddTo(CLI::App& command);
};

// One value an input, null where the model has its own. What the flags give; the rest is made up where nothing is given, or where
// sizes for it are, and a line on stderr says so.
std::vector<ValuePtr> ReadInputs(const samoyed_session& session, const InputFlags& flags);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_INPUTS_H_
