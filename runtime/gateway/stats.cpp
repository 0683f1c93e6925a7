#include "gateway/stats.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace forecourt::gateway {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily single(const char* name, const char* help, MetricType type, double value) {
  MetricFamily family{name, help, type, {}};
  ClientMetric& metric = family.metric.emplace_back();
  (type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
  return family;
}

}  // namespace

void OperationStats::record(int status, int64_t duration_ns) {
  size_t bucket = 0;
  while (bucket < k_bounds_us.size() && duration_ns > k_bounds_us[bucket] * 1000) ++bucket;
  add(buckets_[bucket], 1);
  add(sum_ns_, static_cast<uint64_t>(duration_ns > 0 ? duration_ns : 0));
  add(statuses_[status_index(status)], 1);
}

size_t OperationStats::status_index(int status) {
  const auto at = std::lower_bound(k_statuses.begin(), k_statuses.end() - 1, status);
  return static_cast<size_t>((*at == status ? at : k_statuses.end() - 1) - k_statuses.begin());
}

OperationStats* Stats::operation(std::string_view plugin, std::string_view operation) {
  std::lock_guard lock(mutex_);
  auto& entry = operations_[{std::string(plugin), std::string(operation)}];
  if (!entry) entry = std::make_unique<OperationStats>();
  return entry.get();
}

std::string Stats::render() const {
  MetricFamily latency{
      "forecourt_http_request_duration_seconds",
      "Time from a request's complete head to its answer being handed to the kernel.",
      MetricType::Histogram,
      {}};
  MetricFamily requests{
      "forecourt_http_requests_total", "Requests answered.", MetricType::Counter, {}};
  {
    std::lock_guard lock(mutex_);
    for (const auto& [name, stats] : operations_) {
      ClientMetric histogram;
      histogram.label = {{"plugin", name.first}, {"operation", name.second}};
      uint64_t count = 0;
      for (size_t i = 0; i < stats->buckets_.size(); ++i) {
        count += stats->buckets_[i].load(std::memory_order_relaxed);
        const double bound = i < OperationStats::k_bounds_us.size()
                                 ? static_cast<double>(OperationStats::k_bounds_us[i]) / 1e6
                                 : std::numeric_limits<double>::infinity();
        histogram.histogram.bucket.push_back({count, bound});
      }
      if (count == 0) continue;
      histogram.histogram.sample_count = count;
      histogram.histogram.sample_sum =
          static_cast<double>(stats->sum_ns_.load(std::memory_order_relaxed)) / 1e9;
      latency.metric.push_back(std::move(histogram));
      for (size_t i = 0; i < stats->statuses_.size(); ++i) {
        const uint64_t n = stats->statuses_[i].load(std::memory_order_relaxed);
        if (n == 0) continue;
        ClientMetric& counter = requests.metric.emplace_back();
        counter.label = {{"plugin", name.first},
                         {"operation", name.second},
                         {"status", std::to_string(OperationStats::k_statuses[i])}};
        counter.counter.value = static_cast<double>(n);
      }
    }
  }
  std::vector<MetricFamily> families;
  families.push_back(std::move(latency));
  families.push_back(std::move(requests));
  families.push_back(single("forecourt_http_connections", "Connections open.", MetricType::Gauge,
                            static_cast<double>(connections.load())));
  families.push_back(single("forecourt_http_requests_in_flight",
                            "Requests being worked on by handlers.", MetricType::Gauge,
                            static_cast<double>(in_flight.load())));
  families.push_back(single("forecourt_http_body_bytes_in_memory",
                            "Bytes of request bodies held in memory.", MetricType::Gauge,
                            static_cast<double>(buffered_bytes.load())));
  families.push_back(single("forecourt_http_answer_bytes_unsent",
                            "Bytes of answers waiting for slow clients.", MetricType::Gauge,
                            static_cast<double>(unsent_bytes.load())));
  families.push_back(single("forecourt_http_connections_refused_total",
                            "Connections answered 503 because there were too many.",
                            MetricType::Counter, static_cast<double>(connections_refused.load())));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace forecourt::gateway
