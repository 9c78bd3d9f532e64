#include "wire/data_files.h"

#include <sys/stat.h>

#include <utility>

#include "base/file.h"
#include "wire/external_data.h"
#include "wire/reader.h"
#include "wire/tensor_data.h"
#include "wire/writer.h"

namespace samoyed::wire {
namespace {

// SequenceProto.DataType and OptionalProto.DataType, which are the same.
enum ElementKind : int32_t { kUndefined = 0, kTensor = 1, kSparse = 2, kSequence = 3, kMap = 4, kOptional = 5 };

Result<Value> FromProto(const model::TensorProto& proto, const ExternalContext& external) {
  SAMOYED_ASSIGN_OR_RETURN(Tensor tensor, ToTensor(proto, external));
  return Value(std::move(tensor));
}
Result<Value> FromProto(const model::SparseTensorProto& proto, const ExternalContext& external) {
  SAMOYED_ASSIGN_OR_RETURN(SparseTensor sparse, ToSparse(proto, external));
  return Value(std::make_shared<const SparseTensor>(std::move(sparse)));
}
Result<Value> FromProto(const model::SequenceProto& proto, const ExternalContext& external);
Result<Value> FromProto(const model::MapProto& proto, const ExternalContext& external);
Result<Value> FromProto(const model::OptionalProto& proto, const ExternalContext& external);

template <typename Proto>
Status AppendAll(const std::vector<Proto>& protos, const ExternalContext& external, Sequence& out) {
  out.items.reserve(protos.size());
  for (size_t i = 0; i < protos.size(); ++i) {
    auto item = FromProto(protos[i], external);
    if (!item.ok()) return item.status().At(StrCat("item ", i, " of the sequence"));
    out.items.push_back(std::move(item).value());
  }
  return OkStatus();
}

Result<Sequence> ToSequence(const model::SequenceProto& proto, const ExternalContext& external) {
  Sequence out;
  Status status;
  switch (proto.elem_type.get()) {
    case kUndefined:
      break;  // an empty sequence of who knows what
    case kTensor:
      status = AppendAll(proto.tensor_values, external, out);
      break;
    case kSparse:
      status = AppendAll(proto.sparse_tensor_values, external, out);
      break;
    case kSequence:
      status = AppendAll(proto.sequence_values, external, out);
      break;
    case kMap:
      status = AppendAll(proto.map_values, external, out);
      break;
    case kOptional:
      status = AppendAll(proto.optional_values, external, out);
      break;
    default:
      status = BadInput("a sequence has elem_type ", proto.elem_type.get(), "; it can be 1 to 5");
  }
  if (!status.ok()) return status;
  const size_t all = proto.tensor_values.size() + proto.sparse_tensor_values.size() + proto.sequence_values.size() +
                     proto.map_values.size() + proto.optional_values.size();
  if (all != out.items.size()) {
    return BadInput("a sequence of elem_type ", proto.elem_type.get(), " has ", all - out.items.size(), " items of another type");
  }
  return out;
}

Result<Value> FromProto(const model::SequenceProto& proto, const ExternalContext& external) {
  SAMOYED_ASSIGN_OR_RETURN(Sequence sequence, ToSequence(proto, external));
  return Value(std::make_shared<const Sequence>(std::move(sequence)));
}

Result<Value> FromProto(const model::MapProto& proto, const ExternalContext& external) {
  const int32_t key_type = proto.key_type.get();
  if (key_type == 0 || !IsValidDType(key_type)) return BadInput("a map has key_type ", key_type, ", which is no data type");
  Map map;
  map.key_type = static_cast<DType>(key_type);
  const bool by_string = map.key_type == DType::kString;
  if (!by_string && !IsInteger(map.key_type))
    return BadInput("a map has keys of type ", NameOf(map.key_type), "; only integers and strings can be");
  Sequence values;
  if (proto.values) {
    SAMOYED_ASSIGN_OR_RETURN(values, ToSequence(*proto.values, external));
  }
  const size_t keys = by_string ? proto.string_keys.size() : proto.keys.size();
  if (keys != values.items.size() || proto.keys.size() + proto.string_keys.size() != keys) {
    return BadInput("a map of key type ", NameOf(map.key_type), " has ", proto.keys.size(), " integer keys, ", proto.string_keys.size(),
                    " string keys and ", values.items.size(), " values");
  }
  for (size_t i = 0; i < keys; ++i) {
    Value& value = values.items[i];
    if (by_string ? !map.by_string.try_emplace(proto.string_keys[i], std::move(value)).second
                  : !map.by_int.try_emplace(proto.keys[i], std::move(value)).second) {
      return BadInput("a map has the key ", by_string ? Quote(proto.string_keys[i]) : StrCat(proto.keys[i]), " twice");
    }
  }
  return Value(std::make_shared<const Map>(std::move(map)));
}

template <typename Proto>
Result<Value> FromBox(const model::Box<Proto>& box, const ExternalContext& external) {
  if (!box) return Value();
  return FromProto(*box, external);
}

Result<Value> FromProto(const model::OptionalProto& proto, const ExternalContext& external) {
  switch (proto.elem_type.get()) {
    case kUndefined:
      return Value();
    case kTensor:
      return FromBox(proto.tensor_value, external);
    case kSparse:
      return FromBox(proto.sparse_tensor_value, external);
    case kSequence:
      return FromBox(proto.sequence_value, external);
    case kMap:
      return FromBox(proto.map_value, external);
    case kOptional:
      return FromBox(proto.optional_value, external);
    default:
      return BadInput("an optional has elem_type ", proto.elem_type.get(), "; it can be 0 to 5");
  }
}

template <typename Proto>
Result<Value> Read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, const ExternalContext& external) {
  SAMOYED_ASSIGN_OR_RETURN(const Proto proto, ReadMessage<Proto>(bytes, std::move(owner)));
  return FromProto(proto, external);
}

Result<Value> ReadKind(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, TypeKind kind,
                       const ExternalContext& external) {
  switch (kind) {
    case TypeKind::kTensor:
      return Read<model::TensorProto>(bytes, std::move(owner), external);
    case TypeKind::kSparseTensor:
      return Read<model::SparseTensorProto>(bytes, std::move(owner), external);
    case TypeKind::kSequence:
      return Read<model::SequenceProto>(bytes, std::move(owner), external);
    case TypeKind::kOptional:
      return Read<model::OptionalProto>(bytes, std::move(owner), external);
    case TypeKind::kMap:
      return Read<model::MapProto>(bytes, std::move(owner), external);
    case TypeKind::kUnknown:
    case TypeKind::kOpaque:
      break;
  }
  return Unsupported("values of an unknown or opaque type have no file format");
}

// What a value is; an empty optional takes it from the declared type.
ElementKind KindOf(const Value& value, const Type& type) {
  if (value.is_tensor()) return kTensor;
  if (value.is_sparse()) return kSparse;
  if (value.is_sequence()) return kSequence;
  if (value.is_map()) return kMap;
  switch (type.kind) {
    case TypeKind::kTensor:
      return kTensor;
    case TypeKind::kSparseTensor:
      return kSparse;
    case TypeKind::kSequence:
      return kSequence;
    case TypeKind::kMap:
      return kMap;
    case TypeKind::kOptional:
      return kOptional;
    default:
      return kUndefined;
  }
}

const Type& ElementOf(const Type& type) {
  static const Type unknown;
  return type.element != nullptr ? *type.element : unknown;
}

Result<model::SequenceProto> ToSequenceProto(const std::vector<Value>& items, const Type& element);

Result<model::MapProto> ToMapProto(const Map& map, const Type& type) {
  model::MapProto proto;
  proto.key_type = static_cast<int32_t>(map.key_type);
  std::vector<Value> values;
  for (const auto& [key, value] : map.by_int) {
    proto.keys.push_back(key);
    values.push_back(value);
  }
  for (const auto& [key, value] : map.by_string) {
    proto.string_keys.push_back(key);
    values.push_back(value);
  }
  SAMOYED_ASSIGN_OR_RETURN(proto.values, ToSequenceProto(values, ElementOf(type)));
  return proto;
}

Result<model::OptionalProto> ToOptionalProto(const Value& value, const Type& element) {
  model::OptionalProto proto;
  proto.elem_type = KindOf(value, element);
  if (value.is_tensor()) proto.tensor_value = FromTensor(value.tensor());
  if (value.is_sparse()) proto.sparse_tensor_value = FromSparse(value.sparse());
  if (value.is_sequence()) {
    SAMOYED_ASSIGN_OR_RETURN(proto.sequence_value, ToSequenceProto(value.sequence().items, ElementOf(element)));
  }
  if (value.is_map()) {
    SAMOYED_ASSIGN_OR_RETURN(proto.map_value, ToMapProto(value.map(), element));
  }
  return proto;
}

Result<model::SequenceProto> ToSequenceProto(const std::vector<Value>& items, const Type& element) {
  model::SequenceProto proto;
  const bool optional = element.kind == TypeKind::kOptional;
  const ElementKind kind = optional ? kOptional : KindOf(items.empty() ? Value() : items.front(), element);
  proto.elem_type = kind;
  for (const Value& item : items) {
    if (optional) {
      SAMOYED_ASSIGN_OR_RETURN(auto value, ToOptionalProto(item, ElementOf(element)));
      proto.optional_values.push_back(std::move(value));
    } else if (item.is_none() || KindOf(item, element) != kind) {
      return UsageError("a sequence with items of different kinds cannot be written");
    } else if (item.is_tensor()) {
      proto.tensor_values.push_back(FromTensor(item.tensor()));
    } else if (item.is_sparse()) {
      proto.sparse_tensor_values.push_back(FromSparse(item.sparse()));
    } else if (item.is_sequence()) {
      SAMOYED_ASSIGN_OR_RETURN(auto value, ToSequenceProto(item.sequence().items, ElementOf(element)));
      proto.sequence_values.push_back(std::move(value));
    } else {
      SAMOYED_ASSIGN_OR_RETURN(auto value, ToMapProto(item.map(), element));
      proto.map_values.push_back(std::move(value));
    }
  }
  return proto;
}

template <typename Proto>
Result<std::string> Named(Proto proto, std::string_view name) {
  if (!name.empty()) proto.name = std::string(name);
  return WriteMessage(proto);
}

}  // namespace

