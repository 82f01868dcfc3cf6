//! Any range of an object of any length.

use palisade_vfs_store::{Object, Objects};
use proptest::prelude::*;

use crate::stage::{CHUNK, bytes, place, put, read, vault};

async fn object(length: usize) -> (Object, Vec<u8>) {
    let (objects, place, plain) = (Objects::in_memory(vault()), place(), bytes(length));
    put(&objects, &place, &plain).await.unwrap();
    (objects.open_object(&place, length as u64).await.unwrap(), plain)
}

#[tokio::test]
async fn a_range_is_its_bytes_at_every_boundary() {
    // 40 chunks: more than one request asks for.
    let (object, plain) = object(40 * CHUNK + 5).await;
    let boundaries = [0, 1, CHUNK, 15 * CHUNK, 16 * CHUNK, 17 * CHUNK, 32 * CHUNK, 40 * CHUNK];
    let ends = [plain.len() - 1, plain.len(), plain.len() + 1];
    let about = boundaries.iter().flat_map(|at| [at.saturating_sub(1), *at, at + 1]);
    let places: Vec<usize> = about.chain(ends).collect();
    for from in &places {
        for to in &places {
            let found = read(&object, *from as u64..*to as u64).await.unwrap();
            let expected = plain.get(*from..(*to).min(plain.len())).unwrap_or_default();
            assert!(found == expected, "{from}..{to}: {} bytes", found.len());
        }
    }
    assert!(read(&object, 0..u64::MAX).await.unwrap() == plain);
    assert_eq!(read(&object, u64::MAX..u64::MAX).await.unwrap(), b"");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_range_of_any_object_is_its_bytes(
        length in prop_oneof![0_usize..300, 60_000_usize..70_000, 0_usize..3_000_000],
        from in 0.0_f64..1.1,
        to in 0.0_f64..1.1,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (object, plain) = object(length).await;
            let at = |part: f64| (part * length as f64) as usize;
            let found = read(&object, at(from) as u64..at(to) as u64).await.unwrap();
            let expected = plain.get(at(from)..at(to).min(length)).unwrap_or_default();
            prop_assert!(found == expected);
            Ok(())
        })?;
    }
}
