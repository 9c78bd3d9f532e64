// A profiled run as JSON.
#ifndef SAMOYED_API_PROFILE_H_
#define SAMOYED_API_PROFILE_H_

#include <span>
#include <string>

#include "exec/session.h"

namespace samoyed::api {

std::string ProfileJson(std::span<const NodeProfile> nodes);

}  // namespace samoyed::api

#endif  // SAMOYED_API_PROFILE_H_
