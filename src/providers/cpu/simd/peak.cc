#include "providers/cpu/simd/peak.h"

#include "providers/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/peak.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "providers/cpu/simd/targets.h"

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t kLanes = HWY_LANES(float);
// Two units with a latency of four or five cycles are busy with ten; the registers of AVX2 hold sixteen.
constexpr int kChains = 12;

float MultiplyAdd(int64_t rounds, float factor) {
  const D d;
  const V f = hn::Set(d, factor);
  V sums[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) sums[i] = hn::Set(d, static_cast<float>(i));
  for (; rounds > 0; --rounds) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = hn::MulAdd(sums[i], f, f);
  }
  V all = sums[0];
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i) all = hn::Add(all, sums[i]);
  return hn::GetLane(hn::SumOfLanes(d, all));
}

float Read(const float* x, int64_t n) {
  const D d;
  V s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    s0 = hn::Add(s0, hn::LoadU(d, x + i));
    s1 = hn::Add(s1, hn::LoadU(d, x + i + kLanes));
    s2 = hn::Add(s2, hn::LoadU(d, x + i + 2 * kLanes));
    s3 = hn::Add(s3, hn::LoadU(d, x + i + 3 * kLanes));
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
  for (; i < n; ++i) sum += x[i];
  return sum;
}

constexpr PeakFns kPeakFns = {MultiplyAdd, 2 * kChains* kLanes, Read};

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(PeakFnsFor, PeakFns, kPeakFns)
}  // namespace samoyed::cpu
#endif
