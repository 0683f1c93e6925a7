// eventsource reads the stream: it reconnects by itself with Last-Event-ID, and nothing is missing or twice.

import assert from "node:assert/strict";
import { api, key, load, makeStore, startHost } from "./host.mjs";

const { EventSource } = await load("eventsource");
const host = await startHost();
await makeStore(host);
const batch = await api(
  host,
  "POST",
  "/v1/coupons/batches",
  { name: "b", kind: "NORMAL", amount_fen: 100, total: 100, per_member: 100, valid_days: 30, stores: ["store-12"] },
  201,
);
const issue = (n) => api(host, "POST", `/v1/coupons/batches/${batch.id}/issue`, { member_id: "mem_1", source_id: `s-${n}` }, 201);

/** Reads until `count` coupons came; the last id seen is where the next one goes on. */
function read(lastEventId, count, begin) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const source = new EventSource(`${host}/v1/events?types=coupons.coupon.issued`, {
      fetch: (url, init) =>
        fetch(url, {
          ...init,
          headers: { ...init.headers, authorization: `Bearer ${key}`, ...(lastEventId && { "last-event-id": lastEventId }) },
        }),
    });
    source.addEventListener("open", () => begin?.().catch(reject));
    source.addEventListener("error", (error) => error.code && reject(new Error(`${error.code} ${error.message}`)));
    source.addEventListener("coupons.coupon.issued", (message) => {
      seen.push({ id: message.lastEventId, code: JSON.parse(message.data).data.code });
      if (seen.length < count) return;
      source.close();
      resolve(seen);
    });
  });
}

const refused = await fetch(`${host}/v1/events`, { headers: { authorization: "Bearer nobody" } });
assert.equal(refused.status, 401);

const codes = [];
const first = await read(undefined, 2, async () => {
  for (const n of [1, 2]) codes.push((await issue(n)).code);
});
assert.deepEqual(first.map((one) => one.code), codes);
// While nobody reads, three more; the stream goes on behind the last one seen.
for (const n of [3, 4, 5]) codes.push((await issue(n)).code);
const rest = await read(first.at(-1).id, 3);
assert.deepEqual([...first, ...rest].map((one) => one.code), codes);
console.log("5 events over two connections, none missing, none twice");
process.exit(0);
