import { DurableObject } from "cloudflare:workers";

// One row a request; the runtime holds the answer back until it is stored.
export class Coupons extends DurableObject {
  constructor(state, env) {
    super(state, env);
    this.sql = state.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS redemptions (number INTEGER PRIMARY KEY, code TEXT NOT NULL)");
  }

  async fetch() {
    this.sql.exec("INSERT INTO redemptions (code) VALUES (?)", crypto.randomUUID());
    return new Response('{"state":"USED"}', { headers: { "content-type": "application/json" } });
  }
}

export default {
  fetch(request, env) {
    return env.coupons.get(env.coupons.idFromName("one")).fetch(request);
  },
};
