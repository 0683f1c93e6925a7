// hello through auth, routing, validation, metrics and log, beside servers that do less.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, figure, key, load, ratio, report, rounds, sleep, skipped, start, startHost, work } from "./lib.mjs";

function nginxConf(lua) {
  const answer = lua
    ? `content_by_lua_block { ngx.header["Content-Type"]="application/json"; ngx.print('{"hello":"Ada"}') }`
    : `default_type application/json; return 200 '{"hello":"Ada"}';`;
  const file = join(work, lua ? "lua.conf" : "return.conf");
  const modules = lua
    ? "load_module /usr/lib/nginx/modules/ndk_http_module.so;\nload_module /usr/lib/nginx/modules/ngx_http_lua_module.so;\n"
    : "";
  writeFileSync(
    file,
    `${modules}daemon off; worker_processes 1; pid ${work}/nginx-${lua}.pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 100000000; server { listen 127.0.0.1:${lua ? 18982 : 18981}; location / { ${answer} } } }\n`,
  );
  return file;
}

export async function hello() {
  const target = { path: "/v1/hello?name=Ada", headers: [`Authorization: Bearer ${key}`] };
  const servers = {
    "bare responder (Asio, basic_parser, fixed)": await start(join(build, "tests/bench/bare_responder"), []),
    "host: auth, routing, validation, metrics, log": await startHost(join(work, "hello")),
    "host without the access log": await startHost(join(work, "hello-quiet"), { FORECOURT_ACCESS_LOG: "off" }),
  };
  if (existsSync("/usr/sbin/nginx")) {
    servers["nginx return"] = await start("/usr/sbin/nginx", ["-c", nginxConf(false)], { port: 18981 });
    if (existsSync("/usr/lib/nginx/modules/ngx_http_lua_module.so")) {
      servers["nginx + Lua"] = await start("/usr/sbin/nginx", ["-c", nginxConf(true)], { port: 18982 });
    } else skipped("nginx + Lua", "libnginx-mod-http-lua is not installed");
  } else skipped("nginx", "nginx is not installed");
  const runs = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const [name, server] of Object.entries(servers)) runs[name].push(await load(server, target));
  }
  const rows = Object.entries(runs).map(([name, list]) => report("hello", name, list));
  ratio("hello / bare responder", rows[1].cpu_us / rows[0].cpu_us, "<= 1.5");
  const lua = rows.find((row) => row.name === "nginx + Lua");
  if (lua) ratio("hello / nginx + Lua", rows[1].cpu_us / lua.cpu_us, "<= 1");
  figure("the access log's line", rows[1].cpu_us - rows[2].cpu_us, "us CPU a request");
  const sample = spawnSync(join(build, "tests/bench/histogram_cost"), { encoding: "utf8" });
  figure("the histogram's sample", Number(sample.stdout), "us CPU a request");
  for (const server of Object.values(servers)) await server.stop();
}


export async function footprint() {
  const began = performance.now();
  const host = await startHost(join(work, "hello"));
  const start_ms = performance.now() - began;
  await sleep(1000);
  const rss = Number(readFileSync(`/proc/${host.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;
  ratio("start with all plugins, ms", start_ms, "<= 300");
  ratio("idle RSS with all plugins, MB", rss, "<= 40");
  await host.stop();
}
