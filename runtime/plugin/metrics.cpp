#include "plugin/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/utf8.hpp"
#include "plugin/registry.hpp"

namespace forecourt::plugin {
namespace {

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || (name.front() >= '0' && name.front() <= '9'))
    return false;
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// Steps 1, 2.5, 5, 10, 25 ... times the first bound.
constexpr double k_steps[] = {1, 2.5, 5};

double first_bound_of(std::string_view name) {
  if (name.ends_with("_seconds")) return 0.0005;
  if (name.ends_with("_bytes")) return 64;
  return 1;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.12g", value);
  return text;
}

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

std::string labels_of(std::string_view plugin, std::string_view kind, std::string_view le = {}) {
  std::string out = "{plugin=\"";
  append_escaped(out, plugin);
  if (!kind.empty()) {
    out += "\",kind=\"";
    append_escaped(out, kind);
  }
  if (!le.empty()) {
    out += "\",le=\"";
    out += le;
  }
  return out + "\"}";
}

}  // namespace

PluginMetrics& plugin_metrics() {
  static PluginMetrics* const metrics =
      new PluginMetrics;  // plugins' threads may outlive static destructors
  return *metrics;
}

std::string render_plugin_metrics() { return plugin_metrics().render(); }

double PluginMetrics::bound(const Family& family, size_t bucket) {
  return family.first_bound * k_steps[bucket % 3] * std::pow(10.0, static_cast<double>(bucket / 3));
}

fc_status PluginMetrics::find(std::string_view plugin, std::string_view name,
                              std::string_view label, bool histogram, Series*& series,
                              Family*& family) {
  if (!is_name(name) || label.size() > 100 || !is_utf8(label)) return FC_E_INVALID;
  auto found = families_.find(name);
  const bool known = found != families_.end();
  if (known && found->second.histogram != histogram) return FC_E_CONFLICT;
  if (!known || !found->second.plugins.contains(plugin)) {
    size_t& names = names_of_plugin_.try_emplace(std::string(plugin), 0).first->second;
    if (names >= k_names_max) return FC_E_LIMIT;
    ++names;
  }
  if (!known) {
    found = families_.try_emplace(std::string(name)).first;
    found->second.histogram = histogram;
    found->second.first_bound = first_bound_of(name);
  }
  family = &found->second;
  auto labels = family->plugins.find(plugin);
  if (labels == family->plugins.end())
    labels = family->plugins.try_emplace(std::string(plugin)).first;
  auto one = labels->second.find(label);
  if (one == labels->second.end()) {
    if (labels->second.size() >= k_labels_max) return FC_E_LIMIT;
    one = labels->second.try_emplace(std::string(label)).first;
  }
  series = &one->second;
  return FC_OK;
}

fc_status PluginMetrics::count(std::string_view plugin, std::string_view name,
                               std::string_view label, double delta) {
  if (!std::isfinite(delta) || delta < 0) return FC_E_INVALID;
  std::lock_guard lock(mutex_);
  Series* series = nullptr;
  Family* family = nullptr;
  if (const fc_status found = find(plugin, name, label, false, series, family); found != FC_OK)
    return found;
  series->sum += delta;
  if (sink_) sink_(false, name, label, delta);
  return FC_OK;
}

fc_status PluginMetrics::observe(std::string_view plugin, std::string_view name,
                                 std::string_view label, double value) {
  if (!std::isfinite(value)) return FC_E_INVALID;
  std::lock_guard lock(mutex_);
  Series* series = nullptr;
  Family* family = nullptr;
  if (const fc_status found = find(plugin, name, label, true, series, family); found != FC_OK)
    return found;
  series->sum += value;
  ++series->observations;
  for (size_t i = 0; i < k_buckets; ++i) {
    if (value <= bound(*family, i)) {
      ++series->buckets[i];
      break;
    }
  }
  if (sink_) sink_(true, name, label, value);
  return FC_OK;
}

std::string PluginMetrics::render() const {
  std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    const std::string full = "forecourt_plugin_" + name;
    out += "# TYPE " + full + (family.histogram ? " histogram\n" : " counter\n");
    for (const auto& [plugin, labels] : family.plugins) {
      for (const auto& [kind, series] : labels) {
        if (!family.histogram) {
          out += full + labels_of(plugin, kind) + " " + number(series.sum) + "\n";
          continue;
        }
        uint64_t below = 0;
        for (size_t i = 0; i < k_buckets; ++i) {
          below += series.buckets[i];
          out += full + "_bucket" + labels_of(plugin, kind, number(bound(family, i))) + " " +
                 std::to_string(below) + "\n";
        }
        const std::string total = std::to_string(series.observations);
        out += full + "_bucket" + labels_of(plugin, kind, "+Inf") + " " + total + "\n";
        out += full + "_sum" + labels_of(plugin, kind) + " " + number(series.sum) + "\n";
        out += full + "_count" + labels_of(plugin, kind) + " " + total + "\n";
      }
    }
  }
  return out;
}

}  // namespace forecourt::plugin
