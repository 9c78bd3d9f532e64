#include "wire/reader.h"

#include <bit>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "base/file.h"
#include "wire/fields.h"
#include "wire/utf8.h"
#include "wire/varint.h"

namespace samoyed::wire {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are viewed in the file's byte order");

constexpr int kMaxDepth = 100;  // protobuf's
// An empty message is 2 bytes in a file and hundreds in memory. Real models, made of nothing but tiny
// attributes at worst, take 40 times their size; this is what a hostile one may take.
constexpr size_t kMaxStructBytes = size_t{2} << 30;
constexpr size_t StructBudget(size_t input_bytes) {
  constexpr size_t kBase = size_t{64} << 20;
  constexpr size_t kPerByte = 128;
  return input_bytes > (kMaxStructBytes - kBase) / kPerByte ? kMaxStructBytes : kBase + kPerByte * input_bytes;
}

// Where the parser is, as a list on the stack: each message knows the one around it.
struct Frame {
  const Frame* up;
  const char* name;
  int64_t index;  // in a repeated field; -1 elsewhere
};

void AppendPath(const Frame* frame, std::string& path) {
  if (frame->up != nullptr) {
    AppendPath(frame->up, path);
    path += '.';
  }
  path += frame->name;
  if (frame->index >= 0) path += StrCat("[", frame->index, "]");
}

// "model.graph.node[3]"; the middle of a very long one is left out.
std::string PathOf(const Frame* frame) {
  constexpr size_t kKept = 100;
  std::string path;
  AppendPath(frame, path);
  if (path.size() > 2 * kKept + 5) path.replace(kKept, path.size() - 2 * kKept, " ... ");
  return path;
}

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;

class FieldReader;

class Parser {
 public:
  Parser(std::string_view bytes, std::shared_ptr<const void> owner)
      : begin_(bytes.data()), end_(begin_ + bytes.size()), owner_(std::move(owner)), struct_budget_(StructBudget(bytes.size())) {}

  template <typename M>
  Status Parse(M& message, const char* name) {
    const Frame root{nullptr, name, -1};
    (void)Message(message, begin_, end_, root, 0);
    return status_;
  }

 private:
  friend class FieldReader;

  template <typename M>
  bool Message(M& message, const char* p, const char* end, const Frame& frame, int depth);

  // Moves *p behind the value of a field; `number` is that of a group to be closed.
  bool Skip(const char** p, const char* end, uint32_t number, WireType type, const Frame& frame, int depth);

  template <typename... Parts>
  bool Fail(const Frame& frame, const char* at, const Parts&... what) {
    status_ = BadInput(PathOf(&frame), " at offset ", at - begin_, ": ", what...);
    return false;
  }

  // Accounts for a struct about to be made.
  bool Charge(size_t bytes, const Frame& frame) {
    if (bytes <= struct_budget_) {
      struct_budget_ -= bytes;
      return true;
    }
    status_ = LimitExceeded(PathOf(&frame), ": has so many tiny messages that they would take more than ",
                            StructBudget(end_ - begin_) >> 20, " MiB of memory");
    return false;
  }

  const char* begin_;
  const char* end_;
  std::shared_ptr<const void> owner_;
  size_t struct_budget_;
  Status status_;
};

// Reads the value of one field into the member that the field list names. A known number with the
// wrong wire type matches nothing and so is kept as an unknown field, as protobuf does.
class FieldReader {
 public:
  FieldReader(Parser& parser, uint32_t number, WireType type, const char* p, const char* end, const Frame& frame, int depth)
      : parser_(parser), number_(number), type_(type), p_(p), end_(end), frame_(frame), depth_(depth) {}

  bool matched() const { return matched_; }
  bool failed() const { return failed_; }
  const char* position() const { return p_; }

  template <typename T>
  void operator()(uint32_t number, const char* name, T& member, Text text = Text::kIdentifier) {
    if (number != number_) return;
    if constexpr (kIsVector<T>) {
      Repeated(name, member, text);
    } else {
      Singular(name, member, text);
    }
  }

  // A closed enumeration: numbers it does not have are unknown fields.
  void Enum(uint32_t number, const char* name, model::Field<int32_t>& member, int32_t max) {
    if (number != number_ || type_ != WireType::kVarint) return;
    const char* p = p_;
    uint64_t value = 0;
    if (!ReadVarint(&p, end_, &value)) return Truncated(name);
    const auto narrow = static_cast<int32_t>(value);
    if (narrow < 0 || narrow > max) return;
    matched_ = true;
    p_ = p;
    member = narrow;
  }

  void Packed(uint32_t number, const char* name, model::Bytes& member, Packing packing);

