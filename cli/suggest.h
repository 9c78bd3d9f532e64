// What a person may have meant: the names nearest to a mistyped one.
#ifndef SAMOYED_CLI_SUGGEST_H_
#define SAMOYED_CLI_SUGGEST_H_

#include <string>
#include <vector>

namespace samoyed::cli {

// The name that takes the fewest edits (insertions, deletions, exchanges of one letter: Levenshtein's distance), if they are few for
// its length; empty otherwise.
std::string Nearest(const std::string& name, const std::vector<std::string>& names);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_SUGGEST_H_
