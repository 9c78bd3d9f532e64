// The list of operators as JSON.
#ifndef SAMOYED_API_OPERATORS_H_
#define SAMOYED_API_OPERATORS_H_

#include <string>

namespace samoyed::api {

// An array of {domain, name, kernel, fast, versions, types}, sorted by domain and name. `kernel`: this build runs it; `fast`: the cpu
// provider has a kernel of its own, for some types at least; `types`: of the newest version, {"T": ["float", ...]}.
std::string OperatorsJson();

}  // namespace samoyed::api

#endif  // SAMOYED_API_OPERATORS_H_
