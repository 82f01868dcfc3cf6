//! URLs: what is understood, and what a mistake says.

use palisade_redis::RedisUrl;

fn check(text: &str, shown: &str) {
    let url: RedisUrl = text.parse().unwrap();
    assert_eq!(url.to_string(), shown);
}

fn mistake(text: &str, says: &str) {
    let error = text.parse::<RedisUrl>().unwrap_err().to_string();
    assert!(error.contains(says), "{error}");
    assert!(!error.contains("s3cret"), "{error}");
}

#[test]
fn every_form_is_understood_and_shown_without_its_password() {
    check("redis://localhost", "redis://localhost:6379/0");
    check("valkey://10.0.0.7:7000/3", "valkey://10.0.0.7:7000/3");
    check("redis://app:s3cret@[::1]:7000", "redis://…@[::1]:7000/0");
    check("redis://:s3cret@host/1", "redis://…@host:6379/1");
    check("redis-cluster://u:s3cret@a,b:7001,c:7002/", "redis-cluster://…@a:6379,b:7001,c:7002");
    check("redis-sentinel://:s3cret@a,b:5000/main/2", "redis-sentinel://…@a:26379,b:5000/main/2");
    check("redis+unix:///run/redis.sock", "redis+unix:///run/redis.sock");
}

#[test]
fn a_mistake_is_named_without_what_may_be_a_password() {
    mistake("localhost:6379", "did you mean `redis://localhost:6379`?");
    mistake("app:s3cret@host", "expected `redis://");
    mistake("http://app:s3cret@host", "`http://…` is not a valid URL of Redis");
    mistake("redis://:s3cret", "a port from 1 to 65535");
    mistake("redis://host:99999", "a port from 1 to 65535");
    mistake("redis://host:0", "a port from 1 to 65535");
    mistake("redis://u:s3@cret@host", "`%40`");
    mistake("redis://host?password=s3cret", "`%3F`");
    mistake("redis://a,b", "did you mean `redis-cluster://");
    mistake("redis://host/main", "the number of a database");
    mistake("redis-cluster://a,b/2", "number 0 alone");
    mistake("redis-sentinel://a,b", "the name of the master");
    mistake("redis+unix://run/redis.sock", "an absolute path");
    mistake("", "expected `redis://");
}

#[test]
fn no_debug_print_shows_a_password() {
    let url: RedisUrl = "redis-sentinel://app:s3cret@a/main".parse().unwrap();
    assert!(!format!("{url:?}").contains("s3cret"));
    let options = palisade_redis::RedisOptions::default().salt("s3cret");
    assert!(!format!("{options:?}").contains("s3cret"));
}

#[cfg(not(feature = "tls"))]
#[test]
fn tls_without_the_feature_is_said_at_build() {
    mistake("rediss://host", "a build with the feature `tls`");
}
