#include "wire/types.h"

namespace samoyed::wire {
namespace {

Result<DType> ToDType(const model::Field<int32_t>& number, std::string_view what) {
  if (number.get() != 0 && !IsValidDType(number.get())) return BadInput(what, " ", number.get(), " is not a data type");
  return static_cast<DType>(number.get());
}

Dim ToDim(const model::TensorShapeProto::Dimension& proto) {
  if (proto.dim_value.has()) return proto.dim_value.get() >= 0 ? Dim(proto.dim_value.get()) : Dim();
  return Dim::Symbol(proto.dim_param.get());
}

Result<Type> ToTensorType(const model::TypeProto::Tensor& proto, TypeKind kind) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ToDType(proto.elem_type, "element type"));
  Type type = Type::TensorOf(dtype);
  type.kind = kind;
  if (proto.shape) {
    type.shape.emplace();
    type.shape->reserve(proto.shape->dim.size());
    for (const auto& dim : proto.shape->dim) type.shape->push_back(ToDim(dim));
  }
  return type;
}

Result<Type> ToElement(const model::Box<model::TypeProto>& proto) {
  if (!proto) return Type();
  return ToType(*proto);
}

model::TypeProto::Tensor FromTensorType(const Type& type) {
  model::TypeProto::Tensor proto;
  proto.elem_type = static_cast<int32_t>(type.dtype);
  if (!type.shape) return proto;
  auto& shape = proto.shape.emplace();
  for (const Dim& dim : *type.shape) {
    auto& out = shape.dim.emplace_back();
    if (dim.known()) {
      out.dim_value = dim.value;
    } else if (dim.symbolic()) {
      out.dim_param = dim.symbol;
    }
  }
  return proto;
}

}  // namespace

Result<Type> ToType(const model::TypeProto& proto) {
  if (proto.tensor_type) return ToTensorType(*proto.tensor_type, TypeKind::kTensor);
  if (proto.sparse_tensor_type) return ToTensorType(*proto.sparse_tensor_type, TypeKind::kSparseTensor);
  if (proto.sequence_type) {
    SAMOYED_ASSIGN_OR_RETURN(Type element, ToElement(proto.sequence_type->elem_type));
    return Type::SequenceOf(std::move(element));
  }
  if (proto.optional_type) {
    SAMOYED_ASSIGN_OR_RETURN(Type element, ToElement(proto.optional_type->elem_type));
    return Type::OptionalOf(std::move(element));
  }
  if (proto.map_type) {
    SAMOYED_ASSIGN_OR_RETURN(const DType key, ToDType(proto.map_type->key_type, "map key type"));
    SAMOYED_ASSIGN_OR_RETURN(Type value, ToElement(proto.map_type->value_type));
    return Type::MapOf(key, std::move(value));
  }
  Type type;
  if (proto.opaque_type) {
    type.kind = TypeKind::kOpaque;
    type.opaque_domain = proto.opaque_type->domain.get();
    type.opaque_name = proto.opaque_type->name.get();
  }
  return type;
}

model::TypeProto FromType(const Type& type) {
  model::TypeProto proto;
  switch (type.kind) {
    case TypeKind::kUnknown:
      break;
    case TypeKind::kTensor:
      proto.tensor_type = FromTensorType(type);
      break;
    case TypeKind::kSparseTensor:
      proto.sparse_tensor_type = FromTensorType(type);
      break;
    case TypeKind::kSequence:
      proto.sequence_type.emplace().elem_type = FromType(*type.element);
      break;
    case TypeKind::kOptional:
      proto.optional_type.emplace().elem_type = FromType(*type.element);
      break;
    case TypeKind::kMap:
      proto.map_type.emplace().key_type = static_cast<int32_t>(type.dtype);
      proto.map_type->value_type = FromType(*type.element);
      break;
    case TypeKind::kOpaque:
      proto.opaque_type.emplace();
      if (!type.opaque_domain.empty()) proto.opaque_type->domain = type.opaque_domain;
      if (!type.opaque_name.empty()) proto.opaque_type->name = type.opaque_name;
      break;
  }
  return proto;
}

}  // namespace samoyed::wire
