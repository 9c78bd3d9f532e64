#include "tensor/type.h"

namespace samoyed {

std::optional<Shape> Type::concrete_shape() const {
  if (!shape) return std::nullopt;
  Shape out;
  for (const Dim& d : *shape) {
    if (!d.known()) return std::nullopt;
    out.push_back(d.value);
  }
  return out;
}

bool Type::operator==(const Type& other) const {
  if (kind != other.kind || dtype != other.dtype || shape != other.shape) return false;
  if (opaque_domain != other.opaque_domain || opaque_name != other.opaque_name) return false;
  if ((element == nullptr) != (other.element == nullptr)) return false;
  return element == nullptr || *element == *other.element;
}

std::string Type::ToString() const {
  switch (kind) {
    case TypeKind::kUnknown:
      return "?";
    case TypeKind::kSequence:
      return StrCat("seq(", element->ToString(), ")");
    case TypeKind::kOptional:
      return StrCat("optional(", element->ToString(), ")");
    case TypeKind::kMap:
      return StrCat("map(", NameOf(dtype), ",", element->ToString(), ")");
    case TypeKind::kOpaque:
      return StrCat("opaque(", opaque_domain, ",", opaque_name, ")");
    case TypeKind::kTensor:
    case TypeKind::kSparseTensor:
      break;
  }
  std::string out = StrCat(kind == TypeKind::kTensor ? "tensor(" : "sparse_tensor(", NameOf(dtype), ")");
  if (!shape) return out;
  out += '[';
  for (size_t i = 0; i < shape->size(); ++i) {
    const Dim& d = (*shape)[i];
    if (i > 0) out += ',';
    out += d.known() ? StrCat(d.value) : d.symbolic() ? StrCat("\"", d.symbol, "\"") : "?";
  }
  return out + "]";
}

}  // namespace samoyed
