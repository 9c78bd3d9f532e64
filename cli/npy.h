// NumPy's .npy files, and .npz archives of them: version 1 to 3, C order, little-endian numbers.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#ifndef SAMOYED_CLI_NPY_H_
#define SAMOYED_CLI_NPY_H_

#include <string>
#include <utility>
#include <vector>

#include "support.h"

namespace samoyed::cli {

ValuePtr ReadNpy(const std::string& path);
void WriteNpy(const std::string& path, const samoyed_value& value);

// Names (without ".npy") and arrays.
std::vector<std::pair<std::string, ValuePtr>> ReadNpz(const std::string& path);
void WriteNpz(const std::string& path, const std::vector<std::pair<std::string, const samoyed_value*>>& arrays);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_NPY_H_
