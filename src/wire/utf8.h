// Is a text UTF-8? Names end in JSON, Python strings and terminals, which cannot carry anything else.
#ifndef SAMOYED_WIRE_UTF8_H_
#define SAMOYED_WIRE_UTF8_H_

#include <string_view>

namespace samoyed::wire {

// As Unicode's table 3-7 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_UTF8_H_
