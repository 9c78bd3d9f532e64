// Drives a fuzz target with mutated inputs, the same ones for the same seed, for compilers and machines without libFuzzer:
//   NAME_mutations COUNT SEED CURRENT CORPUS...
// Half of them are changed as bytes, half along the fields of their protobuf structure (a field dropped, doubled, moved to another
// place or taken from another seed, a number replaced by one at an edge; lengths around it made right again). The number of the
// input that is being tried is kept in the file CURRENT; `COUNT` as N-N tries that one alone. Ends with 1 where an input took
// longer than ten seconds.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;
using Random = std::mt19937_64;

constexpr double kDeadlineSeconds = 10;
constexpr size_t kLargestSeed = 1 << 16;
constexpr int kDepth = 12;

// clang-format off
constexpr uint64_t kEdges[] = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 63, 64, 127, 128, 255, 256,
                               65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe};
// clang-format on

// A field of a message, its bytes from tag to end. `wire` is protobuf's type; `body` begins behind tag and length.
struct Field {
  size_t begin, body, end;
  int wire;
};

bool ReadVarint(const Bytes& bytes, size_t& at, size_t end, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && at < end; shift += 7) {
    const uint8_t b = bytes[at++];
    value |= static_cast<uint64_t>(b & 127) << shift;
    if (b < 128) return true;
  }
  return false;
}

void AppendVarint(Bytes& out, uint64_t value) {
  for (; value >= 128; value >>= 7) out.push_back(static_cast<uint8_t>(value | 128));
  out.push_back(static_cast<uint8_t>(value));
}

// The fields of the whole of `message`; none where it is not one.
std::vector<Field> FieldsOf(const Bytes& message) {
  std::vector<Field> fields;
  for (size_t at = 0; at < message.size();) {
    Field f{at, 0, 0, 0};
    uint64_t tag = 0, length = 0;
    if (!ReadVarint(message, at, message.size(), tag) || tag >> 3 == 0) return {};
    f.wire = static_cast<int>(tag & 7);
    f.body = at;
    if (f.wire == 0 && !ReadVarint(message, at, message.size(), length)) return {};
    if (f.wire == 2) {
      if (!ReadVarint(message, at, message.size(), length) || length > message.size() - at) return {};
      f.body = at;
      at += length;
    }
    if (f.wire == 1 || f.wire == 5) at += f.wire == 1 ? 8 : 4;
    if (at > message.size() || f.wire == 3 || f.wire == 4 || f.wire > 5) return {};
    f.end = at;
    fields.push_back(f);
  }
  return fields;
}

Bytes Cut(const Bytes& b, size_t begin, size_t end) {
  return {b.begin() + static_cast<std::ptrdiff_t>(begin), b.begin() + static_cast<std::ptrdiff_t>(end)};
}
void Append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

Bytes ChangeBytes(Bytes b, Random& random) {
  if (b.empty()) return {static_cast<uint8_t>(random())};
  const size_t at = random() % b.size();
  switch (random() % 5) {
    case 0:
      b[at] ^= static_cast<uint8_t>(1u << random() % 8);
      break;
    case 1:
      b[at] = static_cast<uint8_t>(random());
      break;
    case 2:
      b.resize(at);
      break;
    case 3:
      b.insert(b.begin() + static_cast<std::ptrdiff_t>(at), static_cast<uint8_t>(random()));
      break;
    default:
      b[at] = static_cast<uint8_t>(kEdges[random() % std::size(kEdges)]);
      break;
  }
  return b;
}

// A random message somewhere below `message`, for transplants.
Bytes AnyField(const Bytes& message, Random& random, int depth) {
  const auto fields = FieldsOf(message);
  if (fields.empty()) return {};
  const Field& f = fields[random() % fields.size()];
  if (f.wire == 2 && depth > 0 && random() % 4 != 0) {
    Bytes inner = AnyField(Cut(message, f.body, f.end), random, depth - 1);
    if (!inner.empty()) return inner;
  }
  return Cut(message, f.begin, f.end);
}

