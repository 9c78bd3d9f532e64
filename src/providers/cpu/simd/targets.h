// Which instruction sets the kernels in this folder are compiled for, and how one is chosen at run time.
//
// A file of kernels includes itself once a target through Highway's foreach_target.h; each pass puts its functions into a
// namespace of its own and under that target's compiler options, so no wide instruction leaks into shared code. A file ends in
// SAMOYED_DEFINE_CHOICE, the function that picks the table of a level. Nothing of Highway is linked.
//
// The targets: what the compiler assumes (Highway's scalar code on plain x86-64, NEON on AArch64), SSE4, AVX2 with FMA, AVX-512.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_TARGETS_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_TARGETS_H_

#include "base/cpu.h"

#define HWY_DISABLE_PCLMUL_AES  // not every SSE4 processor has them, and nothing here needs them
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)

// const Fns& choose(CpuLevel): the variable `table` of type `Fns` from the namespace of the best target that `level` allows.
// Use in namespace samoyed::cpu, once, after all targets are compiled (HWY_ONCE).
#define SAMOYED_DEFINE_CHOICE(choose, Fns, table) \
  const Fns& choose(CpuLevel level) {             \
    SAMOYED_TRY_AVX3(level, table)                \
    SAMOYED_TRY_AVX2(level, table)                \
    SAMOYED_TRY_SSE4(level, table)                \
    (void)level;                                  \
    return HWY_STATIC_DISPATCH(table);            \
  }

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_TARGETS_H_

// After highway.h: what depends on the targets in force.
#if defined(HWY_TARGETS) && !defined(SAMOYED_TRY_AVX3)
#if HWY_ARCH_X86 && (HWY_TARGETS & HWY_AVX3) && HWY_STATIC_TARGET != HWY_AVX3
#define SAMOYED_TRY_AVX3(level, table) \
  if (level >= CpuLevel::kAvx512) return N_AVX3::table;
#else
#define SAMOYED_TRY_AVX3(level, table)
#endif
#if HWY_ARCH_X86 && (HWY_TARGETS & HWY_AVX2) && HWY_STATIC_TARGET != HWY_AVX2
#define SAMOYED_TRY_AVX2(level, table) \
  if (level >= CpuLevel::kAvx2) return N_AVX2::table;
#else
#define SAMOYED_TRY_AVX2(level, table)
#endif
#if HWY_ARCH_X86 && (HWY_TARGETS & HWY_SSE4) && HWY_STATIC_TARGET != HWY_SSE4
#define SAMOYED_TRY_SSE4(level, table) \
  if (level >= CpuLevel::kSse4) return N_SSE4::table;
#else
#define SAMOYED_TRY_SSE4(level, table)
#endif
#endif
