#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/operation.hpp"
#include "gateway/stats.hpp"
#include "http/handler.hpp"

namespace forecourt::gateway {

/// What is served under one prefix.
struct ServedService {
  std::string id;
  std::string prefix;
  std::shared_ptr<http::Handler> handler;  ///< null while unavailable
  std::string unavailable;
  Operations operations;
};

/// One operation and who serves it.
struct Route {
  const Operation* operation = nullptr;
  const ServedService* service = nullptr;
  OperationStats* stats = nullptr;
};

constexpr size_t k_path_parameters_max = 8;

struct RouteMatch {
  enum class Kind {
    found,
    not_found,
    wrong_method,
    unknown_method,
    options,
    unavailable
  } kind = Kind::not_found;
  const Route* route = nullptr;            ///< when found
  const ServedService* service = nullptr;  ///< when unavailable: nothing is known but its prefix
  std::string_view allow;                  ///< when the method is wrong or OPTIONS
  std::array<std::string_view, k_path_parameters_max>
      parameters;  ///< in path order, views into the path
};

/// All routes of all services. Immutable: a change makes a new table, requests in flight keep
/// theirs. A literal segment wins over a parameter; the cost of a match does not grow with the
/// number of routes.
class RouteTable {
 public:
  /// Refuses documents the gateway cannot serve and prefixes that overlap. The table
  /// keeps `stats` alive.
  static Result<std::shared_ptr<const RouteTable>> build(std::vector<http::Service> services,
                                                         std::shared_ptr<Stats> stats);

  /// `path` is decoded and starts with '/'.
  RouteMatch match(std::string_view method, std::string_view path) const;

  const std::string& openapi() const { return openapi_; }  ///< the merged document
  const std::string& openapi_etag() const { return openapi_etag_; }

 private:
  enum : size_t { k_get, k_put, k_post, k_delete, k_patch, k_methods };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Node {
    std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> literals;
    uint32_t parameter = 0;  // 0: none; the root is nobody's child
    std::array<const Route*, k_methods> routes{};
    std::string allow;
    bool ends_here = false;
  };

  static size_t method_index(std::string_view method);
  void insert(const Route& route);
  const Node* walk(uint32_t node, std::string_view path, size_t depth,
                   std::array<std::string_view, k_path_parameters_max>& parameters) const;

  std::shared_ptr<Stats> stats_;
  std::vector<std::unique_ptr<ServedService>> services_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::vector<Node> nodes_;
  std::string openapi_;
  std::string openapi_etag_;
};

}  // namespace forecourt::gateway
