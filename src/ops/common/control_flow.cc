#include "ops/common/control_flow.h"

#include "ops/common/copy_elements.h"
#include "tensor/convert.h"

namespace samoyed::ops {

Result<BodyRef> RequireBody(const NodeContext& ctx, std::string_view name) {
  const BodyRef* body = ctx.attributes().Body(name);
  if (body == nullptr) return BadInput(ctx.op_type(), " has no graph '", name, "'");
  return *body;
}

Result<bool> ReadBool(const Tensor& tensor, std::string_view what) {
  if (tensor.dtype() != DType::kBool || tensor.size() != 1) {
    return BadInput(what, " must be one bool, not ", NameOf(tensor.dtype()), " of shape ", tensor.shape().ToString());
  }
  return At<uint64_t>(tensor) != 0;
}

Type MergeTypes(const Type& a, const Type& b) {
  if (!a.known() || !b.known()) return {};
  if (a.kind == TypeKind::kOptional && b.kind != TypeKind::kOptional) return Type::OptionalOf(MergeTypes(*a.element, b));
  if (b.kind == TypeKind::kOptional && a.kind != TypeKind::kOptional) return Type::OptionalOf(MergeTypes(a, *b.element));
  if (a.kind != b.kind || a.dtype != b.dtype) return {};
  Type out = a;
  if (a.element != nullptr && b.element != nullptr) out.element = std::make_shared<const Type>(MergeTypes(*a.element, *b.element));
  if (!a.shape || !b.shape || a.shape->size() != b.shape->size()) {
    out.shape.reset();
    return out;
  }
  for (size_t i = 0; i < out.shape->size(); ++i) {
    if (!(*a.shape)[i].SameAs((*b.shape)[i])) (*out.shape)[i] = Dim();
  }
  return out;
}

Status ScanOutput::Add(const Value& element) {
  if (!element.is_tensor()) return BadInput("a scan output must be a tensor");
  const Tensor& tensor = element.tensor();
  if (!elements_.empty() && (tensor.dtype() != elements_[0].dtype() || !(tensor.shape() == elements_[0].shape()))) {
    return BadInput("a scan output changes from ", NameOf(elements_[0].dtype()), elements_[0].shape().ToString(), " to ",
                    NameOf(tensor.dtype()), tensor.shape().ToString());
  }
  elements_.push_back(tensor);
  return OkStatus();
}

Result<Tensor> ScanOutput::Stack(int64_t axis, bool reversed, const Type* fallback) const {
  if (elements_.empty()) {
    if (fallback == nullptr || !fallback->is_tensor()) return Unsupported("no iteration ran and the type of a scan output is not known");
    Shape shape = {0};
    if (fallback->shape) {
      shape = Shape();
      for (const Dim& d : *fallback->shape) shape.push_back(d.known() ? d.value : 0);
      if (shape.rank() == 0) return BadInput("a scan output of rank 0");
      SAMOYED_ASSIGN_OR_RETURN(const int at, NormalizeAxis(axis, shape.rank()));
      shape[at] = 0;
    }
    return Tensor::Allocate(fallback->dtype, shape);
  }
  const Tensor& first = elements_[0];
  SAMOYED_ASSIGN_OR_RETURN(const int at, NormalizeAxis(axis, first.rank() + 1));
  Shape shape;
  for (int i = 0; i < at; ++i) shape.push_back(first.dim(i));
  shape.push_back(count());
  for (int i = at; i < first.rank(); ++i) shape.push_back(first.dim(i));
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(first.dtype(), shape));
  const int64_t inner = first.shape().Product(at, first.rank());
  for (int64_t i = 0; i < count() && first.size() > 0; ++i) {
    const int64_t place = reversed ? count() - 1 - i : i;
    ScatterStrided(elements_[static_cast<size_t>(i)], 0, {first.size() / inner, inner}, out, place * inner, {count() * inner, 1});
  }
  return out;
}

}  // namespace samoyed::ops
