-- org-scoped: partners, deliveries

CREATE TABLE partners (
  id TEXT PRIMARY KEY NOT NULL,
  org TEXT NOT NULL,
  name TEXT NOT NULL,
  token BLOB NOT NULL -- sealed
);

CREATE TABLE deliveries (
  partner_id TEXT NOT NULL,
  number TEXT NOT NULL, -- the partner's own
  org TEXT NOT NULL,
  text TEXT NOT NULL,
  received_at_ms BIGINT NOT NULL,
  PRIMARY KEY (partner_id, number)
);
