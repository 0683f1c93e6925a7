#include "directory.hpp"

#include "org/credential.hpp"
#include "org/keys.hpp"
#include "org/tree.hpp"
#include "raise.hpp"

namespace fc::testkit {

namespace org = forecourt::org;
namespace storage = forecourt::storage;

TestDirectory::TestDirectory(const forecourt::Clock& clock) : clock_(clock) {
  storage::StoreOptions options;
  options.clock = &clock;
  store_ = value_of(storage::Store::open(options), "host store");
  directory_ = value_of(org::HostDirectory::open(*store_, clock), "host store");
}

void TestDirectory::add_org(const std::string& id, const std::string& kind,
                            const std::string& parent) {
  const org::NewOrg wanted{.id = id, .parent = parent, .kind = kind, .name = id, .timezone = ""};
  must(directory_->write(
           [&](storage::Session& session, const org::Snapshot& tree) -> forecourt::Result<void> {
             if (auto checked = org::check_new_org(tree, wanted); !checked) return checked;
             return org::insert_org(session, wanted, clock_.now_ms());
           }),
       "add_org(" + id + ")");
}

std::string TestDirectory::credential(const std::string& org_id,
                                      const std::vector<std::string>& scopes) {
  auto& credential = credentials_[{org_id, scopes}];
  if (!credential.empty()) return credential;
  const std::string fresh = org::new_credential();
  const org::NewKey wanted{.org = org_id, .name = "test", .scopes = scopes};
  must(directory_->write(
           [&](storage::Session& session, const org::Snapshot& tree) -> forecourt::Result<void> {
             if (auto checked = org::check_new_key(tree, wanted, clock_.now_ms()); !checked) {
               return checked;
             }
             auto made = org::insert_key(session, wanted, fresh, clock_.now_ms());
             if (!made) return made.error();
             return {};
           }),
       "a key of " + org_id);
  return credential = fresh;
}

}  // namespace fc::testkit
