// What the operators of ai.onnx.ml share: rows of features, class labels, the transform of scores.
// Where the standard is silent they do what ONNX Runtime does.
#ifndef SAMOYED_OPS_ML_ML_H_
#define SAMOYED_OPS_ML_ML_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

enum class PostTransform : uint8_t { kNone, kSoftmax, kLogistic, kSoftmaxZero, kProbit };  // TreeEnsemble-5's numbers
// The attribute post_transform, as text.
Result<PostTransform> PostTransformAttribute(const NodeContext& ctx);

double Logistic(double x);
// sqrt(2) erfinv(2 p - 1) with the approximation of S. Winitzki, "A handy approximation for the error function and its
// inverse" (2008), a = 0.147: the standard names no method, and this is what runs elsewhere.
double Probit(double p);
// Two or more scores of one row: softmax over them, logistic or probit of each.
void Transform(PostTransform transform, std::span<double> scores);

// How the single score of a binary classifier becomes the scores of both classes.
enum class SecondClass : uint8_t { kNone, kComplement, kOpposite };  // s; (1 - s, s); (-s, s)
// The scores of a row as they leave the operator. A single score has no softmax: with a second class it becomes the pair that
// `second` says, or both logistics, or both probits.
std::vector<double> FinishScores(PostTransform transform, std::vector<double> scores, SecondClass second);

// Input 0 as rows of numbers: [N, F], or [F] for one row. Integers are rounded to float32, as the standard's
// coefficients are.
struct Rows {
  int64_t count = 0, width = 0;
  std::vector<double> values;
  const double* row(int64_t i) const { return values.data() + i * width; }
};
Result<Rows> ReadRows(const KernelContext& ctx);
// The number of rows that a shape rule sees in input 0; an error for other ranks.
Result<Dim> InferRows(const InferContext& ctx);

// The labels of a classifier: an attribute of integers or one of strings.
class ClassLabels {
 public:
  ClassLabels(const NodeContext& ctx, std::string_view ints, std::string_view strings)
      : ints_(ctx.attributes().Ints(ints)), strings_(ctx.attributes().Strings(strings)) {}
  bool are_strings() const { return !strings_.empty(); }
  int64_t size() const { return static_cast<int64_t>(are_strings() ? strings_.size() : ints_.size()); }
  DType dtype() const { return are_strings() ? DType::kString : DType::kInt64; }
  // out[i] = label number k; the number itself (or its text) where there is no such label.
  void Write(Tensor& out, int64_t i, int64_t k) const;

 private:
  std::span<const int64_t> ints_;
  std::span<const std::string> strings_;
};

// Row i of a matrix of floats = scores.
void StoreRow(Tensor& out, int64_t i, const std::vector<double>& scores);

// Outputs 0 (labels [N]) and 1 (scores [N, columns], float) of a classifier.
Status InferClassifier(InferContext& ctx, DType labels, Dim columns);
// Output 0: float [N, columns].
Status InferRegressor(InferContext& ctx, int64_t columns);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_ML_ML_H_
