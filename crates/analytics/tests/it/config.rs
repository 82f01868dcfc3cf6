//! Settings that make no sense, and what the types promise.

use palisade_analytics::{
    Analytics, AnalyticsLayer, AnalyticsPolicy, Config, Event, Page, Record, Status, Subscription,
};
use palisade_core::Policy;
use palisade_test_support::Echo;

#[test]
fn a_setting_out_of_its_range_is_an_error_at_the_start() {
    let error = |config| Analytics::start(config).unwrap_err().to_string();
    assert_eq!(
        error(Config::new().queue(0)),
        "`0` is not a valid length of the analytics queue: expected a number from 1 to 1048576"
    );
    for config in [
        Config::new().queue(usize::MAX),
        Config::new().keep(0),
        Config::new().keep(usize::MAX),
        Config::new().backlog(0),
        Config::new().backlog(usize::MAX),
        Config::new().subscribers(usize::MAX),
    ] {
        assert!(Analytics::start(config).is_err());
    }
}

#[test]
fn types_can_be_shared_between_threads_and_the_policy_has_its_name() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Analytics>();
    shared::<AnalyticsPolicy>();
    shared::<AnalyticsLayer>();
    shared::<<AnalyticsLayer as tower::Layer<Echo>>::Service>();
    shared::<(Status, Config)>();
    shared::<(Record, Page, Event, Subscription)>();
    let analytics = Analytics::start(Config::default()).unwrap();
    assert_eq!(AnalyticsPolicy::new(&analytics).name(), "analytics");
}
