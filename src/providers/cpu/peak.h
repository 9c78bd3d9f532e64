// What this machine can do at most, measured: what a kernel's speed is held against.
#ifndef SAMOYED_PROVIDERS_CPU_PEAK_H_
#define SAMOYED_PROVIDERS_CPU_PEAK_H_

#include "base/status.h"

namespace samoyed {

struct MachinePeak {
  double flops_per_second = 0;  // fp32 multiply-adds, two operations each, at the level of CurrentCpuLevel()
  double bytes_per_second = 0;  // read from memory, in order
};

// Takes about a tenth of a second of `threads` threads and 64 MiB of memory. The best of several short measurements: other
// programs can only make it too low. The two bounds of Williams, Waterman, Patterson: Roofline (2009).
Result<MachinePeak> MeasurePeak(int threads);

}  // namespace samoyed

#endif  // SAMOYED_PROVIDERS_CPU_PEAK_H_
