/* Everything at once, for plugins written in C. C++ plugins include <forecourt/cpp/plugin.hpp>. */
#ifndef FORECOURT_FORECOURT_H
#define FORECOURT_FORECOURT_H

#include <forecourt/audit.h>
#include <forecourt/clock.h>
#include <forecourt/config.h>
#include <forecourt/events.h>
#include <forecourt/host.h>
#include <forecourt/http.h>
#include <forecourt/ids.h>
#include <forecourt/jobs.h>
#include <forecourt/log.h>
#include <forecourt/metrics.h>
#include <forecourt/org.h>
#include <forecourt/plugin.h>
#include <forecourt/secrets.h>
#include <forecourt/sql.h>
#include <forecourt/types.h>

#endif
