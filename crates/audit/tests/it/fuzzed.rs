//! The laws of the fuzz target, on its seeds and on some bytes by chance.

use std::{fs, path::Path};

use proptest::{prelude::*, test_runner::Config};

use crate::target::audit;

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/audit");
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn the_laws_hold_for_every_seed() {
    let seeds = seeds();
    assert!(seeds.len() >= 4);
    seeds.iter().for_each(|seed| audit(seed));
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(200) })]

    #[test]
    fn the_laws_hold_for_what_chance_makes_of_a_seed(
        which in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        piece in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let seeds = seeds();
        let seed = which.get(&seeds);
        let cut = cut.index(seed.len());
        audit(&piece);
        audit(&[&seed[..cut], &*piece].concat());
        audit(&[&seed[..cut], &*piece, &seed[cut..]].concat());
    }
}
