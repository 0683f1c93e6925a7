// `liar plugin-host <lie>`: a child as the host must expect one. It starts well, then lies.

#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "isolation/child.hpp"
#include "isolation/frame.hpp"
#include "isolation/messages.hpp"
#include "isolation/pack.hpp"

namespace {

using namespace forecourt;
using namespace forecourt::isolation;

FrameReader g_reader(1u << 30);

Frame read_frame() {
  for (;;) {
    auto frame = g_reader.next();
    if (frame && *frame) return **frame;
    const std::span<char> room = g_reader.room();
    const ssize_t n = ::recv(k_connection, room.data(), room.size(), 0);
    if (n <= 0) ::_exit(0);
    g_reader.filled(static_cast<size_t>(n));
  }
}

void put(const std::string& bytes) {
  if (::send(k_connection, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) ::_exit(0);
}

std::string frame(Kind kind, uint8_t verb, uint64_t number, const std::string& payload) {
  std::string bytes;
  append_head(bytes, kind, verb, number, payload.size());
  return bytes + payload;
}

std::string reply(uint64_t number) {
  http::Response response;
  response.status = 200;
  response.media_type = "text/plain";
  response.body = "true";
  return frame(Kind::reply, 0, number, pack(response));
}

/// What it claims that its calls recorded, after one by key_1 for store-12 at `admitted_ms`.
std::string forgeries(int64_t admitted_ms) {
  plugin::PluginData::Audit audit;
  audit.epoch = "e1";
  const auto add = [&](const char* actor, const char* org, const char* action, int64_t at_ms) {
    const auto number = static_cast<int64_t>(audit.entries.size()) + 1;
    audit.entries.push_back({number, {at_ms, actor, org, action, "", ""}});
  };
  add("key_1", "store-12", "thing.true", admitted_ms);
  add("key_1", "store-12", "operation.run", admitted_ms);
  add("key_1", "store-13", "thing.elsewhere", admitted_ms);
  add("key_1", "store-12", "thing.earlier", admitted_ms - 2'000);
  add("key_9", "store-12", "thing.anothers", admitted_ms);
  add("host", "group", "thing.hosts", admitted_ms);
  add("event", "store-12", "thing.of-an-event", admitted_ms);
  return pack(audit);
}

/// What it says to the call of that number.
std::string lie(const std::string& which, uint64_t number) {
  if (which == "truth" || which == "forges-entries") return reply(number);
  if (which == "ends") ::_exit(0);
  if (which == "answers-twice") return reply(number) + reply(number);
  if (which == "answers-another") return reply(number + 1);
  if (which == "claims-a-gigabyte") {
    std::string bytes;
    append_head(bytes, Kind::reply, 0, number, 1u << 30);
    return bytes;
  }
  if (which == "counts-beyond-its-end")
    return frame(Kind::reply, 0, number, Packer().put(200).put("").put(1 << 30).bytes());
  if (which == "splits-headers") {
    return frame(
        Kind::reply, 0, number,
        Packer().put(200).put("text/plain").put(1).put("X").put("a\r\nb: c").put("").bytes());
  }
  if (which == "calls-the-host") return frame(Kind::call, 0, 1, "");
  if (which == "answers-unasked")
    return frame(Kind::answer, 0, 77, Packer().put(0).put("").bytes());
  if (which == "speaks-nonsense") return std::string(64, '\xff');
  if (which == "asks-without-end") {
    std::string bytes;
    for (uint64_t i = 0; i < 100'000; ++i)
      bytes +=
          frame(Kind::ask, number_of(Verb::read_blob), i, Packer().put(1).put(0).put(1).bytes());
    return bytes;
  }
  if (which == "wants-foreign-events") {
    return frame(Kind::ask, number_of(Verb::source_history), 5,
                 Packer().put("payments").put("").bytes());
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string which = argv[2];
  int64_t admitted_ms = 0;
  for (;;) {
    const Frame one = read_frame();
    if (one.kind == Kind::ask && one.verb == number_of(Verb::start)) {
      if (which == "never-starts") continue;
      put(frame(Kind::answer, 0, one.number,
                Packer().put(0).put(which == "lies-of-its-sandbox" ? "{" : "[]").bytes()));
    } else if (one.kind == Kind::ask && which == "tells-rows-as-it-likes") {
      put(frame(Kind::answer, 0, one.number, Packer().put(0).put("rows").bytes()));
    } else if (one.kind == Kind::ask &&
               (one.verb == number_of(Verb::settle) || one.verb == number_of(Verb::stop))) {
      if (which == "does-not-stop") continue;
      put(frame(Kind::answer, 0, one.number, Packer().put(0).put("").bytes()));
    } else if (one.kind == Kind::ask && one.verb == number_of(Verb::audit)) {
      put(frame(Kind::answer, 0, one.number, Packer().put(0).put(forgeries(admitted_ms)).bytes()));
    } else if (one.kind == Kind::call) {
      Received received;
      if (unpack(one.payload, received)) admitted_ms = received.request.admitted_ms;
      put(lie(which, one.number));
    } else if (one.kind == Kind::answer && which == "wants-foreign-events") {
      // It hands the host's answer on as its own reply.
      Unpacker in(one.payload);
      http::Response response;
      response.status = in.integer() == static_cast<int64_t>(Code::denied) ? 403 : 200;
      put(frame(Kind::reply, 0, 1, pack(response)));
    }
  }
}
