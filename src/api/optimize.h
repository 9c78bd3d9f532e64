// A model file made smaller and faster for whoever runs it: the passes whose results are standard ONNX.
#ifndef SAMOYED_API_OPTIMIZE_H_
#define SAMOYED_API_OPTIMIZE_H_

#include <string>

#include "base/status.h"
#include "exec/session.h"

namespace samoyed::api {

// Reads `path`, runs the passes (less those that the options disable; symbolic dimensions get the options' numbers) and writes `to`:
// external data is brought in, what takes over 2 GiB goes to TO.data, weights that no pass changes are written from the mapped file.
// Inputs with a default stay inputs with a default. Says what was done as JSON: {"nodes_before", "nodes_after", "passes": [{"name",
// "changes"}], "notes": [...]}. Time and memory are limited as when a session is loaded. Errors: those of reading, of ExportModel, and
// kUnsupported for models with training graphs.
Result<std::string> OptimizeFile(const std::string& path, const SessionOptions& options, const std::string& to);

// [{"name", "description", "standard"}], in the order in which they run; standard: OptimizeFile runs it.
std::string PassesJson();

}  // namespace samoyed::api

#endif  // SAMOYED_API_OPTIMIZE_H_
