// NumPy's .npy files: version 1 to 3, C order, little-endian numbers. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#ifndef SAMOYED_CLI_NPY_H_
#define SAMOYED_CLI_NPY_H_

#include <string>

#include "support.h"

namespace samoyed::cli {

ValuePtr ReadNpy(const std::string& path);
void WriteNpy(const std::string& path, const samoyed_value& value);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_NPY_H_
