# A worker whose SQLite durable object does one insert a request, on disk.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "disk", disk = (path = "DISK", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:18983", http = (), service = "main")],
);

const main :Workerd.Worker = (
  modules = [(name = "insert.js", esModule = embed "insert.js")],
  compatibilityDate = "2025-09-01",
  durableObjectNamespaces = [(className = "Coupons", uniqueKey = "coupons", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [(name = "coupons", durableObjectNamespace = "Coupons")],
);
