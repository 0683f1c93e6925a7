// PostgreSQL beside it: pgbench runs the redemption's statements, 32 clients, durable commits, no HTTP.

import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coupons, here, median, ratio, results, rounds, seconds, skipped } from "./lib.mjs";

const bin = "/usr/lib/postgresql/15/bin";
const isRoot = process.getuid() === 0;

/** A PostgreSQL program on a core; as its own user when we are root, which it refuses to run as. */
function run(core, program, args, input) {
  const as = isRoot ? ["runuser", "-u", "postgres", "--"] : [];
  const line = ["taskset", "-c", String(core), ...as, join(bin, program), ...args];
  const ran = spawnSync(line[0], line.slice(1), { encoding: "utf8", input, cwd: "/", maxBuffer: 1 << 26 });
  if (ran.status !== 0) throw new Error(`${program}: ${ran.stderr || ran.stdout}`);
  return ran.stdout;
}

const schema = () =>
  `${readFileSync(join(here, "../../plugins/coupons/migrations/0001_coupons.sql"), "utf8").replaceAll(" WITHOUT ROWID", "")}
CREATE TABLE fc_org (id TEXT, ancestor TEXT, PRIMARY KEY (id, ancestor));
CREATE TABLE fc_outbox (number BIGSERIAL PRIMARY KEY, id TEXT, type TEXT, source TEXT, subject TEXT, org TEXT,
  time_ms BIGINT, trace_id TEXT, data TEXT);
INSERT INTO fc_org VALUES ('group', 'group'), ('store-12', 'store-12'), ('store-12', 'group');
INSERT INTO batches (id, org, name, kind, threshold_fen, amount_fen, total, per_member, valid_from_ms, valid_days, stores,
  created_at_ms, issued, used, discounted_fen) VALUES ('bat_bench', 'group', 'bench', 'NORMAL', 5000, 1000, ${coupons},
  ${coupons}, 0, 365, '[]', 0, ${coupons}, 0, 0);
INSERT INTO batch_reach VALUES ('bat_bench', 'group');
INSERT INTO coupons (code, batch_id, state, member_id, source_id, kind, threshold_fen, amount_fen, valid_from_ms,
  valid_until_ms, issued_at_ms, issued_by) SELECT substr(md5(i::text), 1, 16), 'bat_bench', 'EFFECTIVE', 'mem_' || i / 3,
  'bench-' || i, 'NORMAL', 5000, 1000, 0, 9000000000000, i, 'group' FROM generate_series(1, ${coupons}) AS i;
VACUUM ANALYZE;
CHECKPOINT;
`;

// The statements of tests/bench/redeem_probe.cpp.
const redemption = `\\set i random(1, ${coupons})
\\set request random(1, 1000000000000)
BEGIN;
UPDATE coupons AS c SET state = 'USED', used_by = 'group', used_request_no = :request::text
  WHERE c.code = substr(md5(:i::text), 1, 16) AND c.state = 'EFFECTIVE' AND c.valid_from_ms <= 1800000000000
  AND c.valid_until_ms > 1800000000000 AND c.threshold_fen <= 9900
  AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = 'store-12' AND o.ancestor = 'group')
  AND EXISTS (SELECT 1 FROM batch_reach r JOIN fc_org o ON o.id = 'store-12' AND o.ancestor = r.org
    WHERE r.batch_id = c.batch_id) RETURNING batch_id;
INSERT INTO redemptions (org, request_no, code, store, order_amount_fen, discount_fen, redeemed_at_ms)
  VALUES ('group', :request::text, substr(md5(:i::text), 1, 16), 'store-12', 9900, 1000, 1800000000000)
  ON CONFLICT (org, request_no) DO NOTHING;
UPDATE batches SET used = used + 1, discounted_fen = discounted_fen + 1000 WHERE id = 'bat_bench'
  AND (EXISTS (SELECT 1 FROM fc_org o WHERE o.id = 'group' AND o.ancestor = batches.org)
    OR EXISTS (SELECT 1 FROM fc_org o WHERE o.id = batches.org AND o.ancestor = 'group'));
INSERT INTO fc_outbox (id, type, source, subject, org, time_ms, trace_id, data) VALUES ('evt_01jd8m6e2q4v7x9z1b3d5f7h9k',
  'coupons.coupon.redeemed', 'coupons', substr(md5(:i::text), 1, 16), 'group', 1800000000000,
  '0af7651916cd43dd8448eb211c80319c', '{"code":"0123456789abcdef","batch_id":"bat_bench","member_id":"mem_0000000",'
  '"store":"store-12","request_no":"bench-0001","order_amount_fen":9900,"discount_fen":1000,"kind":"NORMAL",'
  '"redeemed_at":"2026-01-01T00:00:00.000Z"}');
COMMIT;
`;

export async function postgres() {
  if (!existsSync(join(bin, "initdb"))) return skipped("PostgreSQL", "postgresql-15 is not installed");
  const folder = mkdtempSync(join(tmpdir(), "forecourt-bench-pg-"));
  try {
    const id = (flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
    if (isRoot) chownSync(folder, id("-u"), id("-g"));
    run(0, "initdb", ["-D", join(folder, "data"), "-A", "trust", "-U", "bench", "-E", "UTF8"]);
    const options = `-c listen_addresses= -c unix_socket_directories=${folder} -c shared_buffers=512MB -c max_wal_size=4GB`;
    run(0, "pg_ctl", ["-D", join(folder, "data"), "-w", "-l", join(folder, "log"), "-o", options, "start"]);
    try {
      measure(folder);
    } finally {
      run(0, "pg_ctl", ["-D", join(folder, "data"), "-m", "immediate", "stop"]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(folder) {
  const where = ["-h", folder, "-U", "bench"];
  run(1, "psql", [...where, "-q", "-v", "ON_ERROR_STOP=1", "postgres"], schema());
  const script = join(folder, "redeem.sql");
  writeFileSync(script, redemption);
  const rates = [];
  for (let round = 0; round < rounds; ++round) {
    const args = [...where, "-n", "-M", "prepared", "-c", "32", "-j", "1", "-T", String(seconds), "-f", script, "postgres"];
    const said = run(1, "pgbench", args);
    if (!/failed transactions: 0 /.test(said)) throw new Error(said);
    rates.push(Number(said.match(/tps = ([\d.]+)/)[1]));
  }
  const per_second = median(rates);
  results.push({ group: "postgres", name: "pgbench, the same statements, c32", per_second });
  console.log(`postgres     pgbench, the same statements, c32: ${Math.round(per_second)}/s`);
  const host = results.find((one) => one.group === "redeem" && one.name.startsWith("host over HTTP"));
  if (host) ratio("redemption over HTTP / PostgreSQL without HTTP", host.per_second / per_second, "reported");
}