Bytes ChangeFields(const Bytes& message, const Bytes& donor, Random& random, int depth) {
  const auto fields = FieldsOf(message);
  if (fields.empty()) return ChangeBytes(message, random);
  const size_t i = random() % fields.size();
  const Field& f = fields[i];
  Bytes out = Cut(message, 0, f.begin);
  if (f.wire == 2 && depth > 0 && random() % 8 != 0) {  // mostly deep inside
    const Bytes body = ChangeFields(Cut(message, f.body, f.end), donor, random, depth - 1);
    uint64_t tag = 0;
    size_t at = f.begin;
    (void)ReadVarint(message, at, f.end, tag);
    AppendVarint(out, tag);
    AppendVarint(out, body.size());
    Append(out, body);
  } else if (f.wire == 0 && random() % 4 != 0) {
    Append(out, Cut(message, f.begin, f.body));
    AppendVarint(out, random() % 4 == 0 ? random() % 64 : kEdges[random() % std::size(kEdges)]);
  } else {
    switch (random() % 4) {
      case 0:
        break;  // dropped
      case 1:
        Append(out, Cut(message, f.begin, f.end)), Append(out, Cut(message, f.begin, f.end));
        break;
      case 2:
        Append(out, AnyField(donor, random, kDepth));
        break;
      default: {
        const Field& other = fields[random() % fields.size()];
        Append(out, Cut(message, f.begin, f.end)), Append(out, Cut(message, other.begin, other.end));
      }
    }
  }
  Append(out, Cut(message, f.end, message.size()));
  return out;
}

Bytes Mutated(const std::vector<Bytes>& seeds, uint64_t seed, uint64_t number) {
  Random random(seed * 0x9E3779B97F4A7C15u + number);
  Bytes b = seeds[random() % seeds.size()];
  const bool structure = random() % 2 == 0;
  for (uint64_t n = random() % 4 + 1; n > 0; --n) {
    b = structure ? ChangeFields(b, seeds[random() % seeds.size()], random, kDepth) : ChangeBytes(std::move(b), random);
  }
  return b;
}

std::vector<Bytes> ReadSeeds(int count, char** folders) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folders[i])) {
      if (entry.is_regular_file() && entry.file_size() <= kLargestSeed && entry.file_size() > 0) paths.push_back(entry.path().string());
    }
  }
  std::ranges::sort(paths);
  std::vector<Bytes> seeds;
  for (const std::string& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: NAME_mutations COUNT|FROM-TO SEED CURRENT CORPUS...\n");
    return 2;
  }
  const char* dash = std::strchr(argv[1], '-');
  const uint64_t from = dash != nullptr ? std::strtoull(argv[1], nullptr, 10) : 1;
  const uint64_t to = std::strtoull(dash != nullptr ? dash + 1 : argv[1], nullptr, 10);
  const uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  const std::vector<Bytes> seeds = ReadSeeds(argc - 4, argv + 4);
  const int current = open(argv[3], O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
  if (seeds.empty() || current < 0) {
    std::fprintf(stderr, "no seeds, or %s cannot be written\n", argv[3]);
    return 2;
  }
  int slow = 0;
  double slowest = 0;
  for (uint64_t number = from; number <= to; ++number) {
    const std::string line = std::to_string(number) + "\n";
    if (pwrite(current, line.data(), line.size(), 0) < 0) return 2;
    Bytes input = Mutated(seeds, seed, number);
    input.shrink_to_fit();
    const auto start = std::chrono::steady_clock::now();
    LLVMFuzzerTestOneInput(input.data(), input.size());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    slowest = std::max(slowest, seconds);
    if (seconds > kDeadlineSeconds) {
      std::printf("input %llu of seed %llu took %.1f s\n", static_cast<unsigned long long>(number), static_cast<unsigned long long>(seed),
                  seconds);
      ++slow;
    }
    if (number % 10000 == 0)
      std::printf("%llu inputs, slowest %.2f s\n", static_cast<unsigned long long>(number), slowest), std::fflush(stdout);
  }
  std::printf("%llu mutations of %zu seeds, %d slower than %.0f s, slowest %.2f s\n", static_cast<unsigned long long>(to - from + 1),
              seeds.size(), slow, kDeadlineSeconds, slowest);
  return slow == 0 ? 0 : 1;
}
