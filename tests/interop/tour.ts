// The tour of README.md through a client that openapi-typescript generated: what does not type-check, the document does not say.

import createClient from "openapi-fetch";
import type { paths } from "./forecourt-api";

const [host, key, merchantKeyPem] = process.argv.slice(2) as [string, string, string];
const api = createClient<paths>({ baseUrl: host, headers: { authorization: `Bearer ${key}` } });

function must<T>(answer: { data?: T; error?: unknown; response: Response }, status: number): T {
  if (answer.response.status !== status || answer.data === undefined) {
    throw new Error(`${answer.response.url}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

const greeting = must(await api.GET("/v1/hello", { params: { query: { name: "Ada" } } }), 200);
if (greeting.hello !== "Ada") throw new Error("not Ada");

must(await api.POST("/admin/v1/orgs", { body: { id: "store-12", parent: "group", kind: "store", name: "Store 12" } }), 201);
const merchant = must(
  await api.POST("/v1/payments/merchants", {
    body: {
      channel: "wechat",
      mchid: "1230000109",
      appid: "wxd678efh567hg6787",
      api_v3_key: "0123456789abcdef0123456789abcdef",
      platform_keys: [{ serial: "5157F09EFDC096DE15EBE81A47057A72", public_key_pem: merchantKeyPem }],
      org: "store-12",
    },
  }),
  201,
);
must(await api.POST("/v1/payments/orders", { body: { merchant_id: merchant.id, out_trade_no: "order-1", amount_fen: 8800 } }), 201);
const order = must(
  await api.GET("/v1/payments/orders/{out_trade_no}", {
    params: { path: { out_trade_no: "order-1" }, query: { merchant_id: merchant.id } },
  }),
  200,
);
const state: "NOTPAY" | "SUCCESS" | "REFUND" | "CLOSED" = order.state;
if (state !== "NOTPAY") throw new Error(state);

const batch = must(
  await api.POST("/v1/coupons/batches", {
    body: {
      name: "Welcome",
      kind: "NORMAL",
      threshold_fen: 5000,
      amount_fen: 1000,
      total: 100,
      per_member: 1,
      valid_from: "2024-01-01T00:00:00Z",
      valid_days: 30,
      stores: ["store-12"],
    },
  }),
  201,
);
const coupon = must(
  await api.POST("/v1/coupons/batches/{id}/issue", {
    params: { path: { id: batch.id } },
    body: { member_id: "mem_1", source_id: "tour-1" },
  }),
  201,
);
const redeem = (request_no: string) =>
  api.POST("/v1/coupons/coupons/{code}/redeem", {
    params: { path: { code: coupon.code } },
    body: { request_no, store: "store-12", order_amount_fen: 9000 },
  });
const used = must(await redeem("till-0001"), 200);
const again = must(await redeem("till-0001"), 200);
if (used.state !== "USED" || used.discount_fen !== 1000) throw new Error(JSON.stringify(used));
if (JSON.stringify(used) !== JSON.stringify(again)) throw new Error("the same request, another answer");
const refused = await redeem("till-0002");
if (refused.response.status !== 409 || refused.error?.code !== "coupon-used") throw new Error(JSON.stringify(refused.error));
const groups = must(await api.GET("/v1/community/groups"), 200);
if (groups.items.length !== 0) throw new Error("groups from nowhere");
console.log("the tour, typed");
