// Each allocation of loading and running a model fails once: every failure must come out of the C interface as SAMOYED_LIMIT (or be
// made good: the same result), lose no memory and leave the session usable. operator new is replaced here; the core calls no malloc.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "providers/reference/reference.h"
#include "samoyed/samoyed.h"
#include "support/made_up.h"

namespace {

std::atomic<int64_t> g_until_failure = -1;  // allocations left before one fails; negative: none fails
std::atomic<int64_t> g_made = 0;
std::atomic<int64_t> g_live = 0;

[[gnu::noinline]] void* Take(size_t size, size_t alignment) {
  g_made.fetch_add(1, std::memory_order_relaxed);
  if (g_until_failure.load(std::memory_order_relaxed) >= 0 && g_until_failure.fetch_sub(1, std::memory_order_relaxed) == 0) return nullptr;
  void* p = alignment <= alignof(std::max_align_t) ? std::malloc(size == 0 ? 1 : size)
                                                   : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p != nullptr) g_live.fetch_add(1, std::memory_order_relaxed);
  return p;
}
void* TakeOrThrow(size_t size, size_t alignment) {
  void* p = Take(size, alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void Give(void* p) {
  if (p != nullptr) g_live.fetch_sub(1, std::memory_order_relaxed);
  std::free(p);
}

}  // namespace

void* operator new(size_t size) { return TakeOrThrow(size, 0); }
void* operator new(size_t size, std::align_val_t alignment) { return TakeOrThrow(size, static_cast<size_t>(alignment)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Take(size, 0); }
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Take(size, static_cast<size_t>(alignment));
}
// The compiler does not see that the operators above end in malloc.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void operator delete(void* p) noexcept { Give(p); }
void operator delete(void* p, size_t) noexcept { Give(p); }
void operator delete(void* p, std::align_val_t) noexcept { Give(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { Give(p); }

namespace samoyed::testing {
namespace {

const samoyed_api& Api() { return *samoyed_get_api(SAMOYED_API_VERSION); }

// The end of a call: its code and what it said.
struct End {
  samoyed_code code;
  std::string message;
};
End Take(samoyed_status* status) {
  End end{Api().status_code(status), Api().status_message(status)};
  Api().status_free(status);
  return end;
}

// One model, its inputs, and the results of a run in which nothing failed.
class Subject {
 public:
  Subject(std::string_view name, int threads) : options_(Api().options_create(), Api().options_free) {
    std::ifstream file(std::filesystem::path(SAMOYED_MODELS) / name, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    EXPECT_EQ(Take(Api().options_set(options_.get(), "threads", std::to_string(threads).c_str())).code, SAMOYED_OK);
    MakeInputs();
  }
  ~Subject() {
    FreeAll(inputs_);
    FreeAll(expected_);
  }

  samoyed_status* Load(samoyed_session** out) const { return Api().session_load_bytes(bytes_.data(), bytes_.size(), options_.get(), out); }
  samoyed_status* Run(const samoyed_session* session, std::vector<samoyed_value*>& outputs) const {
    return Api().run(session, inputs_.data(), inputs_.size(), outputs.data(), outputs.size());
  }
  void Expect(samoyed_session* session) {
    expected_.assign(Api().session_num_outputs(session), nullptr);
    const End end = Take(Run(session, expected_));
    ASSERT_EQ(end.code, SAMOYED_OK) << end.message;
  }
  // Whether a run gives what it gave, to the bit.
  bool RunsRight(const samoyed_session* session) const {
    std::vector<samoyed_value*> outputs(expected_.size(), nullptr);
    const End end = Take(Run(session, outputs));
    EXPECT_EQ(end.code, SAMOYED_OK) << end.message;
    const bool same = end.code == SAMOYED_OK && IsExpected(outputs);
    FreeAll(outputs);
    return same;
  }
  bool IsExpected(const std::vector<samoyed_value*>& outputs) const {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (Take(Api().value_compare(outputs[i], expected_[i], 0, 0)).code != SAMOYED_OK) return false;
    }
    return true;
  }
  size_t num_outputs() const { return expected_.size(); }
  static void FreeAll(std::vector<samoyed_value*>& values) {
    for (samoyed_value*& v : values) {
      if (v != nullptr) Api().value_free(v);
      v = nullptr;
    }
  }

 private:
  void MakeInputs() {
    SessionOptions options;
    options.providers.push_back(MakeReferenceProvider());
    const auto session = Session::LoadBytes(std::as_bytes(std::span(bytes_)), std::move(options));
    ASSERT_TRUE(session.ok()) << session.status().ToString();
    const auto made = MadeUpInputs(**session, 1, 2);
    ASSERT_TRUE(made.ok()) << made.status().ToString();
    for (const Value& value : *made) {
      const Tensor& t = value.tensor();
      samoyed_value* input = nullptr;
      const End end = Take(t.dtype() == DType::kString
                               ? MakeStrings(t, &input)
                               : Api().tensor_create(static_cast<int32_t>(t.dtype()), t.shape().begin(), static_cast<size_t>(t.rank()),
                                                     t.raw(), static_cast<size_t>(t.byte_size()), &input));
      ASSERT_EQ(end.code, SAMOYED_OK) << end.message;
      inputs_.push_back(input);
    }
  }

  static samoyed_status* MakeStrings(const Tensor& t, samoyed_value** out) {
    std::vector<const char*> elements;
    for (const std::string& s : t.strings()) elements.push_back(s.c_str());
    return Api().string_tensor_create(t.shape().begin(), static_cast<size_t>(t.rank()), elements.data(), nullptr, elements.size(), out);
  }

  std::string bytes_;
  std::unique_ptr<samoyed_options, void (*)(samoyed_options*)> options_;
  std::vector<samoyed_value*> inputs_, expected_;
};

// Calls `attempt` with its n-th allocation failing, for every n until it ends before it gets there. Returns how many there were.
template <typename Attempt>
int64_t FailEach(Attempt&& attempt) {
  for (int64_t n = 0;; ++n) {
    const int64_t live = g_live;
    if (!attempt(n)) {
      ADD_FAILURE() << "allocation " << n;
      return n;
    }
    // Threads that were started and caches that were filled for good would show for one n, a leak for nearly all.
    EXPECT_EQ(g_live - live, 0) << "allocation " << n << " leaks";
    if (::testing::Test::HasFailure()) return n;
    if (g_until_failure >= 0) {
      g_until_failure = -1;
      return n;
    }
    g_until_failure = -1;
  }
}

class OutOfMemory : public ::testing::TestWithParam<std::tuple<const char*, int>> {};

TEST_P(OutOfMemory, EveryAllocationOfLoadingAndRunning) {
  Subject subject(std::get<0>(GetParam()), std::get<1>(GetParam()));
  samoyed_session* session = nullptr;
  ASSERT_EQ(Take(subject.Load(&session)).code, SAMOYED_OK);
  subject.Expect(session);
  ASSERT_TRUE(subject.RunsRight(session));  // a second time, for what is only made once

  const int64_t of_load = FailEach([&](int64_t n) {
    samoyed_session* loaded = nullptr;
    g_until_failure = n;
    samoyed_status* status = subject.Load(&loaded);
    const int64_t left = g_until_failure;
    g_until_failure = -1;
    const End end = Take(status);
    bool good = end.code == SAMOYED_LIMIT && loaded == nullptr;
    if (end.code == SAMOYED_OK) {  // it went on without
      good = subject.RunsRight(loaded);
      Api().session_free(loaded);
    }
    EXPECT_TRUE(good) << "code " << end.code << ": " << end.message;
    g_until_failure = left;
    return good;
  });
  // Runs of a session that has run, and of a new one: that one plans, too.
  const auto run = [&](samoyed_session* of, int64_t n) {
    std::vector<samoyed_value*> outputs(subject.num_outputs(), nullptr);
    g_until_failure = n;
    samoyed_status* status = subject.Run(of, outputs);
    const int64_t left = g_until_failure;
    g_until_failure = -1;
    const End end = Take(status);
    bool good = end.code == SAMOYED_LIMIT;
    if (end.code == SAMOYED_OK) good = subject.IsExpected(outputs);
    EXPECT_TRUE(good) << "code " << end.code << ": " << end.message;
    Subject::FreeAll(outputs);
    good = good && subject.RunsRight(of);
    g_until_failure = left;
    return good;
  };
  const int64_t of_first_run = FailEach([&](int64_t n) {
    samoyed_session* fresh = nullptr;
    EXPECT_EQ(Take(subject.Load(&fresh)).code, SAMOYED_OK);
    const bool good = run(fresh, n);
    const int64_t left = g_until_failure;
    g_until_failure = -1;
    Api().session_free(fresh);
    g_until_failure = left;
    return good;
  });
  // The frame that a failed run had is dropped; the run after it makes another, so the count of what lives stays.
  const int64_t of_later_run = FailEach([&](int64_t n) { return run(session, n); });
  Api().session_free(session);
  std::printf("%s, %d threads: %lld allocations of loading, %lld of a first run, %lld of a later run failed\n", std::get<0>(GetParam()),
              std::get<1>(GetParam()), static_cast<long long>(of_load), static_cast<long long>(of_first_run),
              static_cast<long long>(of_later_run));
}

INSTANTIATE_TEST_SUITE_P(Models, OutOfMemory,
                         ::testing::Combine(::testing::Values("attention.onnx", "branch.onnx", "cnn.onnx", "function.onnx", "loop.onnx",
                                                              "quantized.onnx", "recurrent.onnx", "sequence.onnx", "strings.onnx",
                                                              "trees.onnx"),
                                            ::testing::Values(1, 2)),
                         [](const auto& test) {
                           const std::string name = std::get<0>(test.param);
                           return name.substr(0, name.find('.')) + "With" + std::to_string(std::get<1>(test.param)) + "Threads";
                         });

// Small constants that are made while a model is loaded count, too, and end in a status like everything else.
TEST(OutOfMemory, BudgetsOfAFewBytes) {
  for (const auto& entry : std::filesystem::directory_iterator(SAMOYED_MODELS)) {
    for (const char* budget : {"1", "8", "64", "512", "4096"}) {
      const std::unique_ptr<samoyed_options, void (*)(samoyed_options*)> options(Api().options_create(), Api().options_free);
      ASSERT_EQ(Take(Api().options_set(options.get(), "max_memory", budget)).code, SAMOYED_OK);
      samoyed_session* session = nullptr;
      const End end = Take(Api().session_load(entry.path().c_str(), options.get(), &session));
      EXPECT_TRUE(end.code == SAMOYED_OK || end.code == SAMOYED_LIMIT) << entry.path() << ", " << budget << ": " << end.message;
      if (session != nullptr) Api().session_free(session);
    }
  }
}

}  // namespace
}  // namespace samoyed::testing
