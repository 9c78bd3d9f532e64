// Reads, writes and reads again every model and every tensor file of the standard's cases:
//   wire_roundtrip FOLDER     each folder below it that holds a model.onnx is a case
// Models must come out equal, and so must the values of their data sets, read by the declared types.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "wire/data_files.h"
#include "wire/equal.h"
#include "wire/reader.h"
#include "wire/tensor_data.h"
#include "wire/types.h"

namespace {

namespace fs = std::filesystem;
using namespace samoyed;        // NOLINT
using namespace samoyed::wire;  // NOLINT

struct Counts {
  int models = 0, same_bytes = 0, tensors = 0, files = 0;
};

std::span<const std::byte> AsBytes(const std::string& text) { return std::as_bytes(std::span(text.data(), text.size())); }

Status CheckModel(const fs::path& path, const model::ModelProto& model, Counts& counts) {
  SAMOYED_ASSIGN_OR_RETURN(const std::string written, WriteModel(model));
  SAMOYED_ASSIGN_OR_RETURN(const model::ModelProto again, ReadModel(AsBytes(written), nullptr, model.folder));
  if (!Equal(model, again)) return FailedCheck("what was written reads differently");
  if (!model.unknown.empty()) return FailedCheck("has fields that the standard does not have");
  SAMOYED_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  const auto bytes = file->bytes();
  ++counts.models;
  counts.same_bytes += std::ranges::equal(bytes, AsBytes(written)) ? 1 : 0;
  const ExternalContext external(model.folder);
  for (const auto& tensor : model.graph->initializer) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor value, ToTensor(tensor, external));
    SAMOYED_ASSIGN_OR_RETURN(const Tensor copy, ToTensor(FromTensor(value)));
    if (!Equal(FromTensor(value), FromTensor(copy))) return FailedCheck("tensor ", tensor.name.get(), " changes");
    ++counts.tensors;
  }
  return OkStatus();
}

Status CheckValue(const fs::path& path, const model::ValueInfoProto& info, Counts& counts) {
  if (!fs::exists(path)) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const Type type, ToType(*info.type));
  SAMOYED_ASSIGN_OR_RETURN(const Value value, ReadValueFile(path, type.kind));
  SAMOYED_ASSIGN_OR_RETURN(const std::string written, WriteValue(value, type));
  SAMOYED_ASSIGN_OR_RETURN(const Value again, ReadValue(AsBytes(written), nullptr, type.kind));
  SAMOYED_ASSIGN_OR_RETURN(const std::string rewritten, WriteValue(again, type));
  if (written != rewritten) return FailedCheck(path.string(), " changes");
  ++counts.files;
  return OkStatus();
}

Status CheckCase(const fs::path& folder, Counts& counts) {
  SAMOYED_ASSIGN_OR_RETURN(const model::ModelProto model, ReadModelFile(folder / "model.onnx"));
  if (!model.graph) return FailedCheck("has no graph");
  SAMOYED_RETURN_IF_ERROR(CheckModel(folder / "model.onnx", model, counts));
  std::set<std::string> initialized;
  for (const auto& tensor : model.graph->initializer) initialized.insert(tensor.name.get());
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_directory() || !entry.path().filename().string().starts_with("test_data_set_")) continue;
    int number = 0;
    for (const auto& input : model.graph->input) {
      if (initialized.contains(input.name.get())) continue;
      SAMOYED_RETURN_IF_ERROR(CheckValue(entry.path() / StrCat("input_", number++, ".pb"), input, counts));
    }
    number = 0;
    for (const auto& output : model.graph->output) {
      SAMOYED_RETURN_IF_ERROR(CheckValue(entry.path() / StrCat("output_", number++, ".pb"), output, counts));
    }
  }
  return OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: wire_roundtrip FOLDER\n");
    return 2;
  }
  Counts counts;
  int failed = 0;
  for (const auto& entry : fs::recursive_directory_iterator(argv[1])) {
    if (entry.path().filename() != "model.onnx") continue;
    const Status status = CheckCase(entry.path().parent_path(), counts);
    if (status.ok()) continue;
    ++failed;
    std::printf("FAILED %s: %s\n", entry.path().c_str(), status.ToString().c_str());
  }
  std::printf("%d models (%d written to the very same bytes), %d initializers, %d data files; %d cases failed\n", counts.models,
              counts.same_bytes, counts.tensors, counts.files, failed);
  return failed == 0 && counts.models > 0 ? 0 : 1;
}
