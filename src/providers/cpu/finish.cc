#include "providers/cpu/finish.h"

namespace samoyed::cpu {

Finish Finish::From(const Epilogue& epilogue, CpuLevel level) {
  Finish finish;
  finish.has_residual = epilogue.has_residual;
  finish.alpha = epilogue.alpha;
  finish.beta = epilogue.beta;
  switch (epilogue.activation) {
    case Activation::kNone:
      break;
    case Activation::kRelu:
      finish.low = 0;
      break;
    case Activation::kClip:
      finish.low = epilogue.alpha;
      finish.high = epilogue.beta;
      break;
    default:
      finish.activate = ElementwiseFnsFor(level).activation[static_cast<int>(epilogue.activation)];
      break;
  }
  return finish;
}

}  // namespace samoyed::cpu
