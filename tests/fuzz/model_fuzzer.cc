// Any bytes as a model: checked, loaded and, where it loads, run on made-up inputs, with the fast kernels and with the reference.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "check/checker.h"
#include "exec/session.h"
#include "providers/cpu/cpu.h"
#include "providers/reference/reference.h"
#include "support/made_up.h"
#include "wire/reader.h"

namespace {

using namespace samoyed;  // NOLINT

constexpr double kMilliseconds = 2000;

void LoadAndRun(std::span<const std::byte> bytes, bool fast) {
  SessionOptions options;
  options.threads = 1;
  options.timeout_ms = kMilliseconds;
  options.max_memory = 256 << 20;
  if (fast) options.providers.push_back(MakeCpuProvider());
  options.providers.push_back(MakeReferenceProvider());
  options.optimise = fast;
  const auto session = Session::LoadBytes(bytes, std::move(options));
  if (!session.ok()) return;
  const auto inputs = testing::MadeUpInputs(**session);
  if (!inputs.ok()) return;
  for (int i = 0; i < 2; ++i) {
    if (!(*session)->Run(*inputs).ok()) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto model = wire::ReadModel(bytes, nullptr, ""); model.ok()) {
    for (const bool full : {false, true}) (void)CheckModel(*model, {.full = full}).size();
  } else {
    return 0;
  }
  LoadAndRun(bytes, true);
  LoadAndRun(bytes, false);
  return 0;
}
