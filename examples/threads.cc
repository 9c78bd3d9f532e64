// Many threads, one session: threads MODEL, a model that takes float["n", 4]. Nothing is copied for a thread.
#include <iostream>
#include <thread>

#include "samoyed/samoyed.hpp"

int main(int argc, char** argv) try {
  if (argc != 2) return std::cerr << "usage: threads MODEL\n", 2;
  const samoyed::Session session(argv[1], samoyed::Options().Threads(1));  // a run uses one thread; there are four runs at a time
  std::vector<float> sums(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < sums.size(); ++t) {
    threads.emplace_back([&session, &sum = sums[t], t] {
      for (int i = 0; i < 100; ++i) {
        const samoyed::Value y = session.Run(samoyed::Value::Of<float>({1, 4}, {static_cast<float>(t), 1, 2, 3}));
        sum += y.View<float>()[1];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t t = 0; t < sums.size(); ++t) std::cout << "thread " << t << ": " << sums[t] << '\n';
} catch (const samoyed::Error& error) {
  std::cerr << error.what() << '\n';
  return error.code();
}
