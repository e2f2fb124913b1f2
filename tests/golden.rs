//! Every algorithm against checked digests of the first N digits.

mod common;

use common::{golden, hexadecimal};
use pi_spigot::pi::{Algorithm, DigitCount, Digits, Schedule, Text};
use sha2::{Digest, Sha256};

/// The largest table entry that an algorithm is held to here: larger ones test patience only.
const fn limit(algorithm: Algorithm) -> u64 {
    match algorithm {
        Algorithm::Gibbons => 100_001,
        Algorithm::Gosper => 1_048_576,
        _ => 10_000_000,
    }
}

/// One stream meets every entry on its way.
#[test]
fn unbounded_streams_match_the_table() {
    for &algorithm in Algorithm::ALL {
        let mut stream = Digits::new(algorithm);
        let mut sha256 = Sha256::new();
        let mut produced = 0;
        for entry in golden(limit(algorithm)) {
            let mut ascii = vec![0; usize::try_from(entry.digits - produced).unwrap()];
            stream.fill_ascii(&mut ascii);
            if produced == 1 {
                sha256.update(".");
            }
            sha256.update(&ascii);
            produced = entry.digits;
            assert_eq!(hexadecimal(&sha256), entry.sha256, "{algorithm}, {} digits", entry.digits);
        }
        assert!(produced >= 100_001, "{algorithm} was held to {produced} digits only");
    }
}

/// The finite text is the same, and ends where it should.
#[test]
fn texts_match_the_table() {
    for &algorithm in Algorithm::ALL {
        for entry in golden(20_000) {
            let text = algorithm.digits(DigitCount::new(entry.digits).unwrap());
            assert_eq!(hexadecimal(&Sha256::new_with_prefix(&text)), entry.sha256, "{algorithm}");
            assert!(text.ends_with(entry.end), "{algorithm}, {} digits", entry.digits);
        }
    }
}

#[test]
fn text_blocks_join_to_the_text_and_know_what_is_left() {
    for n in [1, 2, 3, 999, 1000, 1001, 2000, 2500] {
        let n = DigitCount::new(n).unwrap();
        let mut text = Text::new(Algorithm::default(), n);
        let (mut joined, mut remaining) = (String::new(), text.remaining());
        assert_eq!(remaining, n.get());
        while let Some(block) = text.next_block() {
            joined.push_str(block);
            assert!(text.remaining() < remaining, "each block brings a digit");
            remaining = text.remaining();
        }
        assert_eq!(joined, Algorithm::default().digits(n));
        assert_eq!(joined.len() as u64, n.text_len());
        assert_eq!(text.next_block(), None, "the end stays the end");
    }
}

#[test]
fn a_schedule_changes_no_digit_before_or_after_its_end() {
    for &algorithm in Algorithm::ALL {
        let end = DigitCount::new(100).unwrap();
        for schedule in [Schedule::Early(end), Schedule::AtOnce(end)] {
            let hinted = Digits::scheduled(algorithm, schedule);
            assert!(hinted.take(5000).eq(Digits::new(algorithm).take(5000)), "{algorithm}");
        }
    }
}

/// Digits 762 to 767 are six nines: a spigot that guesses would carry here.
#[test]
fn the_run_of_nines_at_762() {
    for &algorithm in Algorithm::ALL {
        let run: Vec<u8> = Digits::new(algorithm).skip(762).take(7).collect();
        assert_eq!(run, [9, 9, 9, 9, 9, 9, 8], "{algorithm}");
    }
}
