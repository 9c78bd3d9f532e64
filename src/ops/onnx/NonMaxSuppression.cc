// NonMaxSuppression: for each batch entry and class the boxes with the best scores, without those that overlap a better one.
// https://onnx.ai/onnx/operators/onnx__NonMaxSuppression.html
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

struct Box {
  float x1, y1, x2, y2;
  float area() const { return (x2 - x1) * (y2 - y1); }
};

// From two corners in any order, or from centre and size.
Box BoxOf(const float* data, bool center) {
  if (center) return {data[0] - data[2] / 2, data[1] - data[3] / 2, data[0] + data[2] / 2, data[1] + data[3] / 2};
  return {std::min(data[1], data[3]), std::min(data[0], data[2]), std::max(data[1], data[3]), std::max(data[0], data[2])};
}

bool Overlap(const Box& a, const Box& b, float threshold) {
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1), height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (!(width > 0) || !(height > 0)) return false;
  const float shared = width * height, all = a.area() + b.area() - shared;
  return a.area() > 0 && b.area() > 0 && all > 0 && shared / all > threshold;
}

struct NmsArguments {
  int64_t max_boxes = 0;
  float iou = 0;
  std::optional<float> score;
  bool center = false;
};

Result<NmsArguments> ArgumentsOf(const KernelContext& ctx) {
  NmsArguments args;
  args.center = ctx.attributes().Int("center_point_box") != 0;
  if (const Tensor* t = ctx.input(2)) {
    SAMOYED_ASSIGN_OR_RETURN(args.max_boxes, ops::ReadInt(*t, "NonMaxSuppression: max_output_boxes_per_class"));
  }
  for (int i : {3, 4}) {
    const Tensor* t = ctx.input(i);
    if (t == nullptr) continue;
    if (t->dtype() != DType::kFloat || t->size() != 1) return BadInput("NonMaxSuppression: a threshold must be one float");
    if (i == 3) args.iou = t->data<float>()[0];
    if (i == 4) args.score = t->data<float>()[0];
  }
  if (!(args.iou >= 0 && args.iou <= 1)) return BadInput("NonMaxSuppression: iou_threshold ", args.iou, " is outside [0, 1]");
  return args;
}

// The places of one class's boxes that stay, best first.
void Select(const float* boxes, const float* scores, int64_t count, const NmsArguments& args, std::vector<int64_t>* kept) {
  std::vector<int64_t> order;
  for (int64_t i = 0; i < count; ++i) {
    if (!std::isnan(scores[i]) && (!args.score || scores[i] > *args.score)) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
  std::vector<Box> winners;
  for (int64_t i : order) {
    if (static_cast<int64_t>(winners.size()) >= args.max_boxes) return;
    const Box box = BoxOf(boxes + 4 * i, args.center);
    if (std::any_of(winners.begin(), winners.end(), [&](const Box& w) { return Overlap(w, box, args.iou); })) continue;
    winners.push_back(box);
    kept->push_back(i);
  }
}

Status RunNonMaxSuppression(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* boxes, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scores, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const NmsArguments args, ArgumentsOf(ctx));
  const bool fits = boxes->dtype() == DType::kFloat && scores->dtype() == DType::kFloat && boxes->rank() == 3 && scores->rank() == 3 &&
                    boxes->dim(2) == 4 && boxes->dim(0) == scores->dim(0) && boxes->dim(1) == scores->dim(2);
  if (!fits)
    return BadInput("NonMaxSuppression: boxes ", boxes->shape().ToString(), " and scores ", scores->shape().ToString(), " do not fit");
  std::vector<int64_t> rows;
  const int64_t classes = scores->dim(1), count = boxes->dim(1);
  for (int64_t b = 0; b < boxes->dim(0) && boxes->size() > 0; ++b) {
    for (int64_t c = 0; c < classes; ++c) {
      SAMOYED_RETURN_IF_ERROR(ctx.Poll());
      std::vector<int64_t> kept;
      Select(boxes->data<float>() + b * count * 4, scores->data<float>() + (b * classes + c) * count, count, args, &kept);
      for (int64_t i : kept) rows.insert(rows.end(), {b, c, i});
    }
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kInt64, Shape({static_cast<int64_t>(rows.size() / 3), 3}));
  std::copy(rows.begin(), rows.end(), out->mutable_data<int64_t>());
  return OkStatus();
}

Status InferNonMaxSuppression(InferContext& ctx) {
  ctx.set_output_type(0, Type::TensorOf(DType::kInt64, Dims{Dim(), Dim(3)}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_NonMaxSuppression = {.infer = InferNonMaxSuppression, .run = RunNonMaxSuppression};

}  // namespace samoyed
