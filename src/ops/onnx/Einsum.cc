// Einsum: sums of products over named indices, "ij,jk->ik". https://onnx.ai/onnx/operators/onnx__Einsum.html
// Every output element is one loop over the indices that are summed; "..." stands for axes that broadcast.
#include <algorithm>
#include <array>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr int kLetters = 52;
int LetterOf(char c) { return c >= 'a' && c <= 'z' ? c - 'a' : c >= 'A' && c <= 'Z' ? 26 + c - 'A' : -1; }

// One operand's subscripts: letters, and kEllipsis where the dots stand.
constexpr int kEllipsis = -2;
using Term = std::vector<int>;

struct Equation {
  std::vector<Term> inputs;
  Term output;
};

Result<Term> ParseTerm(std::string_view text) {
  Term term;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (text.substr(i, 3) == "...") {
      if (std::ranges::find(term, kEllipsis) != term.end()) return BadInput("Einsum: \"", text, "\" has two ellipses");
      term.push_back(kEllipsis);
      i += 2;
      continue;
    }
    const int letter = LetterOf(text[i]);
    if (letter < 0) return BadInput("Einsum: \"", text.substr(i, 1), "\" in the equation is no index");
    term.push_back(letter);
  }
  return term;
}

Result<Equation> Parse(std::string_view text, int operands) {
  Equation e;
  const size_t arrow = text.find("->");
  std::string_view left = text.substr(0, arrow);
  for (;;) {
    const size_t comma = left.find(',');
    SAMOYED_ASSIGN_OR_RETURN(Term term, ParseTerm(left.substr(0, comma)));
    e.inputs.push_back(std::move(term));
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  if (static_cast<int>(e.inputs.size()) != operands)
    return BadInput("Einsum: the equation \"", text, "\" has ", e.inputs.size(), " operands, the node ", operands);
  std::array<int, kLetters> uses = {};
  bool ellipsis = false;
  for (const Term& term : e.inputs) {
    for (int letter : term) {
      if (letter == kEllipsis)
        ellipsis = true;
      else
        ++uses[static_cast<size_t>(letter)];
    }
  }
  if (arrow == std::string_view::npos) {  // the broadcast axes, then what comes once, in the order of the alphabet (capitals first)
    if (ellipsis) e.output.push_back(kEllipsis);
    for (int i = 0; i < kLetters; ++i) {
      const int letter = i < 26 ? 26 + i : i - 26;
      if (uses[static_cast<size_t>(letter)] == 1) e.output.push_back(letter);
    }
    return e;
  }
  SAMOYED_ASSIGN_OR_RETURN(e.output, ParseTerm(text.substr(arrow + 2)));
  std::array<int, kLetters> seen = {};
  for (int letter : e.output) {
    if (letter == kEllipsis ? !ellipsis : uses[static_cast<size_t>(letter)] == 0)
      return BadInput("Einsum: the output of \"", text, "\" has an index that no input has");
    if (letter != kEllipsis && ++seen[static_cast<size_t>(letter)] > 1)
      return BadInput("Einsum: the output of \"", text, "\" repeats an index");
  }
  return e;
}

// The axes that an ellipsis of a term stands for.
Result<int> EllipsisRank(const Term& term, int rank) {
  const int letters = static_cast<int>(std::ranges::count_if(term, [](int l) { return l != kEllipsis; }));
  const bool has = letters != static_cast<int>(term.size());
  if (has ? rank < letters : rank != letters) return BadInput("Einsum: an operand of rank ", rank, " for ", letters, " indices");
  return rank - letters;
}

// Sizes of all indices: the letters, then the axes of the ellipsis (the last ones align).
struct Sizes {
  std::vector<Dim> of = std::vector<Dim>(kLetters);
  int ellipsis = 0;
};

// The number of the index that stands at each axis of a term.
std::vector<int> Indices(const Term& term, int own_ellipsis, int ellipsis) {
  std::vector<int> out;
  for (int letter : term) {
    if (letter != kEllipsis) {
      out.push_back(letter);
      continue;
    }
    for (int i = ellipsis - own_ellipsis; i < ellipsis; ++i) out.push_back(kLetters + i);
  }
  return out;
}

Result<Sizes> SizesOf(const Equation& e, std::span<const Dims* const> shapes) {
  Sizes sizes;
  for (size_t k = 0; k < shapes.size(); ++k) {
    SAMOYED_ASSIGN_OR_RETURN(const int own, EllipsisRank(e.inputs[k], static_cast<int>(shapes[k]->size())));
    sizes.ellipsis = std::max(sizes.ellipsis, own);
  }
  sizes.of.resize(static_cast<size_t>(kLetters + sizes.ellipsis), Dim(1));
  std::vector<bool> known(sizes.of.size(), false);
  for (size_t k = 0; k < shapes.size(); ++k) {
    SAMOYED_ASSIGN_OR_RETURN(const int own, EllipsisRank(e.inputs[k], static_cast<int>(shapes[k]->size())));
    const std::vector<int> indices = Indices(e.inputs[k], own, sizes.ellipsis);
    for (size_t axis = 0; axis < indices.size(); ++axis) {
      const auto i = static_cast<size_t>(indices[axis]);
      const Dim& dim = (*shapes[k])[axis];
      Dim& have = sizes.of[i];
      if (!known[i] || (have.known() && have.value == 1)) {
        have = dim;
      } else if (dim.known() && dim.value != 1) {
        if (have.known() && have.value != dim.value)
          return BadInput("Einsum: sizes ", have.value, " and ", dim.value, " of one index differ");
        have = dim;
      }
      known[i] = true;
    }
  }
  return sizes;
}

Status InferEinsum(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(0);
  ctx.set_output_type(0, Type::TensorOf(dtype));
  SAMOYED_ASSIGN_OR_RETURN(const Equation e, Parse(ctx.attributes().String("equation"), ctx.num_inputs()));
  std::vector<const Dims*> shapes;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    shapes.push_back(ctx.input_shape(i));
    if (shapes.back() == nullptr) return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const Sizes sizes, SizesOf(e, shapes));
  Dims out;
  for (int i : Indices(e.output, sizes.ellipsis, sizes.ellipsis)) out.push_back(sizes.of[static_cast<size_t>(i)]);
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(out)));
  return OkStatus();
}

