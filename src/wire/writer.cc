#include "wire/writer.h"

#include <cstring>
#include <filesystem>
#include <new>
#include <type_traits>
#include <vector>

#include "base/file.h"
#include "wire/fields.h"
#include "wire/tensor_data.h"
#include "wire/tensors.h"
#include "wire/varint.h"

namespace samoyed::wire {
namespace {

// A sub-message's length comes before its bytes, so messages are measured first, in the order in
// which they are written afterwards.
using Sizes = std::vector<uint64_t>;

uint64_t TagSize(uint32_t number) { return static_cast<uint64_t>(VarintSize(uint64_t{number} << 3)); }
uint64_t BlockSize(uint64_t payload) { return static_cast<uint64_t>(VarintSize(payload)) + payload; }

class Measurer {
 public:
  explicit Measurer(Sizes& sizes) : sizes_(sizes) {}

  template <typename M>
  static uint64_t Measure(const M& message, Sizes& sizes) {
    Measurer measurer(sizes);
    Fields(measurer, message);
    return measurer.total_ + message.unknown.size();
  }

  template <typename T>
  void operator()(uint32_t number, const char*, const T& member, Text = Text::kIdentifier) {
    Add(number, member);
  }
  void Enum(uint32_t number, const char*, const model::Field<int32_t>& member, int32_t) { Add(number, member); }
  void Packed(uint32_t number, const char*, const model::Bytes& member, Packing) {
    if (!member.view.empty()) total_ += TagSize(number) + BlockSize(member.view.size());
  }
  void Raw(uint32_t number, const char*, bool has, const model::Bytes& member) {
    if (has) total_ += TagSize(number) + BlockSize(member.view.size());
  }

 private:
  template <typename T>
  void Add(uint32_t number, const model::Field<T>& member) {
    if (member.has()) total_ += TagSize(number) + ScalarSize(member.get());
  }
  template <typename M>
  void Add(uint32_t number, const model::Box<M>& member) {
    if (member) AddMessage(number, *member);
  }
  template <typename T>
  void Add(uint32_t number, const std::vector<T>& member) {
    for (const T& item : member) {
      if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
        total_ += TagSize(number) + ScalarSize(item);
      } else {
        AddMessage(number, item);
      }
    }
  }
  template <typename M>
  void AddMessage(uint32_t number, const M& message) {
    const size_t slot = sizes_.size();
    sizes_.push_back(0);
    const uint64_t size = Measure(message, sizes_);
    sizes_[slot] = size;
    total_ += TagSize(number) + BlockSize(size);
  }

  static uint64_t ScalarSize(const std::string& value) { return BlockSize(value.size()); }
  static uint64_t ScalarSize(float) { return sizeof(float); }
  static uint64_t ScalarSize(int32_t value) { return ScalarSize(int64_t{value}); }
  static uint64_t ScalarSize(int64_t value) { return static_cast<uint64_t>(VarintSize(static_cast<uint64_t>(value))); }

  Sizes& sizes_;
  uint64_t total_ = 0;
};

class Emitter {
 public:
  Emitter(ByteSink& sink, const Sizes& sizes) : sink_(sink), sizes_(sizes) {}

  template <typename M>
  void Message(const M& message) {
    Fields(*this, message);
    Put(message.unknown);
  }
  const Status& status() const { return status_; }

  template <typename T>
  void operator()(uint32_t number, const char*, const T& member, Text = Text::kIdentifier) {
    Write(number, member);
  }
  void Enum(uint32_t number, const char*, const model::Field<int32_t>& member, int32_t) { Write(number, member); }
  void Packed(uint32_t number, const char*, const model::Bytes& member, Packing) {
    if (!member.view.empty()) Block(number, member.view);
  }
  void Raw(uint32_t number, const char*, bool has, const model::Bytes& member) {
    if (has) Block(number, member.view);
  }

 private:
  template <typename T>
  void Write(uint32_t number, const model::Field<T>& member) {
    if (member.has()) Scalar(number, member.get());
  }
  template <typename M>
  void Write(uint32_t number, const model::Box<M>& member) {
    if (member) SubMessage(number, *member);
  }
  template <typename T>
  void Write(uint32_t number, const std::vector<T>& member) {
    for (const T& item : member) {
      if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
        Scalar(number, item);
      } else {
        SubMessage(number, item);
      }
    }
  }
  template <typename M>
  void SubMessage(uint32_t number, const M& message) {
    Tag(number, WireType::kBytes);
    Varint(sizes_[next_size_++]);
    Message(message);
  }
  void Scalar(uint32_t number, const std::string& value) { Block(number, value); }
  void Scalar(uint32_t number, float value) {
    Tag(number, WireType::kFixed32);
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    Put({bytes, sizeof bytes});
  }
  void Scalar(uint32_t number, int32_t value) { Scalar(number, int64_t{value}); }
  void Scalar(uint32_t number, int64_t value) {
    Tag(number, WireType::kVarint);
    Varint(static_cast<uint64_t>(value));
  }
  void Block(uint32_t number, std::string_view payload) {
    Tag(number, WireType::kBytes);
    Varint(payload.size());
    Put(payload);
  }
  void Tag(uint32_t number, WireType type) { Varint(uint64_t{number} << 3 | static_cast<uint64_t>(type)); }
  void Varint(uint64_t value) {
    char bytes[10];
    Put({bytes, static_cast<size_t>(WriteVarint(bytes, value))});
  }
  void Put(std::string_view bytes) {
    if (status_.ok()) status_ = sink_.Append(bytes);
  }

