// What the commands share: the library's handles as objects, errors as exceptions, options that several commands take.
#ifndef SAMOYED_CLI_SUPPORT_H_
#define SAMOYED_CLI_SUPPORT_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "samoyed/samoyed.h"

namespace samoyed::cli {

const samoyed_api& Api();

// An error on its way to the user: one line, and the exit code.
struct Error : std::runtime_error {
  Error(int exit_code, const std::string& text) : std::runtime_error(text), code(exit_code) {}
  int code;
};
// Throws when the status is not success, and frees it.
void Check(samoyed_status* status);
// A line on stderr for whoever watches; SAMOYED_LOG=quiet turns them off.
void Note(const std::string& line);
// Runs a command's body; prints an error in one line to stderr and returns its code.
int Guarded(const std::function<void()>& body);

struct FreeSession {
  void operator()(samoyed_session* s) const { Api().session_free(s); }
};
struct FreeValue {
  void operator()(samoyed_value* v) const { Api().value_free(v); }
};
struct FreeText {
  void operator()(samoyed_text* t) const { Api().text_free(t); }
};
struct FreeOptions {
  void operator()(samoyed_options* o) const { Api().options_free(o); }
};
using SessionPtr = std::unique_ptr<samoyed_session, FreeSession>;
using ValuePtr = std::unique_ptr<samoyed_value, FreeValue>;
using TextPtr = std::unique_ptr<samoyed_text, FreeText>;
using OptionsPtr = std::unique_ptr<samoyed_options, FreeOptions>;

// --threads, --provider, --strict, --precision, --max-memory, --deadline, --no-optimize: what every command that loads a model takes.
struct LoadFlags {
  int threads = 0;
  std::string provider, precision;
  bool strict = false, no_optimize = false;
  bool silent = false;  // no placement line
  int64_t max_memory = 0;
  double deadline = 0;            // seconds
  std::vector<std::string> dims;  // NAME=size: symbolic dimensions that get a number before anything is planned
  void AddTo(CLI::App& command);
  OptionsPtr Make() const;
};

// Loads a model and says on stderr what runs where. SAMOYED_LOG=quiet: nothing; SAMOYED_LOG=debug: the kernel of each node too.
SessionPtr Load(const std::string& path, const LoadFlags& flags);
std::vector<ValuePtr> Run(const samoyed_session& session, const std::vector<ValuePtr>& inputs);

// A parsed "tensor(float)[1,3,"h",?]".
struct TensorType {
  int dtype = 0;  // of onnx.TensorProto; 0 for what is no tensor
  std::string element;
  bool has_shape = false;
  std::vector<std::string> dims;  // numbers, symbols without quotes, or "?"
};
TensorType ParseType(const std::string& text);

// The elements of a tensor as numbers, whatever their type. HasNumbers: false for strings, complex numbers and what is no tensor.
bool HasNumbers(const samoyed_value& value);
size_t NumElements(const samoyed_value& value);
double NumberAt(const samoyed_value& value, size_t i);

std::string ReadFile(const std::string& path);

// The text in bold red where `stream` is a terminal that shows colours and NO_COLOR is not set. https://no-color.org
std::string Alarm(const std::string& text, std::FILE* stream);

// A bar on a terminal's line that is written over and over; nothing where stderr is no terminal. Removed by the destructor.
class Progress {
 public:
  explicit Progress(bool wanted = true);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void Show(double fraction, const std::string& what);  // at most ten times a second

 private:
  bool shown_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_SUPPORT_H_
