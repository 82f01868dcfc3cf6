//! What a store that instances share counts by.

use std::sync::Arc;

use palisade_ratelimit::{Limiter, RateLimitBuilder, RateLimitPolicy, Scope};

use crate::sharing::{Fake, hourly, in_two_scopes};

#[test]
fn l3_with_a_shared_store_a_limiter_under_two_names_is_refused_when_the_policy_is_built() {
    let store = Arc::<Fake>::default();
    let told = |builder: RateLimitBuilder| {
        let built = builder.shared(Arc::<Fake>::clone(&store)).build();
        built.map(drop).map_err(|wrong| wrong.to_string())
    };
    let limiter = Limiter::new(hourly(4));
    let wrong = "`feed` is not a valid name of a rate limit: expected `search`, as the same limiter is called elsewhere: \
                 a shared store counts by name; give its quota one by `named(…)`";
    assert_eq!(told(in_two_scopes(&limiter)), Err(wrong.to_owned()));
    let elsewhere = RateLimitPolicy::builder().global(Scope::Everything, limiter);
    assert!(told(elsewhere).is_err(), "in two policies as well");
    assert_eq!(told(in_two_scopes(&Limiter::new(hourly(4).named("both").unwrap()))), Ok(()));
}
