// Pieces of JSON text.
#ifndef SAMOYED_API_JSON_H_
#define SAMOYED_API_JSON_H_

#include <string>
#include <string_view>

namespace samoyed::api {

// The text as a JSON string, quotes included.
std::string Quoted(std::string_view text);

}  // namespace samoyed::api

#endif  // SAMOYED_API_JSON_H_