  void Raw(uint32_t number, const char* name, bool& has, model::Bytes& member) {
    if (number != number_ || type_ != WireType::kBytes) return;
    std::string_view payload;
    if (!Payload(name, &payload)) return;
    has = true;
    member = {payload, payload.empty() ? nullptr : parser_.owner_};
  }

 private:
  void Truncated(const char* name) { failed_ = !parser_.Fail(Frame{&frame_, name, -1}, p_, "the number is cut off or too long"); }

  bool Varint(const char* name, uint64_t* out) {
    matched_ = true;
    if (ReadVarint(&p_, end_, out)) return true;
    Truncated(name);
    return false;
  }

  template <typename T>
  bool Fixed(const char* name, T* out) {
    matched_ = true;
    if (static_cast<size_t>(end_ - p_) < sizeof(T)) {
      Truncated(name);
      return false;
    }
    std::memcpy(out, p_, sizeof(T));
    p_ += sizeof(T);
    return true;
  }

  bool Payload(const char* name, std::string_view* out, int64_t index = -1) {
    matched_ = true;
    const char* at = p_;
    uint64_t length = 0;
    if (!ReadVarint(&p_, end_, &length)) {
      Truncated(name);
      return false;
    }
    if (length > static_cast<uint64_t>(end_ - p_)) {
      failed_ = !parser_.Fail(Frame{&frame_, name, index}, at, "says that it has ", length, " bytes, but only ", end_ - p_, " are left");
      return false;
    }
    *out = {p_, static_cast<size_t>(length)};
    p_ += length;
    return true;
  }

  bool String(const char* name, std::string* out, Text text, int64_t index = -1) {
    std::string_view payload;
    if (!Payload(name, &payload, index)) return false;
    if (text == Text::kIdentifier && !IsValidUtf8(payload)) {
      failed_ = !parser_.Fail(Frame{&frame_, name, index}, payload.data(), "is not valid UTF-8");
      return false;
    }
    out->assign(payload);
    return true;
  }

  template <typename M>
  void SubMessage(const char* name, int64_t index, M& member) {
    std::string_view payload;
    if (!Payload(name, &payload, index)) return;
    const Frame frame{&frame_, name, index};
    if (!parser_.Message(member, payload.data(), payload.data() + payload.size(), frame, depth_ + 1)) failed_ = true;
  }

  template <typename T>
  void Singular(const char* name, model::Field<T>& member, Text text) {
    if constexpr (std::is_same_v<T, std::string>) {
      std::string value;
      if (type_ == WireType::kBytes && String(name, &value, text)) member = std::move(value);
    } else if constexpr (std::is_same_v<T, float>) {
      float value = 0;
      if (type_ == WireType::kFixed32 && Fixed(name, &value)) member = value;
    } else {
      uint64_t value = 0;
      if (type_ == WireType::kVarint && Varint(name, &value)) member = static_cast<T>(value);
    }
  }

  // A message that comes twice is merged with itself.
  template <typename M>
  void Singular(const char* name, model::Box<M>& member, Text) {
    if (type_ != WireType::kBytes) return;
    if (!member) {
      if (!parser_.Charge(sizeof(M), frame_)) {
        matched_ = failed_ = true;
        return;
      }
      member.emplace();
    }
    SubMessage(name, -1, *member);
  }

  void Repeated(const char* name, std::vector<std::string>& member, Text text) {
    std::string value;
    if (type_ == WireType::kBytes && String(name, &value, text, static_cast<int64_t>(member.size()))) member.push_back(std::move(value));
  }

  void Repeated(const char* name, std::vector<int64_t>& member, Text) {
    uint64_t value = 0;
    if (type_ == WireType::kVarint) {
      if (Varint(name, &value)) member.push_back(static_cast<int64_t>(value));
      return;
    }
    std::string_view payload;
    if (type_ != WireType::kBytes || !Payload(name, &payload)) return;
    const char* p = payload.data();
    const char* end = p + payload.size();
    member.reserve(member.size() + static_cast<size_t>(CountVarints(payload)));
    while (p < end) {
      if (!ReadVarint(&p, end, &value)) {
        p_ = p;
        return Truncated(name);
      }
      member.push_back(static_cast<int64_t>(value));
    }
  }

  void Repeated(const char* name, std::vector<float>& member, Text) {
    float value = 0;
    if (type_ == WireType::kFixed32) {
      if (Fixed(name, &value)) member.push_back(value);
      return;
    }
    std::string_view payload;
    if (type_ != WireType::kBytes || !Payload(name, &payload)) return;
    if (payload.size() % sizeof(float) != 0) return NotWhole(name, payload);
    const size_t old = member.size();
    member.resize(old + payload.size() / sizeof(float));
    if (!payload.empty()) std::memcpy(member.data() + old, payload.data(), payload.size());
  }

