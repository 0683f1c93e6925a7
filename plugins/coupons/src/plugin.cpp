#include <forecourt/cpp/plugin.hpp>

#include "batch.hpp"
#include "coupon.hpp"
#include "issue.hpp"
#include "redeem.hpp"
#include "return.hpp"
#include "welcome.hpp"

FORECOURT_PLUGIN("coupons", "1.0.0",  //
                 fc::operation<coupons::create_batch>("createBatch"),
                 fc::operation<coupons::list_batches>("listBatches"),
                 fc::operation<coupons::get_batch>("getBatch"),
                 fc::operation<coupons::issue_coupon>("issueCoupon"),
                 fc::operation<coupons::get_coupon>("getCoupon"),
                 fc::operation<coupons::list_coupons>("listCoupons"),
                 fc::operation<coupons::redeem_coupon>("redeemCoupon"),
                 fc::operation<coupons::return_coupon>("returnCoupon"),
                 fc::event<coupons::welcome_member>("membership.member.enrolled"))
