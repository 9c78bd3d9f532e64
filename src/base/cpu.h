// What this processor can do, found out at run time.
#ifndef SAMOYED_BASE_CPU_H_
#define SAMOYED_BASE_CPU_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace samoyed {

// Instruction set levels that kernels are compiled for, in rising order per architecture.
// Each includes those below it.
enum class CpuLevel : uint8_t {
  kBaseline,    // what the compiler assumes: SSE2 on x86-64, NEON on AArch64
  kSse4,        // SSE4.2 + POPCNT + SSSE3
  kAvx2,        // AVX2 + FMA + F16C + BMI2
  kAvx512,      // AVX-512 F, BW, CD, DQ, VL (Skylake-SP)
  kAvx512Vnni,  // + VNNI
  kAmx,         // + AMX tiles, int8 and bf16
  kNeonDot,     // AArch64 with dotprod
  kNeonI8mm,    // + i8mm
  kSve,
};

struct CpuFeatures {
  bool sse4 = false, avx2 = false, avx512 = false, avx512_vnni = false, avx512_bf16 = false, avx512_fp16 = false, avx_vnni = false;
  bool amx_int8 = false, amx_bf16 = false;
  bool neon = false, neon_dotprod = false, neon_i8mm = false, neon_bf16 = false, neon_fp16 = false, sve = false;
  int64_t l1d_bytes = 32 << 10, l2_bytes = 512 << 10, l3_bytes = 4 << 20;
  std::string model;
};

// What the hardware and the operating system offer, whatever SAMOYED_CPU says.
const CpuFeatures& HostCpu();
// The level in force: the best one, or the one that SAMOYED_CPU (baseline, sse4, avx2, avx512, avx512vnni,
// amx, neon, neondot, i8mm, sve) holds it to.
CpuLevel CurrentCpuLevel();
// An error when SAMOYED_CPU names no level, or one that this host lacks.
Status CheckCpuOverride();
// Every level that this host can run, lowest first: what tests iterate over.
std::vector<CpuLevel> HostCpuLevels();
std::string_view NameOf(CpuLevel level);
// For tests: forces a level within the process until the next call; it must be one of HostCpuLevels().
void SetCpuLevelForTest(CpuLevel level);

}  // namespace samoyed

#endif  // SAMOYED_BASE_CPU_H_
