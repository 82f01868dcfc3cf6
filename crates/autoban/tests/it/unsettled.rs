//! What may still be undone is on no disk and known to nobody else; what was settled and not written is done once more.

use std::{fs, path::Path};

use palisade_autoban::{Applied, AutoBan, BanChange, BanOrder, BanTarget, UnsettledChange};

fn on(folder: &Path) -> AutoBan {
    AutoBan::builder().file(folder.join("ban.json")).build().unwrap()
}

fn user(id: &str) -> BanTarget {
    BanTarget::user(id).unwrap()
}

fn banned(auto_ban: &AutoBan, id: &str) -> UnsettledChange {
    let order = BanOrder::by("alice");
    auto_ban.plan_ban(&user(id), order).unwrap().put_in_force().unwrap()
}

/// Whom the file names, once all that is settled is in it.
fn in_file(auto_ban: &AutoBan, folder: &Path) -> Vec<&'static str> {
    // Something that is settled, so that it is written.
    auto_ban.ban_user("other", BanOrder::by("bob")).unwrap();
    auto_ban.flush().unwrap();
    let file = fs::read_to_string(folder.join("ban.json")).unwrap();
    ["eve", "mallory"].into_iter().filter(|id| file.contains(id)).collect()
}

fn in_force(auto_ban: &AutoBan) -> Vec<BanChange> {
    let mut bans = auto_ban.in_force();
    bans.retain(|change| change.target != user("other"));
    bans
}

#[test]
fn a_ban_that_may_be_undone_reaches_the_disk_and_the_others_only_once_it_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let auto_ban = on(folder.path());
    let change = banned(&auto_ban, "eve");
    assert!(auto_ban.bans().users.iter().any(|ban| ban.value == "eve"), "it is in force");
    assert_eq!(in_file(&auto_ban, folder.path()), [""; 0], "with somebody else's");
    assert_eq!(in_force(&auto_ban), []);
    change.settle();
    assert_eq!(in_file(&auto_ban, folder.path()), ["eve"]);
    assert_eq!(in_force(&auto_ban).len(), 1);
}

#[test]
fn a_lift_that_may_be_undone_leaves_the_ban_on_the_disk_until_it_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let auto_ban = on(folder.path());
    banned(&auto_ban, "eve").settle();
    for settles in [false, true] {
        let lift = auto_ban.plan_lift(&user("eve"), "alice").put_in_force().unwrap();
        assert_eq!(in_file(&auto_ban, folder.path()), ["eve"]);
        if settles {
            lift.settle();
        } else {
            drop(lift);
        }
        let left: &[_] = if settles { &[] } else { &["eve"] };
        assert_eq!(in_file(&auto_ban, folder.path()), left);
    }
}

#[test]
fn of_two_changes_at_once_the_one_that_is_settled_is_on_the_disk_while_the_other_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let auto_ban = on(folder.path());
    let ban = banned(&auto_ban, "eve");
    let lift = auto_ban.plan_lift(&user("eve"), "bob").put_in_force().unwrap();
    ban.settle();
    assert_eq!(in_file(&auto_ban, folder.path()), ["eve"], "the lift is open");
    let again = banned(&auto_ban, "eve");
    lift.settle();
    assert_eq!(in_file(&auto_ban, folder.path()), [""; 0], "the second ban is open");
    drop(again);
    assert_eq!(in_file(&auto_ban, folder.path()), [""; 0]);

    let (first, second) = (banned(&auto_ban, "mallory"), banned(&auto_ban, "mallory"));
    let third = auto_ban.plan_lift(&user("mallory"), "bob").put_in_force().unwrap();
    second.settle();
    first.settle();
    let of_second = in_force(&auto_ban);
    assert_eq!(of_second.len(), 1, "the lift is open");
    drop(third);
    assert_eq!(in_force(&auto_ban), of_second, "the second one, though the first ended last");
}

#[test]
fn what_was_settled_and_not_written_is_done_once_more_and_no_more_than_once() {
    let folder = tempfile::tempdir().unwrap();
    let (ban, lift) = {
        let forgets = AutoBan::builder().build().unwrap();
        let (eve, mallory) = (banned(&forgets, "eve"), banned(&forgets, "mallory"));
        let bans = [eve.orders(), mallory.orders()].concat();
        eve.settle();
        mallory.settle();
        let lift = forgets.plan_lift(&user("mallory"), "alice").put_in_force().unwrap();
        (bans, lift.orders())
    };
    let auto_ban = on(folder.path());
    let orders = || [ban.clone(), lift.clone()].concat().into_iter();
    let done: Vec<_> = orders().map(|change| auto_ban.resume(&change)).collect();
    assert_eq!(done, [Applied::Banned, Applied::Banned, Applied::Lifted]);
    let again: Vec<_> = orders().map(|change| auto_ban.resume(&change)).collect();
    assert_eq!(again, [Applied::Unchanged; 3]);
    assert_eq!(in_file(&auto_ban, folder.path()), ["eve"]);
    // What is newer stays.
    auto_ban.unban_user("eve", "carol");
    banned(&auto_ban, "mallory").settle();
    orders().for_each(|change| assert_eq!(auto_ban.resume(&change), Applied::Unchanged));
    assert_eq!(in_file(&auto_ban, folder.path()), ["mallory"]);
}

#[test]
fn a_lift_of_nobody_is_an_order_too_since_others_may_know_of_a_ban() {
    let auto_ban = AutoBan::builder().build().unwrap();
    let lift = auto_ban.plan_lift(&user("eve"), "alice").put_in_force().unwrap();
    assert_eq!(lift.changes(), []);
    let orders = lift.orders();
    assert_eq!((orders.len(), &orders[0].target, &orders[0].ban), (1, &user("eve"), &None));
    assert_eq!(orders[0].by.as_deref(), Some("alice"));
}
