#include "support.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace samoyed::cli {

const samoyed_api& Api() { return *samoyed_get_api(SAMOYED_API_VERSION); }

void Check(samoyed_status* status) {
  if (status == nullptr) return;
  const Error error(Api().status_code(status), Api().status_message(status));
  Api().status_free(status);
  throw error;
}

int Guarded(const std::function<void()>& body) {
  try {
    body();
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "samoyed: %s\n", error.what());
    return error.code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "samoyed: %s\n", error.what());
    return SAMOYED_INTERNAL;
  }
}

void LoadFlags::AddTo(CLI::App& command) {
  command.add_option("--threads", threads, "threads to use (default: as many as this process may)")
      ->check(CLI::NonNegativeNumber)
      ->envname("SAMOYED_NUM_THREADS");
  command.add_option("--provider", provider, "execution providers in the order they are asked, e.g. cpu,reference");
  command.add_flag("--strict", strict, "fail when a node does not run on the first provider");
  command.add_option("--precision", precision, "fast (default), or strict: no faster algorithm that rounds more")
      ->check(CLI::IsMember({"fast", "strict"}))
      ->envname("SAMOYED_PRECISION");
  command.add_flag("--no-optimize", no_optimize, "run the graph as it is");
  command.add_option("--deadline", deadline, "give up a run after this many seconds");
  command.add_option("--max-memory", max_memory, "refuse to take more than this many bytes");
}

void Note(const std::string& line) {
  const char* log = std::getenv("SAMOYED_LOG");
  if (log == nullptr || std::strcmp(log, "quiet") != 0) std::fprintf(stderr, "%s\n", line.c_str());
}

OptionsPtr LoadFlags::Make() const {
  OptionsPtr options(Api().options_create());
  const auto set = [&](const std::string& name, const std::string& value) {
    Check(Api().options_set(options.get(), name.c_str(), value.c_str()));
  };
  if (threads != 0) set("threads", std::to_string(threads));
  if (!provider.empty()) set("providers", provider);
  if (strict) set("strict", "1");
  if (!precision.empty()) set("precision", precision);
  if (no_optimize) set("optimize", "0");
  if (max_memory != 0) set("max_memory", std::to_string(max_memory));
  if (deadline > 0) set("timeout_ms", std::to_string(static_cast<int64_t>(deadline * 1000) + 1));
  return options;
}

// The first few: a file may do the same thing in every node.
static void PrintNotes(const samoyed_session& session) {
  constexpr size_t kShown = 5;
  for (size_t i = 0; Api().session_note(&session, i) != nullptr; ++i) {
    if (i == kShown) {
      Note("note: and more; samoyed check lists what is not valid");
      return;
    }
    Note(std::string("note: ") + Api().session_note(&session, i));
  }
}

SessionPtr Load(const std::string& path, const LoadFlags& flags) {
  samoyed_session* session = nullptr;
  Check(Api().session_load(path.c_str(), flags.Make().get(), &session));
  if (!flags.silent) {
    PrintNotes(*session);
    Note(std::string("runs on ") + Api().session_placement(session));
  }
  return SessionPtr(session);
}

std::vector<ValuePtr> Run(const samoyed_session& session, const std::vector<ValuePtr>& inputs) {
  std::vector<const samoyed_value*> given;
  for (const ValuePtr& v : inputs) given.push_back(v.get());
  std::vector<samoyed_value*> made(Api().session_num_outputs(&session), nullptr);
  Check(Api().run(&session, given.data(), given.size(), made.data(), made.size()));
  std::vector<ValuePtr> outputs;
  for (samoyed_value* v : made) outputs.emplace_back(v);
  return outputs;
}

TensorType ParseType(const std::string& text) {
  static const char* const kNames[] = {"undefined", "float",  "uint8", "int8",    "uint16", "int16",  "int32",
                                       "int64",     "string", "bool",  "float16", "double", "uint32", "uint64"};
  TensorType type;
  if (text.rfind("tensor(", 0) != 0) return type;
  const size_t close = text.find(')');
  type.element = text.substr(7, close - 7);
  for (int i = 1; i < 14; ++i) {
    if (type.element == kNames[i]) type.dtype = i;
  }
  if (close + 1 >= text.size()) return type;
  type.has_shape = true;
  std::string dims = text.substr(close + 2, text.size() - close - 3);
  while (!dims.empty()) {
    const size_t end = std::min(dims.find(','), dims.size());
    std::string dim = dims.substr(0, end);
    if (dim.size() >= 2 && dim.front() == '"') dim = dim.substr(1, dim.size() - 2);
    type.dims.push_back(dim);
    dims.erase(0, std::min(end + 1, dims.size()));
  }
  return type;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(SAMOYED_BAD_INPUT, path + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace samoyed::cli