Result<Value> ReadValueFile(const std::string& path, TypeKind kind) {
  // An optional or a sequence of which nothing is set takes no bytes at all.
  struct stat info;
  const bool may_be_empty = kind == TypeKind::kOptional || kind == TypeKind::kSequence;
  if (may_be_empty && ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0) return ReadValue({}, nullptr, kind);
  SAMOYED_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
  const auto bytes = file->bytes();
  auto value = ReadKind(bytes, std::move(file), kind, ExternalContext(FolderOf(path)));
  if (value.ok()) return value;
  return Status(value.status().code(), value.status().ToString(), path);
}

Result<Value> ReadValue(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, TypeKind kind) {
  return ReadKind(bytes, std::move(owner), kind, ExternalContext());
}

Result<std::string> WriteValue(const Value& value, const Type& type, std::string_view name) {
  if (type.kind == TypeKind::kOptional) {
    SAMOYED_ASSIGN_OR_RETURN(auto proto, ToOptionalProto(value, ElementOf(type)));
    return Named(std::move(proto), name);
  }
  if (value.is_tensor()) return Named(FromTensor(value.tensor()), name);
  if (value.is_sequence()) {
    SAMOYED_ASSIGN_OR_RETURN(auto proto, ToSequenceProto(value.sequence().items, ElementOf(type)));
    return Named(std::move(proto), name);
  }
  if (value.is_map()) {
    SAMOYED_ASSIGN_OR_RETURN(auto proto, ToMapProto(value.map(), type));
    return Named(std::move(proto), name);
  }
  if (value.is_sparse()) return WriteMessage(FromSparse(value.sparse()));
  return UsageError("an empty value can be written as an optional only, not as ", type.ToString());
}

Status WriteValueFile(const std::string& path, const Value& value, const Type& type, std::string_view name) {
  SAMOYED_ASSIGN_OR_RETURN(const std::string bytes, WriteValue(value, type, name));
  return WriteFile(path, bytes);
}

}  // namespace samoyed::wire
