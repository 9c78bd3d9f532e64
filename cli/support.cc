#include "support.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

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
    std::fprintf(stderr, "%s %s\n", Alarm("samoyed:", stderr).c_str(), error.what());
    return error.code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "samoyed: %s\n", error.what());
    return SAMOYED_INTERNAL;
  }
}

void LoadFlags::AddTo(CLI::App& command) {
  command.add_option("--threads", threads, "threads to use (default: as many as this process may)")
      ->envname("SAMOYED_NUM_THREADS")
      ->check(CLI::Range(0, 1024));
  command.add_option("--provider", provider, "execution providers in the order they are asked, e.g. cpu,reference");
  command.add_flag("--strict", strict, "fail when a node does not run on the first provider");
  command.add_option("--precision", precision, "fast (default), or strict: no faster algorithm that rounds more")
      ->check(CLI::IsMember({"fast", "strict"}))
      ->envname("SAMOYED_PRECISION");
  command.add_flag("--no-optimize", no_optimize, "run the graph as it is");
  command.add_option("--deadline", deadline, "give up a run after this many seconds")->check(CLI::PositiveNumber);
  command.add_option("--max-memory", max_memory, "refuse to take more than this many bytes, e.g. 500000 or 64MiB")
      ->transform(CLI::AsSizeValue(false));
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
  if (deadline > 0) set("timeout_ms", std::to_string(static_cast<int64_t>(std::min(deadline, 1e9) * 1000) + 1));
  for (const std::string& dim : dims) {
    const size_t equals = dim.find('=');
    if (equals == std::string::npos || equals == 0) throw Error(SAMOYED_USAGE, "\"" + dim + "\" is not of the form NAME=SIZE");
    set("dim:" + dim.substr(0, equals), dim.substr(equals + 1));
  }
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
  samoyed_session* made = nullptr;
  Check(Api().session_load(path.c_str(), flags.Make().get(), &made));
  SessionPtr session(made);
  const char* variable = std::getenv("SAMOYED_LOG");
  const std::string log = variable == nullptr ? "" : variable;
  if (flags.silent || log == "quiet") return session;
  PrintNotes(*session);
  Note(std::string("runs on ") + Api().session_placement(session.get()));
  if (log != "debug") return session;
  const TextPtr text(Api().session_nodes_json(session.get()));
  for (const auto& node : nlohmann::json::parse(Api().text_data(text.get()))) {
    const auto field = [&](const char* key) { return node.value(key, std::string()); };
    std::fprintf(stderr, "  %s: %s on %s, %s%s%s\n", field("node").c_str(), field("op").c_str(), field("provider").c_str(),
                 field("kernel").c_str(), field("reason").empty() ? "" : ": ", field("reason").c_str());
  }
  return session;
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

namespace {

// https://en.wikipedia.org/wiki/Half-precision_floating-point_format
double FromHalf(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023, sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * HUGE_VAL : NAN;
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25));
}

template <typename T>
T At(const void* data, size_t i) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + i * sizeof(T), sizeof(T));
  return value;
}

bool IsTerminal(std::FILE* stream) {
  const char* term = std::getenv("TERM");
  return isatty(fileno(stream)) != 0 && (term == nullptr || std::strcmp(term, "dumb") != 0);
}

}  // namespace

bool HasNumbers(const samoyed_value& value) {
  const int type = Api().value_dtype(&value);
  return (type >= 1 && type <= 7) || (type >= 9 && type <= 13) || type == 16;
}

size_t NumElements(const samoyed_value& value) {
  size_t count = 1;
  for (size_t i = 0; i < Api().value_rank(&value); ++i) count *= static_cast<size_t>(Api().value_dims(&value)[i]);
  return count;
}

double NumberAt(const samoyed_value& value, size_t i) {
  const void* data = Api().value_data(&value);
  switch (Api().value_dtype(&value)) {
    case 1:
      return At<float>(data, i);
    case 2:
    case 9:
      return At<uint8_t>(data, i);
    case 3:
      return At<int8_t>(data, i);
    case 4:
      return At<uint16_t>(data, i);
    case 5:
      return At<int16_t>(data, i);
    case 6:
      return At<int32_t>(data, i);
    case 7:
      return static_cast<double>(At<int64_t>(data, i));
    case 10:
      return FromHalf(At<uint16_t>(data, i));
    case 11:
      return At<double>(data, i);
    case 12:
      return At<uint32_t>(data, i);
    case 13:
      return static_cast<double>(At<uint64_t>(data, i));
    case 16: {
      const uint32_t bits = static_cast<uint32_t>(At<uint16_t>(data, i)) << 16;
      return At<float>(&bits, 0);
    }
    default:
      return NAN;
  }
}

std::string ReadFile(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw Error(SAMOYED_BAD_INPUT, path + " is a folder, not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(SAMOYED_BAD_INPUT, "cannot open " + path + ": " + std::strerror(errno));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Alarm(const std::string& text, std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  return IsTerminal(stream) && (no_color == nullptr || *no_color == '\0') ? "\x1b[1;31m" + text + "\x1b[0m" : text;
}

Progress::Progress(bool wanted) : shown_(wanted && IsTerminal(stderr)), last_() {}

Progress::~Progress() {
  if (shown_) std::fprintf(stderr, "\r\x1b[K");
}

void Progress::Show(double fraction, const std::string& what) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  constexpr int kCells = 30;
  const int filled = static_cast<int>(kCells * std::min(1.0, std::max(0.0, fraction)));
  std::fprintf(stderr, "\r\x1b[K%s%s %s", std::string(static_cast<size_t>(filled), '#').c_str(),
               std::string(static_cast<size_t>(kCells - filled), '.').c_str(), what.c_str());
  std::fflush(stderr);
}

}  // namespace samoyed::cli
