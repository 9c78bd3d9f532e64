#include "api/json.h"

#include "base/str.h"

namespace samoyed::api {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += StrCat("\\u00", kHex[c >> 4 & 15], kHex[c & 15]);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace samoyed::api
