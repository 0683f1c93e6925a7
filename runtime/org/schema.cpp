#include "org/schema.hpp"

#include <vector>

namespace forecourt::org {
namespace {

constexpr const char* k_directory = R"sql(
CREATE TABLE orgs (
  id TEXT PRIMARY KEY,
  parent TEXT NOT NULL,          -- empty at the root
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  timezone TEXT NOT NULL,        -- empty: the nearest ancestor's
  created_at BIGINT NOT NULL
);
CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  org TEXT NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,          -- JSON array
  digest BLOB NOT NULL UNIQUE,   -- SHA-256 of the credential
  expires_at BIGINT NOT NULL,    -- 0: never
  created_at BIGINT NOT NULL,
  bootstrap BIGINT NOT NULL      -- 1: the admin key of FORECOURT_ADMIN_KEY or admin.key
);
CREATE TABLE directory (
  one BIGINT PRIMARY KEY,
  tree_version BIGINT NOT NULL,
  keys_version BIGINT NOT NULL,
  bootstrapped BIGINT NOT NULL
);
INSERT INTO directory (one, tree_version, keys_version, bootstrapped) VALUES (1, 1, 1, 0);
INSERT INTO orgs (id, parent, kind, name, timezone, created_at)
  VALUES ('group', '', 'group', 'Group', 'Asia/Shanghai', 0);
)sql";

constexpr const char* k_desired = R"sql(
CREATE TABLE plugins (
  id TEXT PRIMARY KEY,
  manifest TEXT,                 -- applied through the API; NULL: follows the manifest file
  enabled BIGINT,                -- set through the API; NULL: the manifest's
  removed BIGINT NOT NULL
);
CREATE TABLE config (
  plugin TEXT NOT NULL,
  org TEXT NOT NULL,
  settings TEXT NOT NULL,        -- JSON object; replaces the manifest's for this org
  PRIMARY KEY (plugin, org)
);
)sql";

constexpr const char* k_audit = R"sql(
CREATE TABLE audit (
  seq BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  org TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,          -- JSON object or empty
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL
);
CREATE TABLE audit_sources (
  plugin TEXT PRIMARY KEY,
  epoch TEXT NOT NULL,
  number BIGINT NOT NULL         -- the last entry of the plugin's outbox that is chained
);
)sql";

constexpr const char* k_webhooks = R"sql(
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  org TEXT NOT NULL,             -- events of this org and those below it
  url TEXT NOT NULL,
  types TEXT NOT NULL,           -- JSON array of event types
  description TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  reason TEXT NOT NULL,          -- why it is not enabled
  created_at BIGINT NOT NULL,
  secret BLOB NOT NULL,          -- sealed under the host's key
  former_secret BLOB NOT NULL,   -- sealed; signs beside it while it is rotated out; empty: none
  former_until BIGINT NOT NULL
);
)sql";

constexpr const char* k_secret_keys = R"sql(
CREATE TABLE secret_keys (
  id TEXT PRIMARY KEY,           -- names a key, never the key
  place BIGINT NOT NULL,         -- 0: the newest, which seals
  since BIGINT NOT NULL
);
)sql";

constexpr const char* k_open_calls = R"sql(
CREATE TABLE open_calls (
  number BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  org TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL           -- of the entry if the outcome is never known
);
)sql";

}  // namespace

std::span<const storage::Migration> host_migrations() {
  static const std::vector<storage::Migration> migrations = {
      {"0001_directory.sql", k_directory},
      {"0002_desired.sql", k_desired},
      {"0003_audit.sql", k_audit},
      {"0004_webhooks.sql", k_webhooks},
      {"0005_secret_keys.sql", k_secret_keys},
      {"0006_open_calls.sql", k_open_calls},
  };
  return migrations;
}

}  // namespace forecourt::org
