/* ROUTES operations that all answer the same: what a route table of that size costs. */
#include <forecourt/forecourt.h>
#include <string.h>

static const fc_http_1* http;

static fc_view view(const char* text) {
  fc_view out;
  out.p = (const uint8_t*)text;
  out.n = strlen(text);
  return out;
}

static fc_status handle(void* instance, fc_handle call, void* prepared) {
  const fc_view type = view("application/json");
  const fc_view body = view("{\"hello\":\"Ada\"}");
  (void)instance, (void)prepared;
  return http->reply(call, 200, &type, &body);
}

#include "many_routes_table.h"

static fc_status open_plugin(const fc_host* host, void** instance) {
  static char nothing;
  http = (const fc_http_1*)host->query(host, FC_SERVICE_HTTP, sizeof(fc_http_1));
  *instance = &nothing;
  return http ? FC_OK : FC_E_DENIED;
}

static void close_plugin(void* instance) { (void)instance; }

static const fc_plugin table = {
    sizeof(fc_plugin), FC_ABI_MAJOR, ROUTES_ID,
    "1.0.0",           handlers,     sizeof(handlers) / sizeof(handlers[0]),
    open_plugin,       NULL,         NULL,
    close_plugin};

FC_EXPORT const fc_plugin* fc_plugin_entry_1(uint32_t host_abi_major) {
  (void)host_abi_major;
  return &table;
}
