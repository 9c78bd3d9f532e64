// ZIP archives as NumPy writes them (.npz): members stored or deflated, sizes below 4 GiB.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
#ifndef SAMOYED_CLI_ZIP_H_
#define SAMOYED_CLI_ZIP_H_

#include <string>
#include <vector>

namespace samoyed::cli {

struct ZipMember {
  std::string name, bytes;
};

// All members in the order of the directory. A member may unpack to at most 4 GiB. Errors name `path`.
std::vector<ZipMember> ReadZip(const std::string& path);
// Members are stored as they are.
void WriteZip(const std::string& path, const std::vector<ZipMember>& members);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_ZIP_H_
