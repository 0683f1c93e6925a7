#include <forecourt/cpp/plugin.hpp>

namespace {

struct NewNote {
  std::string text;
};
FORECOURT_FIELDS(NewNote, text)

struct Note {
  std::string id;
  std::string org;
  std::string text;
  std::string written_at;
};
FORECOURT_FIELDS(Note, id, org, text, written_at)

Note note_of(const fc::Row& row) {
  return {row.string(0), row.string(1), row.string(2), fc::rfc3339(row.integer(3))};
}

/// The note, its event and its end are one transaction: all of it happens, or nothing.
Note write(fc::Call& call, const std::string& text) {
  const Note note{call.id("note"), std::string(call.org()), text, fc::rfc3339(call.now_ms())};
  call.execute("INSERT INTO notes (id, org, text, written_at_ms) VALUES ($1, $fc_org, $2, $3)",
               note.id, note.text, call.now_ms());
  call.publish("starter.note.written", note.id, note);
  const int64_t keep_ms = call.config("keep_days").integer() * 24 * 60 * 60 * 1000;
  call.schedule("forget", note.id, call.now_ms() + keep_ms, "");
  return note;
}

fc::Reply write_note(fc::Call& call, const NewNote& wanted) {
  return fc::created(write(call, wanted.text));
}

Note get_note(fc::Call& call) {
  const auto row = call.first(
      "SELECT id, org, text, written_at_ms FROM notes WHERE id = $1 "
      "AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      call.path("id"));
  if (!row) fc::refuse(404, "not-found", "there is no such note");
  return note_of(*row);
}

fc::Page<Note> list_notes(fc::Call& call) {
  auto page = fc::Page<Note>::of(call);
  for (const fc::Row& row : call.query(
           "SELECT id, org, text, written_at_ms FROM notes WHERE id > $1 "
           "AND org IN (SELECT id FROM fc_org WHERE ancestor = $fc_org) ORDER BY id LIMIT $2",
           page.after(), page.fetch())) {
    if (!page.add(note_of(row), row.text(0))) break;
  }
  return page;
}

void welcome(fc::Call& call, const fc::Event& event) {
  write(call, "Say hello to the new member " + std::string(event.subject));
}

void forget(fc::Call& call, const fc::Job& job) {
  call.execute("DELETE FROM notes WHERE id = $1 AND org = $fc_org", job.key);
}

}  // namespace

FORECOURT_PLUGIN("starter", "0.1.0",                                //
                 fc::operation<write_note>("writeNote"),            //
                 fc::operation<get_note>("getNote"),                //
                 fc::operation<list_notes>("listNotes"),            //
                 fc::event<welcome>("membership.member.enrolled"),  //
                 fc::job<forget>("forget"))
