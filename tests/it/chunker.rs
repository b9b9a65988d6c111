//! Cutting as its callers see it: lengths within bounds, the same cuts however the data arrives, the same again behind a change.

use crate::support::corpus;
use std::collections::HashSet;

use printkeep::core::chunker::{Chunker, Sizes};
use printkeep::core::secret::Secret;
use proptest::prelude::*;

const MIN: usize = 1 << 10;
const AVG: usize = 4 << 10;
const MAX: usize = 8 << 10;

fn cutter(seed: u8) -> Chunker {
    Chunker::new(Sizes::new(MIN, AVG, MAX).unwrap(), &Secret::filled_by(|key| *key = [seed; 32]))
}

fn random(len: usize, seed: u64) -> Vec<u8> {
    let mut data = vec![0; len];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut data);
    data
}

/// Chunk lengths when all of `data` is at hand.
fn lengths(cutter: &Chunker, mut data: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    while let Some(len) = cutter.next(data, true) {
        found.push(len);
        data = &data[len..];
    }
    assert!(data.is_empty());
    found
}

/// Chunk lengths when `data` arrives in reads of these lengths, in turn.
fn lengths_by_reads(cutter: &Chunker, mut data: &[u8], reads: &[usize]) -> Vec<usize> {
    let (mut found, mut buffer) = (Vec::new(), Vec::new());
    for read in reads.iter().cycle() {
        while let Some(len) = cutter.next(&buffer, data.is_empty()) {
            found.push(len);
            buffer.drain(..len);
        }
        if data.is_empty() {
            break;
        }
        let (now, later) = data.split_at(*read.min(&data.len()));
        buffer.extend_from_slice(now);
        data = later;
    }
    found
}

/// The chunks of `data`.
fn chunks<'a>(cutter: &Chunker, data: &'a [u8]) -> Vec<&'a [u8]> {
    let mut at = 0;
    lengths(cutter, data).iter().map(|len| (&data[at..at + len], at += len).0).collect()
}

/// Data of many characters: random, few letters, long runs, short periods, and all of them in a row.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let varied = (0usize..60_000, any::<u64>()).prop_map(|(len, seed)| random(len, seed));
    let letters = (0usize..60_000, any::<u64>())
        .prop_map(|(len, seed)| random(len, seed).iter().map(|b| b"01 \n"[usize::from(b % 4)]).collect());
    let run = (0usize..60_000, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]);
    let period = (0usize..60_000, 1usize..400, any::<u64>())
        .prop_map(|(len, period, seed)| random(period, seed).into_iter().cycle().take(len).collect());
    prop::collection::vec(prop_oneof![varied, letters, run, period], 0..4).prop_map(|parts: Vec<Vec<u8>>| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn every_chunk_but_the_last_is_within_bounds(data in content(), key in any::<u8>()) {
        let lengths = lengths(&cutter(key), &data);
        prop_assert_eq!(lengths.iter().sum::<usize>(), data.len());
        if let Some((last, others)) = lengths.split_last() {
            prop_assert!(others.iter().all(|len| (MIN..=MAX).contains(len)), "{:?}", lengths);
            prop_assert!((1..=MAX).contains(last));
        }
    }

    #[test]
    fn how_the_data_arrives_makes_no_difference(data in content(), reads in prop::collection::vec(1usize..20_000, 1..8)) {
        let cutter = cutter(1);
        prop_assert_eq!(lengths_by_reads(&cutter, &data, &reads), lengths(&cutter, &data));
    }

    #[test]
    fn a_chunk_does_not_depend_on_what_follows(data in content(), tail in content()) {
        let cutter = cutter(2);
        let alone = lengths(&cutter, &data);
        let followed = lengths(&cutter, &[data.as_slice(), &tail].concat());
        // A chunk that starts within `MAX` bytes of the end may have been decided by the end.
        let starts = alone.iter().scan(0, |end, len| { let start = *end; *end += len; Some(start) });
        let settled = starts.take_while(|start| start + MAX <= data.len()).count();
        prop_assert_eq!(&alone[..settled], &followed[..settled]);
    }
}

#[test]
fn behind_a_change_the_same_chunks_follow() {
    let cutter = cutter(3);
    let data = random(4 << 20, 1);
    let before: HashSet<_> = chunks(&cutter, &data).into_iter().collect();
    for (place, removed, inserted) in
        [(10, 0, 1), (10, 1, 0), (70_000, 0, 1), (70_001, 1, 1), (5_000, 3_000, 17), (0, 0, 1_000_003), (0, 1_234_567, 0)]
    {
        let changed = [&data[..place], &random(inserted, 2), &data[place + removed..]].concat();
        let new: usize = chunks(&cutter, &changed).iter().filter(|chunk| !before.contains(*chunk)).map(|chunk| chunk.len()).sum();
        assert!(new <= inserted + 8 * AVG, "{} bytes new beyond the change at {place}", new - inserted);
    }
}

#[test]
fn moved_content_is_found_again_after_a_few_chunks() {
    const ROUNDS: usize = 100;
    let cutter = cutter(4);
    let shared = random(256 << 10, 3);
    let known: HashSet<_> = chunks(&cutter, &shared).into_iter().collect();
    let lost: usize = (0..ROUNDS)
        .map(|round| {
            let moved = [random(137 * round, 4), shared.clone()].concat();
            let found: usize =
                chunks(&cutter, &moved).iter().filter(|chunk| known.contains(*chunk)).map(|chunk| chunk.len()).sum();
            shared.len() - found
        })
        .sum();
    assert!(lost / ROUNDS < 3 * AVG, "{} bytes until the cuts fall together, on average", lost / ROUNDS);
}

