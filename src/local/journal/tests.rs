//! The journal's tests.

use super::*;
use crate::core::testing::Counting;

fn key() -> Secret<32> {
    Secret::random(&Counting::new(91)).unwrap()
}

fn record(n: u8) -> Record {
    Record { kind: n, bytes: vec![n; usize::from(n) * 3] }
}

/// A journal of five records in two epochs.
fn made(folder: &Path) -> PathBuf {
    let path = folder.join("journal");
    for (seed, numbers) in [(1, 1..4u8), (2, 4..6)] {
        let (mut journal, _, _) = Journal::open(&path, &key(), &Counting::new(seed)).unwrap();
        numbers.for_each(|n| journal.append(n, &record(n).bytes).unwrap());
    }
    path
}

#[test]
fn records_come_back_in_order_and_are_not_readable_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    let (mut journal, records, recovery) = Journal::open(&path, &key(), &Counting::new(3)).unwrap();
    assert_eq!((records, recovery), ((1..6).map(record).collect(), Recovery::default()));
    journal.append(9, b"canary").unwrap();
    assert!(!std::fs::read(&path).unwrap().windows(6).any(|w| w == b"canary"));
    assert!(matches!(
        Journal::open(&path, &Secret::random(&Counting::new(4)).unwrap(), &Counting::new(5)),
        Err(JournalError::Damaged { .. })
    ));
}

/// A power cut leaves a beginning of the file: what was whole in it comes back, and appending goes on.
#[test]
fn every_cut_gives_a_beginning_of_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(made(folder.path())).unwrap();
    let mut most = 0;
    for cut in MAGIC.len()..=whole.len() {
        let (records, good) = read(&whole[..cut], &key()).unwrap();
        assert_eq!(records, (1..=u8::try_from(records.len()).unwrap()).map(record).collect::<Vec<_>>());
        assert!(good <= cut && records.len() >= most);
        most = records.len();
        let path = folder.path().join("cut");
        std::fs::write(&path, [&whole[..cut], &[0; 100]].concat()).unwrap();
        let (mut journal, again, _) = Journal::open(&path, &key(), &Counting::new(cut as u64)).unwrap();
        assert_eq!(again.len(), records.len(), "zeros after the cut");
        journal.append(7, b"next").unwrap();
        assert_eq!(Journal::open(&path, &key(), &Counting::new(0)).unwrap().1.len(), records.len() + 1);
    }
}

/// A changed byte before the last record is damage, told with its place; in the last record it is a torn tail.
#[test]
fn no_change_in_the_middle_is_taken_for_a_torn_tail() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(made(folder.path())).unwrap();
    let last = whole.len() - (1 + record(5).bytes.len() + TAG) - HEAD;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        match read(&bytes, &key()) {
            Err(damaged) => assert!(damaged <= at, "{at}"),
            Ok((records, good)) => assert!(at >= last && records.len() == 4 && good == last, "{at}"),
        }
    }
}

#[test]
fn records_are_not_removed_swapped_or_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(made(folder.path())).unwrap();
    let mut frames = Vec::new();
    let mut at = MAGIC.len();
    while at < whole.len() {
        let length = u32::from_le_bytes(whole[at..at + 4].try_into().unwrap());
        let end = at + HEAD + if length == EPOCH { SALT } else { length as usize };
        frames.push(&whole[at..end]);
        at = end;
    }
    let forge = |order: &[usize]| [&MAGIC[..], &order.iter().flat_map(|i| frames[*i].to_vec()).collect::<Vec<_>>()].concat();
    assert_eq!(read(&forge(&[0, 1, 2, 3, 4, 5, 6]), &key()).unwrap().0.len(), 5);
    for order in [&[0, 2, 3, 4, 5, 6][..], &[0, 2, 1, 3, 4, 5, 6], &[0, 1, 1, 2, 3], &[4, 5, 6], &[0, 1, 2, 4, 5, 6]] {
        assert!(read(&forge(order), &key()).is_err(), "{order:?}");
    }
}

