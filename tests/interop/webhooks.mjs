// standardwebhooks verifies our deliveries: signed over the bytes as received, one secret during a rotation or two.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { api, eventually, load, makeStore, startHost } from "./host.mjs";

const { Webhook } = await load("standardwebhooks");
const host = await startHost({ FORECOURT_WEBHOOKS_REACH: "loopback" });
await makeStore(host);

const received = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    received.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
});
await new Promise((done) => receiver.listen(0, "127.0.0.1", done));
const url = `http://127.0.0.1:${receiver.address().port}/hooks`;
const hook = await api(host, "POST", "/admin/v1/webhooks", { org: "group", url, types: ["coupons.coupon.issued"] }, 201);

const batch = await api(
  host,
  "POST",
  "/v1/coupons/batches",
  { name: "b", kind: "NORMAL", amount_fen: 100, total: 100, per_member: 100, valid_days: 30, stores: ["store-12"] },
  201,
);
const issue = (n) => api(host, "POST", `/v1/coupons/batches/${batch.id}/issue`, { member_id: "mem_1", source_id: `s-${n}` }, 201);
const delivered = (count) => eventually(async () => received.length, (length) => length >= count);

const coupon = await issue(1);
await delivered(1);
const [{ headers, body }] = received;
const event = new Webhook(hook.secret).verify(body, headers);
assert.equal(event.type, "coupons.coupon.issued");
assert.equal(event.specversion, "1.0");
assert.equal(event.id, headers["webhook-id"]);
assert.equal(event.data.code, coupon.code);

// What must not verify: another body, another id, another time, another secret.
const other = new Webhook(`whsec_${Buffer.alloc(32, 7).toString("base64")}`);
assert.throws(() => other.verify(body, headers));
assert.throws(() => new Webhook(hook.secret).verify(body.replace("issued", "issued "), headers));
assert.throws(() => new Webhook(hook.secret).verify(body, { ...headers, "webhook-id": "evt_other" }));
const shifted = String(Number(headers["webhook-timestamp"]) + 1);
assert.throws(() => new Webhook(hook.secret).verify(body, { ...headers, "webhook-timestamp": shifted }));

// During a rotation both secrets verify; without an overlap only the new one does.
const rotate = (overlap_s) => api(host, "POST", `/admin/v1/webhooks/${hook.id}/rotate-secret`, { overlap_s }, 200);
const second = await rotate(3600);
await issue(2);
await delivered(2);
for (const secret of [hook.secret, second.secret]) new Webhook(secret).verify(received[1].body, received[1].headers);
const third = await rotate(0);
await issue(3);
await delivered(3);
new Webhook(third.secret).verify(received[2].body, received[2].headers);
assert.throws(() => new Webhook(second.secret).verify(received[2].body, received[2].headers));
console.log("3 deliveries verified, with one secret and with two");
process.exit(0);
