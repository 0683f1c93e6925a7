#pragma once

#include <forecourt/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace forecourt::plugin {

/// Counters and histograms that plugins keep, for the whole process: values outlive generations.
/// Thread-safe.
class PluginMetrics {
 public:
  static constexpr size_t k_labels_max = 100;  ///< per plugin and name
  static constexpr size_t k_names_max = 200;   ///< per plugin

  /// FC_E_INVALID for a bad name or number, FC_E_LIMIT for one label or name too many,
  /// FC_E_CONFLICT when the name is of the other type.
  fc_status count(std::string_view plugin, std::string_view name, std::string_view label,
                  double delta);
  fc_status observe(std::string_view plugin, std::string_view name, std::string_view label,
                    double value);

  std::string render() const;

  /// Told of everything that is counted or observed. Set before any of it; must not block.
  using Sink = std::function<void(bool observed, std::string_view name, std::string_view label,
                                  double value)>;
  void on_sample(Sink sink) { sink_ = std::move(sink); }

 private:
  static constexpr size_t k_buckets = 14;
  struct Series {
    double sum = 0;
    uint64_t observations = 0;
    std::array<uint64_t, k_buckets> buckets{};
  };
  using Labels = std::map<std::string, Series, std::less<>>;
  struct Family {
    bool histogram = false;
    double first_bound = 0;  ///< bounds double or grow by 2.5 from here
    std::map<std::string, Labels, std::less<>> plugins;
  };

  fc_status find(std::string_view plugin, std::string_view name, std::string_view label,
                 bool histogram, Series*& series, Family*& family);
  static double bound(const Family& family, size_t bucket);

  Sink sink_;
  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;         // guarded by mutex_
  std::map<std::string, size_t, std::less<>> names_of_plugin_;  // guarded by mutex_
};

PluginMetrics& plugin_metrics();

}  // namespace forecourt::plugin
