// wechatpay-axios-plugin plays WeChat Pay: it encrypts the resource and signs the callback, we verify and decrypt.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { api, eventually, load, makeStore, startHost } from "./host.mjs";

const { Aes, Formatter, Rsa } = (await load("wechatpay-axios-plugin")).default;
const host = await startHost();
await makeStore(host);

const serial = crypto.randomBytes(20).toString("hex").toUpperCase();
const apiKey = Formatter.nonce(32);
const pair = crypto.generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const merchant = await api(
  host,
  "POST",
  "/v1/payments/merchants",
  {
    channel: "wechat",
    mchid: "1230000109",
    appid: "wxd678efh567hg6787",
    api_v3_key: apiKey,
    platform_keys: [{ serial, public_key_pem: pair.publicKey }],
    org: "store-12",
  },
  201,
);
await api(host, "POST", "/v1/payments/orders", { merchant_id: merchant.id, out_trade_no: "order-1", amount_fen: 8800 }, 201);

/** A callback as the library makes it; `change` may spoil it before or after it is signed. */
async function send({ beforeSigning = (text) => text, afterSigning = (text) => text, at = Formatter.timestamp() } = {}) {
  const nonce = Formatter.nonce(12);
  const resource = JSON.stringify({
    transaction_id: "4200000000202611220000000001",
    amount: { total: 8800, payer_total: 8800, currency: "CNY", payer_currency: "CNY" },
    mchid: "1230000109",
    appid: "wxd678efh567hg6787",
    out_trade_no: "order-1",
    trade_state: "SUCCESS",
    trade_type: "JSAPI",
    bank_type: "OTHERS",
    success_time: "2026-11-22T12:00:00+08:00",
    payer: { openid: "openid-of-ada" },
    attach: "",
  });
  let body = beforeSigning(
    JSON.stringify({
      id: `EV-${crypto.randomUUID()}`,
      create_time: "2026-11-22T12:00:01+08:00",
      event_type: "TRANSACTION.SUCCESS",
      resource_type: "encrypt-resource",
      summary: "支付成功",
      resource: {
        original_type: "transaction",
        algorithm: "AEAD_AES_256_GCM",
        associated_data: "transaction",
        nonce,
        ciphertext: Aes.AesGcm.encrypt(resource, apiKey, nonce, "transaction"),
      },
    }),
  );
  const once = Formatter.nonce(32);
  const signature = Rsa.sign(Formatter.joinedByLineFeed(at, once, body), pair.privateKey);
  body = afterSigning(body);
  const answer = await fetch(`${host}/v1/payments/wechat/${merchant.id}/notify`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "wechatpay-timestamp": String(at),
      "wechatpay-nonce": once,
      "wechatpay-serial": serial,
      "wechatpay-signature": signature,
      "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
    },
    body,
  });
  return { status: answer.status, body: await answer.text() };
}

const order = () => api(host, "GET", `/v1/payments/orders/order-1?merchant_id=${merchant.id}`, undefined, 200);

// Refusals first: nothing of them is kept.
for (const spoiled of [
  await send({ afterSigning: (text) => text.replace("SUCCESS", "SUCCES5") }),
  await send({ at: Formatter.timestamp() - 301 }),
  await send({ beforeSigning: (text) => text.replace('"ciphertext":"', '"ciphertext":"AAAA') }),
]) {
  assert.ok(spoiled.status >= 400 && spoiled.status < 500, `${spoiled.status} ${spoiled.body}`);
  assert.equal(JSON.parse(spoiled.body).code, "FAIL");
}
assert.equal((await order()).state, "NOTPAY");

for (let i = 0; i < 3; ++i) {
  const genuine = await send();
  assert.ok([200, 204].includes(genuine.status), `${genuine.status} ${genuine.body}`);
}
const paid = await order();
assert.equal(paid.state, "SUCCESS");
assert.equal(paid.paid_fen, 8800);
assert.equal(paid.payer_openid, "openid-of-ada");
const members = await eventually(
  () => api(host, "GET", "/v1/membership/members?openid=openid-of-ada", undefined, 200),
  (page) => page.items.length === 1 && page.items[0].points > 0,
);
assert.equal(members.items[0].points, 88);
console.log("3 refused, 3 genuine, one payment, 88 points");
process.exit(0);
