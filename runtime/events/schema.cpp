#include "events/schema.hpp"

namespace forecourt::events {

std::vector<std::string> host_schema() {
  return {
      // AUTOINCREMENT: a number is never given twice, whatever pruning deletes. The lane is the
      // only writer,
      // so numbers follow the order of commits.
      "CREATE TABLE IF NOT EXISTS fc_outbox("
      "number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, type TEXT NOT NULL, "
      "source TEXT NOT NULL, subject TEXT NOT NULL, org TEXT NOT NULL, time_ms INTEGER NOT NULL, "
      "trace_id TEXT NOT NULL, data TEXT NOT NULL) STRICT",

      "CREATE TABLE IF NOT EXISTS fc_subscriber("
      "name TEXT PRIMARY KEY, epoch TEXT NOT NULL, number INTEGER NOT NULL) STRICT",

      "CREATE TABLE IF NOT EXISTS fc_cursor("
      "publisher TEXT PRIMARY KEY, epoch TEXT NOT NULL, number INTEGER NOT NULL) STRICT",

      // `sequence` is the order of arrival: numbers may repeat over epochs.
      "CREATE TABLE IF NOT EXISTS fc_parked("
      "sequence INTEGER PRIMARY KEY AUTOINCREMENT, publisher TEXT NOT NULL, epoch TEXT NOT NULL, "
      "number INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, source TEXT NOT NULL, "
      "subject TEXT NOT NULL, org TEXT NOT NULL, time_ms INTEGER NOT NULL, trace_id TEXT NOT NULL, "
      "data TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, due_ms INTEGER NOT "
      "NULL, "
      "reason TEXT NOT NULL, UNIQUE(publisher, epoch, number)) STRICT",

      "CREATE INDEX IF NOT EXISTS fc_parked_subject ON fc_parked(publisher, subject, sequence)",

      "CREATE INDEX IF NOT EXISTS fc_parked_due ON fc_parked(due_ms) WHERE state = 'retrying'",

      "CREATE TABLE IF NOT EXISTS fc_attempt("
      "work TEXT PRIMARY KEY, crashes INTEGER NOT NULL, unexplained INTEGER NOT NULL) STRICT",
  };
}

}  // namespace forecourt::events
