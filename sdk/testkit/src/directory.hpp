#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "org/host_directory.hpp"
#include "storage/store.hpp"

namespace fc::testkit {

/// The host's own database in memory: the tree of orgs, and a key for everyone a test calls as.
class TestDirectory {
 public:
  explicit TestDirectory(const forecourt::Clock& clock);

  const forecourt::org::Directory& directory() const { return *directory_; }
  void add_org(const std::string& id, const std::string& kind, const std::string& parent);
  /// The credential of the key with this org and these scopes, made when it is first asked for.
  std::string credential(const std::string& org, const std::vector<std::string>& scopes);

 private:
  const forecourt::Clock& clock_;
  std::unique_ptr<forecourt::storage::Store> store_;
  std::unique_ptr<forecourt::org::HostDirectory> directory_;
  std::map<std::pair<std::string, std::vector<std::string>>, std::string> credentials_;
};

}  // namespace fc::testkit
