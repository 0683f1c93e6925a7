#pragma once

/// Who may see a member, as a condition on the table alias `m`, a literal so that statement texts
/// are constant: its owner and those above; an org where it paid and those above; an org its
/// coupons are for, those above and, when the coupons name that org, those below.
#define MEMBER_VISIBLE                                                                             \
  "(EXISTS (SELECT 1 FROM fc_org o WHERE o.id = m.org AND o.ancestor = $fc_org)"                   \
  " OR EXISTS (SELECT 1 FROM member_orgs v JOIN fc_org o ON o.id = v.org AND o.ancestor = $fc_org" \
  " WHERE v.member_id = m.id)"                                                                     \
  " OR EXISTS (SELECT 1 FROM member_orgs v JOIN fc_org o ON o.id = $fc_org AND o.ancestor = v.org" \
  " WHERE v.member_id = m.id AND v.downward = 1))"

/// The call's org and the member's owner are at, under or above one another.
#define MEMBER_SAME_BRANCH                                                       \
  "(EXISTS (SELECT 1 FROM fc_org o WHERE o.id = m.org AND o.ancestor = $fc_org)" \
  " OR EXISTS (SELECT 1 FROM fc_org o WHERE o.id = $fc_org AND o.ancestor = m.org))"
