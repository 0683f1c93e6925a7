// What one request's sample in its operation's histogram costs: prints microseconds.

#include <chrono>
#include <cstdio>

#include "gateway/stats.hpp"

int main() {
  forecourt::gateway::Stats stats;
  forecourt::gateway::OperationStats* const operation = stats.operation("bench", "sample");
  constexpr int k_samples = 20'000'000;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < k_samples; ++i) operation->record(200 + i % 5, (i * 7919ll) % 3'000'000);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
  std::printf("%.4f\n", took.count() / k_samples);
}