#[test]
fn rewriting_keeps_what_it_is_given_and_appending_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    let (journal, _, _) = Journal::open(&path, &key(), &Counting::new(6)).unwrap();
    let mut journal = journal.rewrite(&[record(2)], &Counting::new(7)).unwrap();
    journal.append(3, &record(3).bytes).unwrap();
    assert_eq!(Journal::open(&path, &key(), &Counting::new(8)).unwrap().1, [record(2), record(3)]);
}

/// Two that append in turn read each other's records, across a compaction by either, and a third reads all of them.
#[test]
fn those_that_append_in_turn_take_over_what_the_others_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    let (mut one, _, _) = Journal::open(&path, &key(), &Counting::new(11)).unwrap();
    let (mut two, _, _) = Journal::open(&path, &key(), &Counting::new(12)).unwrap();
    let mut seen = Vec::new();
    for round in 0..6u8 {
        let (writer, reader) = if round % 2 == 0 { (&mut one, &mut two) } else { (&mut two, &mut one) };
        let mut read = Vec::new();
        for n in 0..=round {
            writer.catch_up(&Counting::new(u64::from(round) + 20)).unwrap();
            writer.append(round, &[n]).unwrap();
            // also in the middle of an epoch that goes on
            if n % 2 == 0 {
                let tail = reader.catch_up(&Counting::new(u64::from(round) + 40)).unwrap();
                assert!(!tail.replaced && tail.dropped == 0);
                read.extend(tail.records);
                let (mut third, records, _) = Journal::open(&path, &key(), &Counting::new(70)).unwrap();
                assert_eq!(records.len(), 5 + seen.len() + read.len());
                assert!(third.catch_up(&Counting::new(71)).unwrap().records.is_empty());
            }
        }
        read.extend(reader.catch_up(&Counting::new(u64::from(round) + 40)).unwrap().records);
        assert_eq!(read, (0..=round).map(|n| Record { kind: round, bytes: vec![n] }).collect::<Vec<_>>());
        seen.extend(read);
        assert!(reader.catch_up(&Counting::new(1)).unwrap().records.is_empty());
    }
    let mut two = two.rewrite(&[record(3)], &Counting::new(60)).unwrap();
    two.append(4, b"after").unwrap();
    let tail = one.catch_up(&Counting::new(61)).unwrap();
    assert!(tail.replaced && tail.records.len() == 2);
    one.append(5, b"mine").unwrap();
    assert_eq!(two.catch_up(&Counting::new(62)).unwrap().records, [Record { kind: 5, bytes: b"mine".to_vec() }]);
    assert_eq!(Journal::open(&path, &key(), &Counting::new(63)).unwrap().1.len(), 3);
    assert_eq!(seen.len(), 21);
}

/// What a killed process left half-written is dropped by the next that writes, and told.
#[test]
fn a_torn_append_of_another_is_dropped_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    let (mut one, _, _) = Journal::open(&path, &key(), &Counting::new(13)).unwrap();
    let before = std::fs::metadata(&path).unwrap().len();
    let (mut two, _, _) = Journal::open(&path, &key(), &Counting::new(14)).unwrap();
    two.append(1, b"half").unwrap();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(before + 30).unwrap();
    let tail = one.catch_up(&Counting::new(15)).unwrap();
    assert_eq!((tail.records.len(), tail.dropped), (0, 30));
    one.append(2, b"next").unwrap();
    assert_eq!(Journal::open(&path, &key(), &Counting::new(16)).unwrap().1.len(), 6);
    // what was acknowledged and is gone is damage
    OpenOptions::new().write(true).open(&path).unwrap().set_len(before - 3).unwrap();
    assert!(matches!(one.catch_up(&Counting::new(17)), Err(JournalError::Damaged { .. })));
}

#[test]
fn a_failed_append_closes_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path());
    let (mut journal, _, _) = Journal::open(&path, &key(), &Counting::new(9)).unwrap();
    journal.file = File::open(&path).unwrap();
    assert!(matches!(journal.append(1, b"x"), Err(JournalError::Disk(..))));
    assert!(matches!(journal.append(1, b"x"), Err(JournalError::Closed(_))));
}
