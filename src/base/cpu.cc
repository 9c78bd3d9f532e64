#include "base/cpu.h"

#include <atomic>
#include <cstdlib>
#include <optional>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif
#include <unistd.h>

namespace samoyed {
namespace {

struct LevelName {
  CpuLevel level;
  std::string_view name;
};
constexpr LevelName kNames[] = {
    {CpuLevel::kBaseline, "baseline"}, {CpuLevel::kSse4, "sse4"},       {CpuLevel::kAvx2, "avx2"},
    {CpuLevel::kAvx512, "avx512"},     {CpuLevel::kAvx512Vnni, "avx512vnni"}, {CpuLevel::kAmx, "amx"},
    {CpuLevel::kNeonDot, "neondot"},   {CpuLevel::kNeonI8mm, "i8mm"},   {CpuLevel::kSve, "sve"},
};

int64_t CacheBytes(int name, int64_t fallback) {
  const long bytes = sysconf(name);
  return bytes > 0 ? bytes : fallback;
}

CpuFeatures Detect() {
  CpuFeatures f;
#if defined(__x86_64__)
  __builtin_cpu_init();
  f.sse4 = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("ssse3");
  f.avx2 = f.sse4 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  f.avx512 = f.avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  f.avx512_vnni = f.avx512 && __builtin_cpu_supports("avx512vnni");
  f.avx512_bf16 = f.avx512 && __builtin_cpu_supports("avx512bf16");
#elif defined(__aarch64__)
  const unsigned long caps = getauxval(AT_HWCAP), caps2 = getauxval(AT_HWCAP2);
  f.neon = true;
  f.neon_fp16 = (caps & (1ul << 10)) != 0;     // HWCAP_ASIMDHP
  f.neon_dotprod = (caps & (1ul << 20)) != 0;  // HWCAP_ASIMDDP
  f.sve = (caps & (1ul << 22)) != 0;           // HWCAP_SVE
  f.neon_i8mm = (caps2 & (1ul << 13)) != 0;    // HWCAP2_I8MM
  f.neon_bf16 = (caps2 & (1ul << 14)) != 0;    // HWCAP2_BF16
#endif
  f.l1d_bytes = CacheBytes(_SC_LEVEL1_DCACHE_SIZE, f.l1d_bytes);
  f.l2_bytes = CacheBytes(_SC_LEVEL2_CACHE_SIZE, f.l2_bytes);
  f.l3_bytes = CacheBytes(_SC_LEVEL3_CACHE_SIZE, f.l3_bytes);
  return f;
}

std::optional<CpuLevel> LevelFromName(std::string_view name) {
  if (name == "neon") return CpuLevel::kBaseline;
  for (const LevelName& row : kNames) {
    if (row.name == name) return row.level;
  }
  return std::nullopt;
}

bool HostHas(CpuLevel level) {
  for (CpuLevel host : HostCpuLevels()) {
    if (host == level) return true;
  }
  return false;
}

std::atomic<int> forced{-1};  // by SetCpuLevelForTest

}  // namespace

const CpuFeatures& HostCpu() {
  static const CpuFeatures features = Detect();
  return features;
}

std::vector<CpuLevel> HostCpuLevels() {
  const CpuFeatures& f = HostCpu();
  std::vector<CpuLevel> levels = {CpuLevel::kBaseline};
  if (f.sse4) levels.push_back(CpuLevel::kSse4);
  if (f.avx2) levels.push_back(CpuLevel::kAvx2);
  if (f.avx512) levels.push_back(CpuLevel::kAvx512);
  if (f.avx512_vnni) levels.push_back(CpuLevel::kAvx512Vnni);
  if (f.neon_dotprod) levels.push_back(CpuLevel::kNeonDot);
  if (f.neon_i8mm) levels.push_back(CpuLevel::kNeonI8mm);
  return levels;
}

Status CheckCpuOverride() {
  const char* wanted = std::getenv("SAMOYED_CPU");
  if (wanted == nullptr || *wanted == '\0') return OkStatus();
  const auto level = LevelFromName(wanted);
  std::string names;
  for (CpuLevel host : HostCpuLevels()) names += StrCat(names.empty() ? "" : ", ", NameOf(host));
  if (!level) return UsageError("SAMOYED_CPU=", wanted, " names no instruction set level; this processor has ", names);
  if (!HostHas(*level)) return UsageError("SAMOYED_CPU=", wanted, ": this processor cannot do that; it has ", names);
  return OkStatus();
}

CpuLevel CurrentCpuLevel() {
  if (const int level = forced.load(std::memory_order_relaxed); level >= 0) return static_cast<CpuLevel>(level);
  static const CpuLevel chosen = [] {
    const char* wanted = std::getenv("SAMOYED_CPU");
    const auto level = wanted == nullptr ? std::nullopt : LevelFromName(wanted);
    return level && HostHas(*level) ? *level : HostCpuLevels().back();
  }();
  return chosen;
}

std::string_view NameOf(CpuLevel level) {
#if defined(__aarch64__)
  if (level == CpuLevel::kBaseline) return "neon";
#endif
  for (const LevelName& row : kNames) {
    if (row.level == level) return row.name;
  }
  return "unknown";
}

void SetCpuLevelForTest(CpuLevel level) { forced.store(static_cast<int>(level), std::memory_order_relaxed); }

}  // namespace samoyed
