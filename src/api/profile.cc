#include "api/profile.h"

#include "api/json.h"
#include "base/str.h"

namespace samoyed::api {
namespace {

std::string List(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += StrCat(out.empty() ? "" : ", ", Quoted(item));
  return StrCat("[", out, "]");
}

}  // namespace

std::string ProfileJson(std::span<const NodeProfile> nodes) {
  std::string out = "[";
  for (const NodeProfile& n : nodes) {
    out += StrCat(out.size() > 1 ? ",\n" : "\n", "{\"node\": ", Quoted(n.node), ", \"op\": ", Quoted(n.op_type),
                  ", \"kernel\": ", Quoted(n.kernel), ", \"provider\": ", Quoted(n.provider), ", \"depth\": ", n.depth,
                  ", \"start_us\": ", n.start_us, ", \"duration_us\": ", n.duration_us, ", \"flops\": ", n.flops, ", \"bytes\": ", n.bytes,
                  ", \"inputs\": ", List(n.inputs), ", \"outputs\": ", List(n.outputs), "}");
  }
  return out + "]";
}

}  // namespace samoyed::api
