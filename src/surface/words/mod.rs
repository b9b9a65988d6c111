//! Sentences: where they are printed, and how sizes and times read in them.

mod fluent;
#[cfg(test)]
mod named;

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

/// A time in the owner's zone; one that no calendar has, as its seconds behind an @.
pub fn time(seconds: i64) -> String {
    let zone = jiff::tz::TimeZone::system();
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => format!("@{seconds}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::app::Text;
    use crate::consent::Language;
    use crate::engine::account::problem::ProblemKind;
    use crate::local::audit::{Event, Outcome};
    use crate::local::work_lock::WorkKind;

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

    /// The program's own files, without their tests.
    fn sources() -> Vec<String> {
        let (mut found, mut folders) = (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    let text = std::fs::read_to_string(path).unwrap();
                    found.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
                }
            }
        }
        found
    }

    /// What the log, the locks and the disk's failures are called by in the code has words in both languages.
    #[test]
    fn what_the_code_calls_by_english_words_has_words() {
        let chinese = Words::of(Language::Chinese);
        let mut called: Vec<(&str, String)> = Vec::new();
        called.extend(Event::ALL.iter().map(|event| ("log-event", event.as_str().to_owned())));
        called.extend(Outcome::ALL.iter().map(|outcome| ("log-outcome", outcome.as_str().to_owned())));
        called.extend(ProblemKind::ALL.map(|kind| ("log-what", kind.as_str().to_owned())));
        called.extend(WorkKind::ALL.map(|kind| ("work", kind.as_str().to_owned())));
        let files = sources();
        let openings = [
            ("disk-cannot", "DiskError::at(\""),
            ("disk-cannot", "action: \""),
            ("log-what", ".what(\""),
            ("log-what", "audit(account, \""),
        ];
        for (prefix, opening) in openings {
            let found = files.iter().flat_map(|text| text.split(opening).skip(1)).filter_map(|rest| rest.split('"').next());
            called.extend(found.map(|word| (prefix, word.to_owned())));
        }
        let names = ["Audited::of(", "let what = ", "(Event::"];
        let lines = files.iter().flat_map(|text| text.split("fn audited(").skip(1)).flat_map(|rest| rest.lines().take(10));
        for line in lines.filter(|line| names.iter().any(|name| line.contains(name))) {
            let line = line.split(".names(").next().unwrap();
            called.extend(line.split('"').skip(1).step_by(2).map(|word| ("log-what", word.to_owned())));
        }
        called.extend(
            files
                .iter()
                .flat_map(|text| text.split("=> \"locked").skip(1))
                .map(|rest| ("log-what", format!("locked{}", rest.split('"').next().unwrap()))),
        );
        let without: Vec<_> =
            called.iter().filter(|(_, word)| !word.is_empty()).map(|(prefix, word)| Text::of_words(prefix, word).id).collect();
        let count = without.len();
        let without: Vec<_> = without.into_iter().filter(|id| chinese.get(id, None).is_none_or(|said| said.is_ascii())).collect();
        assert!(count > 170 && without.is_empty(), "{count}: {without:?}");
    }
}