  template <typename M>
  void Repeated(const char* name, std::vector<M>& member, Text) {
    if (type_ != WireType::kBytes) return;
    if (!parser_.Charge(sizeof(M), frame_)) {
      matched_ = failed_ = true;
      return;
    }
    member.emplace_back();
    SubMessage(name, static_cast<int64_t>(member.size()) - 1, member.back());
  }

  void NotWhole(const char* name, std::string_view payload) {
    failed_ = !parser_.Fail(Frame{&frame_, name, -1}, payload.data(), "has ", payload.size(), " bytes, not a whole number of elements");
  }

  Parser& parser_;
  uint32_t number_;
  WireType type_;
  const char* p_;
  const char* end_;
  const Frame& frame_;
  int depth_;
  bool matched_ = false;
  bool failed_ = false;
};

// Appends to a packed field that came in pieces: the first piece stays a view of the file, from the
// second on (or when elements came one by one) they are gathered in a string that the field owns.
void Gather(model::Bytes& field, std::string_view piece, const std::shared_ptr<const void>& owner, bool contiguous) {
  if (field.view.empty() && contiguous) {
    field = {piece, owner};
    return;
  }
  const bool gathered = field.owner != nullptr && field.owner != owner;
  if (!gathered) field.owner = std::make_shared<std::string>(field.view);
  auto* text = const_cast<std::string*>(static_cast<const std::string*>(field.owner.get()));  // ours, not yet shared
  text->append(piece);
  field.view = *text;
}

void FieldReader::Packed(uint32_t number, const char* name, model::Bytes& member, Packing packing) {
  if (number != number_) return;
  const size_t width = packing == Packing::kFixed32 ? 4 : packing == Packing::kFixed64 ? 8 : 0;
  if (type_ == WireType::kBytes) {
    std::string_view payload;
    if (!Payload(name, &payload) || payload.empty()) return;
    if (width != 0 && payload.size() % width != 0) return NotWhole(name, payload);
    if (width == 0 && static_cast<int8_t>(payload.back()) < 0) {
      failed_ = !parser_.Fail(Frame{&frame_, name, -1}, payload.data() + payload.size(), "the last number is cut off");
      return;
    }
    return Gather(member, payload, parser_.owner_, true);
  }
  const char* begin = p_;
  if (type_ == WireType::kVarint && width == 0) {
    uint64_t value = 0;
    if (!Varint(name, &value)) return;
  } else if (type_ == WireType::kFixed32 && width == 4) {
    uint32_t value = 0;
    if (!Fixed(name, &value)) return;
  } else if (type_ == WireType::kFixed64 && width == 8) {
    uint64_t value = 0;
    if (!Fixed(name, &value)) return;
  } else {
    return;
  }
  Gather(member, {begin, static_cast<size_t>(p_ - begin)}, parser_.owner_, false);
}

bool Parser::Skip(const char** p, const char* end, uint32_t number, WireType type, const Frame& frame, int depth) {
  const char* at = *p;
  uint64_t value = 0;
  switch (type) {
    case WireType::kVarint:
      if (!ReadVarint(p, end, &value)) return Fail(frame, at, "field ", number, " is a number that is cut off or too long");
      return true;
    case WireType::kBytes:
      if (!ReadVarint(p, end, &value)) return Fail(frame, at, "field ", number, " has no valid length");
      break;
    case WireType::kFixed32:
      value = 4;
      break;
    case WireType::kFixed64:
      value = 8;
      break;
    case WireType::kStartGroup:
      if (depth >= kMaxDepth) return Fail(frame, at, "groups nest deeper than ", kMaxDepth);
      for (;;) {
        if (!ReadVarint(p, end, &value) || value > UINT32_MAX || value >> 3 == 0) {
          return Fail(frame, *p, "group ", number, " is not closed or holds an invalid tag");
        }
        const auto inner_type = static_cast<WireType>(value & 7);
        const auto inner = static_cast<uint32_t>(value >> 3);
        if (inner_type == WireType::kEndGroup && inner == number) return true;
        if (!Skip(p, end, inner, inner_type, frame, depth + 1)) return false;
      }
    default:
      return Fail(frame, at, "field ", number, " has the invalid wire type ", static_cast<int>(type));
  }
  if (value > static_cast<uint64_t>(end - *p)) {
    return Fail(frame, at, "field ", number, " has ", value, " bytes, but only ", end - *p, " are left");
  }
  *p += value;
  return true;
}

template <typename M>
bool Parser::Message(M& message, const char* p, const char* end, const Frame& frame, int depth) {
  if (depth > kMaxDepth) return Fail(frame, p, "messages nest deeper than ", kMaxDepth);
  while (p < end) {
    const char* start = p;
    uint64_t tag = 0;
    if (!ReadVarint(&p, end, &tag) || tag > UINT32_MAX || tag >> 3 == 0) return Fail(frame, start, "no valid field tag");
    const auto number = static_cast<uint32_t>(tag >> 3);
    const auto type = static_cast<WireType>(tag & 7);
    FieldReader field(*this, number, type, p, end, frame, depth);
    Fields(field, message);
    if (field.failed()) return false;
    if (field.matched()) {
      p = field.position();
      ClearOtherAlternatives(message, number);
      continue;
    }
    if (!Skip(&p, end, number, type, frame, depth)) return false;
    message.unknown.append(start, p);
  }
  return true;
}

template <typename M>
constexpr const char* RootName() {
  using namespace model;  // NOLINT
  if constexpr (std::is_same_v<M, ModelProto>) return "model";
  if constexpr (std::is_same_v<M, GraphProto>) return "graph";
  if constexpr (std::is_same_v<M, FunctionProto>) return "function";
  if constexpr (std::is_same_v<M, NodeProto>) return "node";
  if constexpr (std::is_same_v<M, AttributeProto>) return "attribute";
  if constexpr (std::is_same_v<M, TypeProto>) return "type";
  if constexpr (std::is_same_v<M, TensorProto>) return "tensor";
  if constexpr (std::is_same_v<M, SparseTensorProto>) return "sparse_tensor";
  if constexpr (std::is_same_v<M, SequenceProto>) return "sequence";
  if constexpr (std::is_same_v<M, MapProto>) return "map";
  if constexpr (std::is_same_v<M, OptionalProto>) return "optional";
  return "message";
}

// What people hand over in place of an ONNX file, by its first bytes; empty when it is nothing known.
std::string_view ForeignFormat(std::string_view bytes) {
  struct Format {
    size_t offset;
    std::string_view magic;
    std::string_view name;
  };
  static constexpr Format kFormats[] = {
      {0, "version https://git-lfs", "a Git LFS pointer: fetch the file itself with \"git lfs pull\""},
      {0, "PK\3\4", "a zip archive, as PyTorch and Keras save models: export it to ONNX, or unpack it"},
      {0, "\x1f\x8b", "gzip-compressed: unpack it first"},
      {0, "\x89HDF", "an HDF5 file, as Keras saves models: export it to ONNX"},
      {4, "TFL3", "a TensorFlow Lite model: convert it to ONNX"},
      {4, "ORTM", "ONNX Runtime's own .ort format: give the .onnx file it was made from"},
      {0, "GGUF", "a GGUF model: export it to ONNX"},
      {0, "<?xml", "XML, perhaps of OpenVINO: give the .onnx file it was made from"},
      {0, "<!DOCTYPE", "an HTML page, so perhaps the download went wrong"},
      {0, "<html", "an HTML page, so perhaps the download went wrong"},
      {0, "\x89PNG", "a picture"},
      {0, "\xff\xd8\xff", "a picture"},
      {0, "{", "JSON, not protobuf"},
  };
  for (const Format& format : kFormats) {
    if (bytes.size() > format.offset && bytes.substr(format.offset).starts_with(format.magic)) return format.name;
  }
  return {};
}

}  // namespace

