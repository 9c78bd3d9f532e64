// Unique: the different elements (or slices along an axis), sorted or in order of appearance, with where each came first, which
// of them each input element is, and how often it occurs. https://onnx.ai/onnx/operators/onnx__Unique.html
#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

int Sign(bool less, bool more) { return less ? -1 : more ? 1 : 0; }

// Total order: NaN is equal to itself and above all numbers, as in numpy.
int CompareFloats(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Sign(std::isnan(b) && !std::isnan(a), std::isnan(a) && !std::isnan(b));
  return Sign(a<b, a> b);
}

// Order of elements i and j of a tensor of any type.
int CompareElements(const Tensor& t, int64_t i, int64_t j) {
  switch (ClassOf(t.dtype())) {
    case DTypeClass::kString: {
      const int order = t.strings()[static_cast<size_t>(i)].compare(t.strings()[static_cast<size_t>(j)]);
      return Sign(order<0, order> 0);
    }
    case DTypeClass::kSigned:
      return Sign(At<int64_t>(t, i) < At<int64_t>(t, j), At<int64_t>(t, i) > At<int64_t>(t, j));
    case DTypeClass::kUnsigned:
    case DTypeClass::kBool:
      return Sign(At<uint64_t>(t, i) < At<uint64_t>(t, j), At<uint64_t>(t, i) > At<uint64_t>(t, j));
    default: {
      const auto a = At<std::complex<double>>(t, i), b = At<std::complex<double>>(t, j);
      const int real = CompareFloats(a.real(), b.real());
      return real != 0 ? real : CompareFloats(a.imag(), b.imag());
    }
  }
}

// The tensor as [outer, size, inner]: slices along the middle axis are compared element by element.
struct Slices {
  const Tensor& tensor;
  int64_t outer, size, inner;

  int Compare(int64_t a, int64_t b) const {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < inner; ++i) {
        const int order = CompareElements(tensor, (o * size + a) * inner + i, (o * size + b) * inner + i);
        if (order != 0) return order;
      }
    }
    return 0;
  }
};

struct Groups {
  std::vector<int64_t> first, inverse, count;
};

Groups GroupsOf(const Slices& slices, bool sorted) {
  std::vector<int64_t> order(static_cast<size_t>(slices.size));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return slices.Compare(a, b) < 0; });
  Groups sorted_groups;
  sorted_groups.inverse.resize(order.size());
  for (size_t k = 0; k < order.size(); ++k) {
    if (k == 0 || slices.Compare(order[k - 1], order[k]) != 0) {
      sorted_groups.first.push_back(order[k]);
      sorted_groups.count.push_back(0);
    }
    ++sorted_groups.count.back();
    sorted_groups.inverse[static_cast<size_t>(order[k])] = static_cast<int64_t>(sorted_groups.first.size()) - 1;
  }
  if (sorted) return sorted_groups;
  // In order of first appearance instead.
  std::vector<int64_t> by_first(sorted_groups.first.size()), place(by_first.size());
  std::iota(by_first.begin(), by_first.end(), 0);
  std::sort(by_first.begin(), by_first.end(), [&](int64_t a, int64_t b) {
    return sorted_groups.first[static_cast<size_t>(a)] < sorted_groups.first[static_cast<size_t>(b)];
  });
  Groups groups;
  for (size_t k = 0; k < by_first.size(); ++k) {
    const auto g = static_cast<size_t>(by_first[k]);
    groups.first.push_back(sorted_groups.first[g]);
    groups.count.push_back(sorted_groups.count[g]);
    place[g] = static_cast<int64_t>(k);
  }
  for (int64_t g : sorted_groups.inverse) groups.inverse.push_back(place[static_cast<size_t>(g)]);
  return groups;
}

Status StoreList(KernelContext& ctx, int output, const std::vector<int64_t>& list) {
  if (!ctx.wants_output(output)) return OkStatus();
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, output, DType::kInt64, Shape({static_cast<int64_t>(list.size())}));
  std::copy(list.begin(), list.end(), out->mutable_data<int64_t>());
  return OkStatus();
}

Status RunUnique(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  Shape shape = {in->size()};
  int axis = 0;
  if (ctx.attributes().Has("axis")) {
    SAMOYED_ASSIGN_OR_RETURN(axis, NormalizeAxis(ctx.attributes().Int("axis"), in->rank()));
    shape = in->shape();
  }
  if (in->size() == 0 && shape[axis] > 0) return BadInput("Unique: the slices of ", shape.ToString(), " along axis ", axis, " are empty");
  const Slices slices = {*in, shape.Product(0, axis), shape[axis], shape.Product(axis + 1, shape.rank())};
  const Groups groups = GroupsOf(slices, ctx.attributes().Int("sorted", 1) != 0);
  if (ctx.wants_output(0)) {
    shape[axis] = static_cast<int64_t>(groups.first.size());
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
    int64_t at = 0;
    for (int64_t o = 0; o < slices.outer && out->size() > 0; ++o) {
      for (int64_t place : groups.first) {
        ops::CopyElements(*in, (o * slices.size + place) * slices.inner, *out, at, slices.inner);
        at += slices.inner;
      }
    }
  }
  SAMOYED_RETURN_IF_ERROR(StoreList(ctx, 1, groups.first));
  SAMOYED_RETURN_IF_ERROR(StoreList(ctx, 2, groups.inverse));
  return StoreList(ctx, 3, groups.count);
}

Status InferUnique(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  for (int i = 1; i < ctx.num_outputs(); ++i) ctx.set_output_type(i, Type::TensorOf(DType::kInt64, ops::UnknownDims(1)));
  if (in == nullptr) return OkStatus();
  Type out = *in;
  if (!ctx.attributes().Has("axis")) {
    out.shape = ops::UnknownDims(1);
  } else if (in->shape) {
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), in->rank()));
    (*out.shape)[static_cast<size_t>(axis)] = Dim();
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Unique = {.infer = InferUnique, .run = RunUnique};

}  // namespace samoyed
