-- org-scoped: batches, batch_reach, holders, coupons, redemptions, returns

CREATE TABLE batches (
  id TEXT PRIMARY KEY NOT NULL,
  org TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('NORMAL', 'DISCOUNT', 'EXCHANGE')),
  threshold_fen BIGINT NOT NULL CHECK (threshold_fen >= 0),
  amount_fen BIGINT,
  percent_off BIGINT,
  total BIGINT NOT NULL,
  per_member BIGINT NOT NULL,
  valid_from_ms BIGINT NOT NULL,
  valid_until_ms BIGINT,
  valid_days BIGINT,
  stores TEXT NOT NULL, -- the list as given, JSON
  created_at_ms BIGINT NOT NULL,
  issued BIGINT NOT NULL,
  used BIGINT NOT NULL, -- coupons in state USED
  discounted_fen BIGINT NOT NULL, -- discounts of redemptions, less those returned
  CHECK (issued BETWEEN 0 AND total),
  CHECK (used BETWEEN 0 AND issued),
  CHECK (discounted_fen >= 0)
);

-- Where a batch's coupons may be read and redeemed: at and under these orgs. Its stores, or its own org.
CREATE TABLE batch_reach (
  batch_id TEXT NOT NULL,
  org TEXT NOT NULL,
  PRIMARY KEY (batch_id, org)
) WITHOUT ROWID;

-- How many coupons of a batch a member has received.
CREATE TABLE holders (
  batch_id TEXT NOT NULL,
  member_id TEXT NOT NULL,
  issued BIGINT NOT NULL,
  PRIMARY KEY (batch_id, member_id)
) WITHOUT ROWID;

-- A coupon carries the terms it was issued under. Codes are random: one tree, keyed by code, is one page a redemption.
-- EXPIRED is not stored: it is EFFECTIVE past valid_until_ms.
CREATE TABLE coupons (
  code TEXT PRIMARY KEY NOT NULL,
  batch_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('EFFECTIVE', 'USED')),
  member_id TEXT NOT NULL,
  source_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  threshold_fen BIGINT NOT NULL,
  amount_fen BIGINT,
  percent_off BIGINT,
  valid_from_ms BIGINT NOT NULL,
  valid_until_ms BIGINT NOT NULL,
  issued_at_ms BIGINT NOT NULL,
  issued_by TEXT NOT NULL, -- the org that issued it
  used_by TEXT, -- while USED: the redemption's key
  used_request_no TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX coupons_by_source ON coupons (batch_id, source_id);
CREATE INDEX coupons_by_member ON coupons (member_id, issued_at_ms, code);

-- Every use, kept for ever. A request number belongs to the org that sent it: nobody else can meet it.
CREATE TABLE redemptions (
  org TEXT NOT NULL,
  request_no TEXT NOT NULL,
  code TEXT NOT NULL,
  store TEXT NOT NULL,
  order_amount_fen BIGINT NOT NULL,
  discount_fen BIGINT NOT NULL,
  redeemed_at_ms BIGINT NOT NULL,
  returned_at_ms BIGINT,
  PRIMARY KEY (org, request_no)
) WITHOUT ROWID;

CREATE TABLE returns (
  org TEXT NOT NULL,
  request_no TEXT NOT NULL,
  code TEXT NOT NULL,
  state TEXT NOT NULL, -- what the coupon became: EFFECTIVE or EXPIRED
  redeemed_by TEXT NOT NULL, -- the use it undid
  redeem_request_no TEXT NOT NULL,
  returned_at_ms BIGINT NOT NULL,
  PRIMARY KEY (org, request_no),
  UNIQUE (redeemed_by, redeem_request_no)
) WITHOUT ROWID;
