//! Sentences: what is printed, and where. Lower case, no full stop, a hint apart.

mod fluent;

pub use fluent::Words;

use std::io::Write;

use crate::kind::Find;
use crate::surface::args::Arguments;
use crate::surface::exit::{Exit, Failure};

/// Prints a line; a reader that went away is no error.
pub fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a line beside the answer.
pub fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Says why a command failed and what to do.
pub fn report(command: &str, failure: &Failure, json: bool) -> Exit {
    if json {
        let error = serde_json::json!({ "message": failure.message, "hint": failure.hint });
        let document = serde_json::json!({
            "printkeep": 1, "command": command, "ok": false, "exit": failure.exit as u8, "error": error,
        });
        print(&document.to_string());
    } else {
        note(&format!("printkeep: {}", failure.message));
        if let Some(hint) = &failure.hint {
            note(&format!("  {hint}"));
        }
    }
    failure.exit
}

/// The same, before there is a context.
pub fn report_early(arguments: &Arguments, failure: &Failure) -> Exit {
    report(arguments.command.name(), failure, arguments.json)
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

/// A number and its noun, which gets an s unless there is one.
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Credentials in a file, in words.
pub fn credentials(found: &[Find], left_out: bool) -> String {
    let first: Vec<String> =
        found.iter().take(3).map(|find| format!("line {} holds {}", find.line, find.sort.as_str())).collect();
    let more = if found.len() > 3 { format!(", and {} more", found.len() - 3) } else { String::new() };
    format!("{}{more}{}", first.join(", "), if left_out { "; left out" } else { "" })
}

/// A time in the owner's zone.
pub fn time(seconds: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => "an impossible time".into(),
    }
}

/// A time as documents tell it (RFC 3339, UTC).
pub fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

/// A duration, such as `1 h 05 min`.
pub fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_read_well() {
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
        assert_eq!([duration(5), duration(65), duration(3900)], ["5 s", "1 min", "1 h 05 min"]);
        assert_eq!([count(1, "file"), count(2, "file")], ["1 file", "2 files"]);
    }
}
