-- org-scoped: notes

CREATE TABLE notes (
  id TEXT PRIMARY KEY NOT NULL,
  org TEXT NOT NULL,
  text TEXT NOT NULL,
  written_at_ms BIGINT NOT NULL
);
CREATE INDEX notes_by_org ON notes (org, id);