template <typename Message>
Result<Message> ReadMessage(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  try {
    Message message;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    Parser parser(text, std::move(owner));
    SAMOYED_RETURN_IF_ERROR(parser.Parse(message, RootName<Message>()));
    return message;
  } catch (const std::bad_alloc&) {
    return LimitExceeded("out of memory while reading ", RootName<Message>(), " of ", bytes.size(), " bytes");
  }
}

template Result<model::ModelProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::GraphProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::FunctionProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::NodeProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::AttributeProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::TypeProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::TensorProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::SparseTensorProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::SequenceProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::MapProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);
template Result<model::OptionalProto> ReadMessage(std::span<const std::byte>, std::shared_ptr<const void>);

Result<model::ModelProto> ReadModel(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, std::string folder) {
  SAMOYED_ASSIGN_OR_RETURN(model::ModelProto model, ReadMessage<model::ModelProto>(bytes, owner));
  model.backing = std::move(owner);
  model.folder = std::move(folder);
  return model;
}

Result<model::ModelProto> ReadModelFile(const std::string& path) {
  SAMOYED_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
  const auto bytes = file->bytes();
  auto model = ReadModel(bytes, file, FolderOf(path));
  if (!file->intact()) return Status(Code::kBadInput, "the file was cut short while it was read", path);
  if (model.ok()) return model;
  const Status& status = model.status();
  if (status.code() != Code::kBadInput) return status.At(path);
  const std::string_view foreign = ForeignFormat({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!foreign.empty()) return Status(Code::kBadInput, StrCat("not an ONNX model but ", foreign), path);
  return Status(Code::kBadInput, StrCat("not a valid ONNX model: ", status.message()), path);
}

}  // namespace samoyed::wire