// The loops: over the output's indices, then over those that are summed. strides[k][i]: of operand k along loop i.
struct Loops {
  std::vector<int64_t> size;
  std::vector<std::vector<int64_t>> strides;
  size_t outer = 0;  // loops of the output
};

template <typename T>
Status Run(KernelContext& ctx, const Loops& loops, const std::vector<std::vector<T>>& operands, Tensor& y) {
  std::vector<T> out(static_cast<size_t>(y.size()));
  std::vector<int64_t> index(loops.size.size(), 0);
  std::vector<int64_t> at(operands.size(), 0);
  // Advances loops [first, last) and the operands' places; false after the last index, with all places back at the beginning.
  const auto next = [&](size_t first, size_t last) {
    for (size_t i = last; i-- > first;) {
      for (size_t k = 0; k < operands.size(); ++k) at[k] += loops.strides[k][i];
      if (++index[i] < loops.size[i]) return true;
      for (size_t k = 0; k < operands.size(); ++k) at[k] -= loops.strides[k][i] * loops.size[i];
      index[i] = 0;
    }
    return false;
  };
  bool empty = false;
  for (size_t i = loops.outer; i < loops.size.size(); ++i) empty |= loops.size[i] == 0;
  for (T& sum : out) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    int64_t steps = 0;
    do {
      if (empty) break;
      T product = 1;
      for (size_t k = 0; k < operands.size(); ++k) product *= operands[k][static_cast<size_t>(at[k])];
      sum += product;
      if ((++steps & 0xfffff) == 0) SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    } while (next(loops.outer, loops.size.size()));
    next(0, loops.outer);
  }
  StoreAll(y, out);
  return OkStatus();
}

Status RunEinsum(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Equation e, Parse(ctx.attributes().String("equation"), ctx.num_inputs()));
  std::vector<const Tensor*> operands;
  std::vector<Dims> dims;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, i));
    operands.push_back(t);
    dims.emplace_back(t->shape().begin(), t->shape().end());
    SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *operands[0], *t));
  }
  if (operands.empty()) return BadInput("Einsum needs at least one operand");
  std::vector<const Dims*> shapes;
  for (const Dims& d : dims) shapes.push_back(&d);
  SAMOYED_ASSIGN_OR_RETURN(const Sizes sizes, SizesOf(e, shapes));

  Loops loops;
  std::vector<int> order = Indices(e.output, sizes.ellipsis, sizes.ellipsis);
  loops.outer = order.size();
  Shape shape;
  for (int i : order) shape.push_back(sizes.of[static_cast<size_t>(i)].value);
  for (const Term& term : e.inputs) {
    for (int i : Indices(term, sizes.ellipsis, sizes.ellipsis)) {
      if (std::ranges::find(order, i) == order.end()) order.push_back(i);
    }
  }
  for (int i : order) loops.size.push_back(sizes.of[static_cast<size_t>(i)].value);
  for (size_t k = 0; k < operands.size(); ++k) {
    SAMOYED_ASSIGN_OR_RETURN(const int own, EllipsisRank(e.inputs[k], operands[k]->rank()));
    const std::vector<int> indices = Indices(e.inputs[k], own, sizes.ellipsis);
    const Shape strides = RowMajorStrides(operands[k]->shape());
    std::vector<int64_t>& along = loops.strides.emplace_back(order.size(), 0);
    for (size_t axis = 0; axis < indices.size(); ++axis) {
      if (operands[k]->dim(static_cast<int>(axis)) == 1) continue;  // repeats
      along[static_cast<size_t>(std::ranges::find(order, indices[axis]) - order.begin())] += strides[static_cast<int>(axis)];
    }
  }
  const DType dtype = operands[0]->dtype();
  if (!IsFloat(dtype) && !IsInteger(dtype)) return BadInput("Einsum does not take elements of type ", NameOf(dtype));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, dtype, shape);
  if (IsFloat(dtype)) {
    std::vector<std::vector<double>> values;
    for (const Tensor* t : operands) values.push_back(LoadAll<double>(*t));
    return Run(ctx, loops, values, *y);
  }
  std::vector<std::vector<uint64_t>> values;  // two's complement: the low bits are right, signed or not
  for (const Tensor* t : operands) values.push_back(LoadAll<uint64_t>(*t));
  return Run(ctx, loops, values, *y);
}

}  // namespace

extern const OpDef kOp_onnx_Einsum = {.infer = InferEinsum, .run = RunEinsum, .tolerance = {1e-4, 1e-5}};

}  // namespace samoyed
