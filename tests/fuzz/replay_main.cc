// Runs a fuzz target over files and folders of files, for compilers without libFuzzer and for ctest:
//   NAME_replay CORPUS...
// Each input is tried as it is, cut at many places, and with single bytes changed (the same ones every
// time), so that even a small corpus goes far.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kMutations = 200;
constexpr size_t kCuts = 200;

// A buffer of exactly the size, so that the address sanitizer sees one byte too many.
void Run(const std::vector<uint8_t>& input) {
  const std::vector<uint8_t> exact(input);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void Replay(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<uint8_t> input{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  Run(input);
  const size_t step = input.size() / kCuts + 1;
  for (size_t length = 0; length < input.size(); length += step) Run({input.begin(), input.begin() + static_cast<long>(length)});
  std::mt19937 random(1);
  for (int i = 0; i < kMutations && !input.empty(); ++i) {
    std::vector<uint8_t> changed = input;
    for (unsigned n = random() % 4 + 1; n > 0; --n) changed[random() % changed.size()] = static_cast<uint8_t>(random());
    Run(changed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::exists(argv[i])) {
      std::fprintf(stderr, "%s does not exist\n", argv[i]);
      return 1;
    }
    if (!std::filesystem::is_directory(argv[i])) {
      Replay(argv[i]);
      ++files;
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      Replay(entry.path());
      ++files;
    }
  }
  std::printf("%d inputs replayed\n", files);
  return files > 0 ? 0 : 1;
}