  ByteSink& sink_;
  const Sizes& sizes_;
  size_t next_size_ = 0;
  Status status_;
};

class StringSink : public ByteSink {
 public:
  explicit StringSink(std::string& out) : out_(out) {}
  Status Append(std::string_view bytes) override {
    out_ += bytes;
    return OkStatus();
  }

 private:
  std::string& out_;
};

}  // namespace

template <typename Message>
Result<std::string> WriteMessage(const Message& message) {
  try {
    Sizes sizes;
    const uint64_t total = Measurer::Measure(message, sizes);
    std::string out;
    out.reserve(total);
    StringSink sink(out);
    Emitter emitter(sink, sizes);
    emitter.Message(message);
    return out;
  } catch (const std::exception&) {  // bad_alloc; length_error beyond what a string holds
    return LimitExceeded("out of memory while writing a message");
  }
}

template Result<std::string> WriteMessage(const model::ModelProto&);
template Result<std::string> WriteMessage(const model::GraphProto&);
template Result<std::string> WriteMessage(const model::FunctionProto&);
template Result<std::string> WriteMessage(const model::NodeProto&);
template Result<std::string> WriteMessage(const model::AttributeProto&);
template Result<std::string> WriteMessage(const model::TypeProto&);
template Result<std::string> WriteMessage(const model::TensorProto&);
template Result<std::string> WriteMessage(const model::SparseTensorProto&);
template Result<std::string> WriteMessage(const model::SequenceProto&);
template Result<std::string> WriteMessage(const model::MapProto&);
template Result<std::string> WriteMessage(const model::OptionalProto&);

namespace {

constexpr uint64_t kDataAlignment = 4096;  // the standard's advice, for mapping
constexpr size_t kMinDataBytes = 1024;     // smaller tensors stay in the model

uint64_t SizeOf(const model::ModelProto& model) {
  Sizes sizes;
  return Measurer::Measure(model, sizes);
}

bool HasExternalData(const model::ModelProto& model) {
  bool found = false;
  TensorVisitor visitor([&](const model::TensorProto& tensor) {
    found |= tensor.data_location.get() == 1;
    return OkStatus();
  });
  (void)visitor.Visit(model);
  return found;
}

void AddEntry(model::TensorProto& tensor, std::string key, std::string value) {
  auto& entry = tensor.external_data.emplace_back();
  entry.key = std::move(key);
  entry.value = std::move(value);
}

// Moves the data of the larger tensors into the file `path`.
Status MoveDataOut(model::ModelProto& model, const std::string& path) {
  SAMOYED_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
  uint64_t offset = 0;
  TensorVisitor visitor([&](model::TensorProto& tensor) -> Status {
    const size_t typed = tensor.float_data.view.size() + tensor.double_data.view.size() + tensor.int32_data.view.size() +
                         tensor.int64_data.view.size() + tensor.uint64_data.view.size();
    if (tensor.data_location.get() == 1 || tensor.raw_data.view.size() + typed < kMinDataBytes) return OkStatus();
    SAMOYED_ASSIGN_OR_RETURN(const Tensor value, ToTensor(tensor));
    const model::Bytes data = FromTensor(value).raw_data;
    const std::string padding((kDataAlignment - offset % kDataAlignment) % kDataAlignment, '\0');
    SAMOYED_RETURN_IF_ERROR(file->Append(padding));
    SAMOYED_RETURN_IF_ERROR(file->Append(data.view));
    offset += padding.size();
    tensor.external_data.clear();
    AddEntry(tensor, "location", path.substr(path.rfind('/') + 1));
    AddEntry(tensor, "offset", StrCat(offset));
    AddEntry(tensor, "length", StrCat(data.view.size()));
    offset += data.view.size();
    tensor.data_location = 1;
    tensor.has_raw_data = false;
    tensor.raw_data = tensor.float_data = tensor.double_data = tensor.int32_data = tensor.int64_data = tensor.uint64_data = {};
    return OkStatus();
  });
  SAMOYED_RETURN_IF_ERROR(visitor.Visit(model));
  return file->Commit();
}

Status WriteWhole(const model::ModelProto& model, const std::string& path) {
  Sizes sizes;
  (void)Measurer::Measure(model, sizes);
  SAMOYED_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
  Emitter emitter(*file, sizes);
  emitter.Message(model);
  SAMOYED_RETURN_IF_ERROR(emitter.status());
  return file->Commit();
}

}  // namespace

Status WriteModelFile(const model::ModelProto& model, const std::string& path, uint64_t max_bytes) {
  try {
    std::error_code error;
    const bool moves = HasExternalData(model) && !std::filesystem::equivalent(model.folder, FolderOf(path), error);
    if (!moves && SizeOf(model) <= max_bytes) return WriteWhole(model, path);
    model::ModelProto copy = model;  // of the structure; bulk data stays shared
    if (moves) SAMOYED_RETURN_IF_ERROR(LoadExternalData(copy));
    if (SizeOf(copy) > max_bytes) SAMOYED_RETURN_IF_ERROR(MoveDataOut(copy, path + ".data"));
    return WriteWhole(copy, path);
  } catch (const std::bad_alloc&) {
    return LimitExceeded("out of memory while writing ", path);
  }
}

}  // namespace samoyed::wire
