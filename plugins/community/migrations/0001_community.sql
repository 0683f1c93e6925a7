-- org-scoped: corps, callbacks, chat_groups, group_members, activity

-- One callback URL each. A corp may have several: each of its applications has a token and a key of its own.
CREATE TABLE corps (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  corp_id TEXT NOT NULL,
  suite_id TEXT NOT NULL,
  token BLOB NOT NULL,
  encoding_aes_key BLOB NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX corps_by_corp ON corps (org, corp_id);

-- Every genuine callback, decrypted, for ever. Nothing in it is unique but all of it together: the key is the
-- SHA-256 of the plain bytes.
CREATE TABLE callbacks (
  org TEXT NOT NULL,
  corp_id TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  kind TEXT NOT NULL,
  change_type TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  message BLOB NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (org, corp_id, sha256)
);

-- A group belongs to the corp, whichever of its callback URLs told of it. `member_version` is the version of the
-- member list we hold, empty while none was named; `changed_at` the time of the newest change applied.
CREATE TABLE chat_groups (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  corp_id TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'dismissed')),
  name TEXT,
  owner TEXT,
  notice TEXT,
  member_version TEXT NOT NULL,
  members_stale BIGINT NOT NULL,
  details_stale BIGINT NOT NULL,
  customer TEXT,
  created_at BIGINT,
  dismissed_at BIGINT,
  changed_at BIGINT NOT NULL,
  UNIQUE (org, corp_id, chat_id)
);
CREATE INDEX chat_groups_by_org ON chat_groups (org, id);
CREATE UNIQUE INDEX chat_groups_by_customer ON chat_groups (customer, org) WHERE customer IS NOT NULL;

-- One row a person and group: their latest stay.
CREATE TABLE group_members (
  group_id TEXT NOT NULL,
  userid TEXT NOT NULL,
  org TEXT NOT NULL,
  type TEXT,
  name TEXT,
  joined_at BIGINT,
  left_at BIGINT,
  join_scene BIGINT,
  quit_scene BIGINT,
  PRIMARY KEY (group_id, userid)
);
CREATE INDEX group_members_present ON group_members (group_id) WHERE left_at IS NULL;

CREATE TABLE activity (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  group_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  member_id TEXT,
  source_id TEXT NOT NULL,
  UNIQUE (group_id, source_id)
);
CREATE INDEX activity_by_group ON activity (group_id, id);
