//! What cannot be built.

use std::time::Duration;

use palisade_live::{Config, Feed, Message};

fn check(config: Config) -> String {
    Feed::start(config, |(): &()| Message::new()).unwrap_err().to_string()
}

#[test]
fn a_setting_out_of_its_range_is_named_with_the_range() {
    let cases = [
        (Config::new().ring(1_000_001), "number of events that can be resumed from", "1000000"),
        (Config::new().queue(0), "queue of a live reader", "1 to 65536"),
        (Config::new().inbox(0), "inbox of a feed", "1 to 1048576"),
        (Config::new().patience(Duration::ZERO), "patience with a live reader", "1 ms to 1 h"),
    ];
    for (config, what, range) in cases {
        let told = check(config);
        assert!(told.contains(what) && told.contains(range), "{told}");
    }
}
