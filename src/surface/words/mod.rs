//! Sentences: where they are printed, and how sizes and times read in them.

mod fluent;

pub use fluent::Words;

use std::io::Write;

/// Prints a line beside the answer.
pub fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints a question; what is typed stands behind it, or behind a mark of its own where the question ends with what can be chosen.
pub fn ask(question: &str) {
    let mark = if question.ends_with([':', '?', ']', ')', '：', '？', '）']) { " " } else { "\n> " };
    let mut error = std::io::stderr().lock();
    let _ = write!(error, "{question}{mark}").and_then(|()| error.flush());
}

/// A size in words: bytes below 1 kB, then kB, MB, GB, TB of 1000.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if value < 9.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

/// A time in the owner's zone.
pub fn time(seconds: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => "an impossible time".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        let sizes = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_999, "10 kB"),
            (999_700, "1.0 MB"),
            (481_000_000, "481 MB"),
            (3 << 40, "3.3 TB"),
        ];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
    }
}
