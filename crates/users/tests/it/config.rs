//! Bounds that make no sense are told when they are set.

use std::time::Duration;

use palisade_users::Revocations;

#[test]
fn a_life_below_a_minute_and_a_bound_of_zero_are_mistakes() {
    let mistake = |builder: palisade_users::RevocationsBuilder| {
        builder.build().err().map(|error| error.to_string()).unwrap_or_default()
    };
    let builder = Revocations::builder;
    assert_eq!(mistake(builder()), "");
    assert_eq!(mistake(builder().longest_life(Duration::from_secs(60))), "");
    assert_eq!(
        mistake(builder().longest_life(Duration::from_secs(59))),
        "`59s` is not a valid longest life of a token: expected at least a minute"
    );
    assert_eq!(
        mistake(builder().most_users(0)),
        "`0` is not a valid number of users: expected more than zero"
    );
    assert_eq!(
        mistake(builder().most_streams(0)),
        "`0` is not a valid number of streams: expected more than zero"
    );
}