#[test]
fn chunks_have_the_average_asked_for() {
    let data = random(8 << 20, 5);
    let lengths = lengths(&cutter(5), &data);
    let average = data.len() / lengths.len();
    assert!((AVG * 92 / 100..AVG * 105 / 100).contains(&average), "{average}");
    assert!(!lengths.contains(&MAX), "varied content has always an anchor");
}

#[test]
fn content_that_repeats_one_byte_is_cut_in_one_rhythm() {
    for byte in 0..=255 {
        let lengths = lengths(&cutter(6), &vec![byte; 100 << 10]);
        assert!(lengths[..lengths.len() - 1].iter().all(|len| *len == lengths[0]), "byte {byte}: {lengths:?}");
    }
}

#[test]
fn two_keys_have_no_cuts_in_common() {
    let data = random(8 << 20, 6);
    let ends =
        |seed| -> HashSet<usize> { lengths(&cutter(seed), &data).iter().scan(0, |at, len| (*at += len, Some(*at)).1).collect() };
    // 2,048 cuts each among 8 M places: half a common one is expected by chance, and the end.
    assert!(ends(7).intersection(&ends(8)).count() <= 5);
}

#[test]
fn more_is_asked_for_only_below_the_longest_chunk() {
    let (cutter, data) = (cutter(9), random(MAX, 7));
    assert_eq!(cutter.next(&[], false), None);
    assert_eq!(cutter.next(&[], true), None);
    assert_eq!(cutter.next(&data[..MAX - 1], false), None);
    assert!(cutter.next(&data, false).is_some());
    assert_eq!(cutter.next(&data[..MIN], true), Some(MIN));
    assert_eq!(cutter.next(&data[..1], true), Some(1));
}

/// A cutter that cuts elsewhere finds nothing again of what earlier versions stored: such a change must be meant.
#[test]
fn the_cuts_are_those_of_this_version() {
    let lengths = lengths(&cutter(10), &random(400_000, 8));
    assert_eq!(lengths[..8], [4416, 4630, 3541, 1076, 2869, 5482, 4134, 1539]);
    assert_eq!(
        blake3::hash(format!("{lengths:?}").as_bytes()).to_hex().as_str(),
        "fe98f68d24213a6065064030831d822fb99460e31f00509a32418b5345acc318"
    );
}

#[test]
fn print_files_are_cut_into_chunks_of_the_average_asked_for() {
    for kind in [corpus::Kind::Gcode, corpus::Kind::Stl] {
        let data = corpus::content(kind, 4 << 20, 0, 1);
        let average = data.len() / lengths(&cutter(11), &data).len();
        assert!((AVG * 85 / 100..AVG * 115 / 100).contains(&average), "{kind:?}: {average}");
    }
}

#[test]
fn a_print_sliced_again_shares_chunks() {
    let cutter = cutter(12);
    let (first, again) = (corpus::gcode::sliced(2 << 20, 5), corpus::gcode::resliced(2 << 20, 5, 6));
    assert_ne!(first, again);
    let known: HashSet<_> = chunks(&cutter, &first).into_iter().collect();
    let shared: usize = chunks(&cutter, &again).iter().filter(|chunk| known.contains(*chunk)).map(|chunk| chunk.len()).sum();
    let percent = shared * 100 / again.len();
    assert!((40..95).contains(&percent), "{percent} % at 4 KiB");
}

/// What benches and tests conclude from the corpus holds for real files only as long as it compresses like them.
#[test]
fn the_corpus_compresses_like_printer_files() {
    let bounds = [(4.5, 5.5), (3.3, 4.0), (0.99, 1.01), (0.99, 1.01), (0.99, 1.1), (3.2, 4.0)];
    for ((kind, ..), (least, most)) in corpus::SHARES.into_iter().zip(bounds) {
        let size = if kind == corpus::Kind::Settings { 4 << 10 } else { 1 << 20 };
        let files: Vec<_> = (0..4).map(|number| corpus::content(kind, size, number, 9)).collect();
        let packed: usize = files.iter().map(|file| zstd::bulk::compress(file, 3).unwrap().len()).sum();
        let ratio = files.iter().map(Vec::len).sum::<usize>() as f64 / packed as f64;
        assert!((least..=most).contains(&ratio), "{kind:?} {ratio:.2}");
    }
}

#[test]
fn the_corpus_is_the_same_for_the_same_seed_and_as_large_as_asked_for() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let stats = corpus::write(one.path(), 3_000_000, 4).unwrap();
    assert_eq!(corpus::write(two.path(), 3_000_000, 4).unwrap(), stats);
    assert!((2_700_000..3_600_000).contains(&stats.all_bytes()), "{stats:?}");
    let same = std::process::Command::new("diff").arg("-r").args([one.path(), two.path()]).status().unwrap();
    assert!(same.success());
    assert_ne!(corpus::content(corpus::Kind::Gcode, 9000, 0, 4), corpus::content(corpus::Kind::Gcode, 9000, 0, 5));
}
