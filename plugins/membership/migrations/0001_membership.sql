-- org-scoped: members, member_orgs, ledger

-- One (appid, openid) is one member, whichever orgs it pays at; `org` owns it.
CREATE TABLE members (
  id TEXT PRIMARY KEY NOT NULL,
  org TEXT NOT NULL,
  appid TEXT NOT NULL,
  openid TEXT NOT NULL,
  card_no TEXT NOT NULL,
  points BIGINT NOT NULL CHECK (points >= 0), -- the sum of its ledger
  earned BIGINT NOT NULL CHECK (earned >= points), -- the sum of the ledger's credits
  movements BIGINT NOT NULL, -- rows in its ledger
  enrolled_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX members_by_openid ON members (openid, appid);
CREATE UNIQUE INDEX members_by_card ON members (card_no);

-- Orgs beside the owner's branch that see the member: where it paid, and where its coupons are for.
CREATE TABLE member_orgs (
  member_id TEXT NOT NULL,
  org TEXT NOT NULL,
  downward BIGINT NOT NULL, -- 1: orgs under it see the member, too
  since_ms BIGINT NOT NULL,
  PRIMARY KEY (member_id, org)
) WITHOUT ROWID;

-- A row for each movement, never changed, numbered from 1 for each member. A payment is credited once for all members,
-- any other source once a member.
CREATE TABLE ledger (
  member_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  id TEXT NOT NULL,
  org TEXT NOT NULL, -- where it happened
  kind TEXT NOT NULL CHECK (kind IN ('payment', 'adjustment')),
  points BIGINT NOT NULL CHECK (points <> 0),
  balance BIGINT NOT NULL CHECK (balance >= 0), -- after the movement
  reason TEXT NOT NULL,
  source_id TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (member_id, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_payments ON ledger (source_id) WHERE kind = 'payment';
CREATE UNIQUE INDEX ledger_sources ON ledger (member_id, kind, source_id);
