#pragma once

/// Conditions of SQL statements on who may see what, as literals so that statement texts are
/// constant.

/// The call's org is at, under or above the org in column `org`.
#define COUPONS_SAME_BRANCH(org)                                               \
  "(EXISTS (SELECT 1 FROM fc_org o WHERE o.id = $fc_org AND o.ancestor = " org \
  ")"                                                                          \
  " OR EXISTS (SELECT 1 FROM fc_org o WHERE o.id = " org " AND o.ancestor = $fc_org))"

/// The call's org may see the batch in column `batch_id` and its coupons: it is at or under one of
/// the orgs the batch reaches, or above one. Above includes the batch's own org and its ancestors.
#define COUPONS_VISIBLE(batch_id)                                    \
  "EXISTS (SELECT 1 FROM batch_reach r WHERE r.batch_id = " batch_id \
  " AND " COUPONS_SAME_BRANCH("r.org") ")"
