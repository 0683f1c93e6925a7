-- org-scoped: merchants, platform_keys, orders, notifications, payments, refunds, exceptions

CREATE TABLE merchants (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  channel TEXT NOT NULL,
  mchid TEXT NOT NULL,
  appid TEXT NOT NULL,
  api_v3_key BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (channel, mchid, appid)
);

-- The numbers of an RSA public key, big-endian: building a key from them costs 9 us, parsing PEM 600.
CREATE TABLE platform_keys (
  merchant_id TEXT NOT NULL,
  serial TEXT NOT NULL,
  org TEXT NOT NULL,
  modulus BLOB NOT NULL,
  exponent BLOB NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, serial)
);

CREATE TABLE orders (
  merchant_id TEXT NOT NULL,
  out_trade_no TEXT NOT NULL,
  org TEXT NOT NULL,
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  state TEXT NOT NULL CHECK (state IN ('NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED')),
  registered BIGINT NOT NULL,
  transaction_id TEXT,
  payer_openid TEXT,
  paid_fen BIGINT NOT NULL DEFAULT 0,
  refunded_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_fen <= paid_fen),
  paid_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, out_trade_no)
);

-- Every genuine callback, decrypted, for ever: the key is what makes a replay harmless.
CREATE TABLE notifications (
  merchant_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  org TEXT NOT NULL,
  event_type TEXT NOT NULL,
  resource TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, event_id)
);

CREATE TABLE payments (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  out_trade_no TEXT NOT NULL,
  mchid TEXT NOT NULL,
  appid TEXT NOT NULL,
  openid TEXT,
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  refunded_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_fen <= amount_fen),
  state TEXT NOT NULL CHECK (state IN ('verified', 'held', 'refused')),
  order_known BIGINT NOT NULL,
  success_time BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  released_at BIGINT,
  UNIQUE (channel, transaction_id)
);
CREATE INDEX payments_by_org ON payments (org, id);
CREATE INDEX payments_by_order ON payments (merchant_id, out_trade_no);
CREATE INDEX payments_held ON payments (org, id) WHERE state = 'held';

-- `payment_id` stays NULL until the payment a refund belongs to is verified; only then is it applied.
CREATE TABLE refunds (
  merchant_id TEXT NOT NULL,
  refund_id TEXT NOT NULL,
  org TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  out_refund_no TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  out_trade_no TEXT NOT NULL,
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  state TEXT NOT NULL CHECK (state IN ('SUCCESS', 'ABNORMAL', 'CLOSED')),
  payment_id TEXT,
  success_time BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, refund_id)
);
CREATE INDEX refunds_by_transaction ON refunds (merchant_id, transaction_id);
CREATE INDEX refunds_by_org ON refunds (org, id);

-- A genuine callback that credits nothing, for a person to look at. `about` is the transaction, refund or
-- event it is about: one case is raised once.
CREATE TABLE exceptions (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  about TEXT NOT NULL,
  event_id TEXT NOT NULL,
  transaction_id TEXT,
  out_trade_no TEXT,
  amount_fen BIGINT,
  detail TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (merchant_id, reason, about)
);
CREATE INDEX exceptions_by_org ON exceptions (org, id);
