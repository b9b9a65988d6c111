//! The form of a policy file (TOML), read and checked.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Basis, Language, Policy, PolicyError, PolicyFault, Statement, Text, Without};
use crate::consent::item::Item;
use crate::core::digest::sha256;

/// The longest policy file, in bytes.
pub const MAX_FILE: u64 = 256 * 1024;
#[cfg(test)]
const MAX_LEN: usize = 256 * 1024;
const MAX_TEXT: usize = 8000;
const MAX_WITHOUT: usize = 64;
const MAX_REGIONS: usize = 32;
const MAX_WORD: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    id: String,
    version: u32,
    date: String,
    title: Text,
    summary: Text,
    contact: Text,
    item: Vec<ItemTable>,
    #[serde(default)]
    without: Vec<WithoutTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemTable {
    name: String,
    purpose: Text,
    recipients: Text,
    basis: Basis,
    #[serde(default)]
    regions: Vec<String>,
    days: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithoutTable {
    name: String,
    purpose: Text,
    basis: Basis,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// Names the first thing that is wrong: the form, an item that is missing, unknown or there twice, a text that is empty in a
    /// language, too long or not plain, a time that is longer than the table allows.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.len() as u64 > MAX_FILE {
            return Err(PolicyFault::Large { most: (MAX_FILE / 1024).to_string() }.into());
        }
        let file: File = toml::from_str(text).map_err(|error| placed(text, &error))?;
        if file.format != 1 {
            return Err(PolicyFault::Format { format: file.format.to_string() }.into());
        }
        if file.version == 0 {
            return Err(PolicyFault::Version {}.into());
        }
        word("id", &file.id)?;
        word("date", &file.date)?;
        check("title", &file.title)?;
        check("summary", &file.summary)?;
        check("contact", &file.contact)?;
        let mut statements = BTreeMap::new();
        for table in file.item {
            let item = Item::parse(&table.name).ok_or_else(|| PolicyFault::NoItem { item: short(&table.name) })?;
            let statement = table.statement(item).map_err(|fault| PolicyError { item: Some(item), fault })?;
            if statements.insert(item, statement).is_some() {
                return Err(PolicyFault::Twice { item: item.as_str().to_owned() }.into());
            }
        }
        if let Some(item) = Item::all().find(|item| !statements.contains_key(item)) {
            return Err(PolicyFault::Missing { item: item.as_str().to_owned() }.into());
        }
        if file.without.len() > MAX_WITHOUT {
            return Err(PolicyFault::ManyWithout { most: MAX_WITHOUT.to_string() }.into());
        }
        let without = file.without.into_iter().map(WithoutTable::checked).collect::<Result<_, _>>()?;
        Ok(Self {
            id: file.id,
            version: file.version,
            date: file.date,
            title: file.title,
            summary: file.summary,
            contact: file.contact,
            statements,
            without,
            hash: sha256(text.as_bytes()),
        })
    }
}

impl ItemTable {
    fn statement(self, item: Item) -> Result<Statement, PolicyFault> {
        check("purpose", &self.purpose)?;
        check("recipients", &self.recipients)?;
        if self.regions.len() > MAX_REGIONS {
            return Err(PolicyFault::ManyRegions { most: MAX_REGIONS.to_string() });
        }
        self.regions.iter().try_for_each(|region| word("region", region))?;
        if self.days > item.days() {
            return Err(PolicyFault::Days { days: self.days.to_string(), most: item.days().to_string() });
        }
        if item.is_recorded() && self.days == 0 {
            return Err(PolicyFault::NoDays {});
        }
        let expected = if item.purpose().is_served() { Basis::Consent } else { Basis::None };
        if self.basis != expected {
            let (basis, expected) = (self.basis.as_str().to_owned(), expected.as_str().to_owned());
            return Err(PolicyFault::Basis { basis, expected });
        }
        let Self { purpose, recipients, basis, regions, days, .. } = self;
        Ok(Statement { purpose, recipients, basis, regions, days })
    }
}

impl WithoutTable {
    fn checked(self) -> Result<Without, PolicyFault> {
        word("without: name", &self.name)?;
        check(&format!("without {:?}: purpose", self.name), &self.purpose)?;
        if matches!(self.basis, Basis::Consent | Basis::None) {
            return Err(PolicyFault::WithoutBasis { name: self.name });
        }
        Ok(Without { name: self.name, purpose: self.purpose, basis: self.basis })
    }
}

fn check(name: &str, text: &Text) -> Result<(), PolicyFault> {
    for (language, text) in Language::ALL.map(|language| (language, text.in_language(language))) {
        let (name, language) = (name.to_owned(), language.as_str().to_owned());
        if text.trim().is_empty() {
            return Err(PolicyFault::Empty { name, language });
        }
        if text.chars().count() > MAX_TEXT {
            return Err(PolicyFault::Long { name, most: MAX_TEXT.to_string(), language });
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(PolicyFault::Control { name, language });
        }
    }
    Ok(())
}

fn word(name: &str, text: &str) -> Result<(), PolicyFault> {
    if text.is_empty() || text.len() > MAX_WORD || text.chars().any(char::is_control) {
        return Err(PolicyFault::Word { name: name.to_owned(), most: MAX_WORD.to_string() });
    }
    Ok(())
}

fn short(text: &str) -> String {
    text.chars().take(MAX_WORD).collect()
}

/// A parser's message with its line, on one line.
fn placed(text: &str, error: &toml::de::Error) -> PolicyFault {
    let message = error.message().lines().next().unwrap_or("it is no TOML");
    match error.span() {
        Some(span) => {
            let before = text.as_bytes().get(..span.start).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            PolicyFault::Line { line: line.to_string(), said: short(message) }
        }
        None => PolicyFault::Unread { said: short(message) },
    }
}

#[cfg(test)]
mod tests {
    use super::super::BUILT_IN;
    use super::*;

    #[test]
    fn what_needs_no_consent_says_why_it_may_do_without() {
        let at = BUILT_IN.find("[[without]]").unwrap();
        for (basis, fine) in [("contract", true), ("legal-obligation", true), ("consent", false), ("none", false)] {
            let line = BUILT_IN[at..].lines().find(|line| line.starts_with("basis = ")).unwrap();
            let text = format!("{}{}", &BUILT_IN[..at], BUILT_IN[at..].replacen(line, &format!("basis = \"{basis}\""), 1));
            assert_eq!(Policy::parse(&text).is_ok(), fine, "{basis}");
        }
    }

    #[test]
    fn each_fault_is_named() {
        let last = BUILT_IN.find("[[item]]").unwrap();
        let without_days = BUILT_IN.replacen("days = 90", "days = 91", 1);
        for (text, said) in [
            (String::new(), "missing field"),
            ("format = ".into(), "line 1:"),
            (BUILT_IN.replacen("version = 1", "version = one", 1), "line 4:"),
            (BUILT_IN.replacen("format = 1", "format = 2", 1), "format is 2"),
            (BUILT_IN.replacen("version = 1", "version = 0", 1), "version must be 1"),
            (BUILT_IN.replacen("\"device.serial\"", "\"device.iris\"", 1), "knows no kind of data"),
            (BUILT_IN.replacen("\"device.serial\"", "\"device.model\"", 1), "device.model\" is there twice"),
            (format!("{BUILT_IN}\nmore = 1\n"), "unknown field"),
            (BUILT_IN[..last].to_owned(), "missing field `item`"),
            (without_days, "at most 90 days"),
            (BUILT_IN.replacen("basis = \"consent\"", "basis = \"contract\"", 1), "it must be \"consent\""),
            (BUILT_IN.replacen("id = \"printkeep\"", "id = \"\"", 1), "id must have"),
            ("x".repeat(MAX_LEN + 1), "larger than 256 KiB"),
        ] {
            let error = Policy::parse(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{error:?} does not say {said:?}");
        }
    }

    /// What is built in, with a text of it put in the place of another.
    fn with(old: &str, new: &str) -> Result<Policy, PolicyError> {
        assert!(BUILT_IN.contains(old), "{old:?}");
        Policy::parse(&BUILT_IN.replacen(old, new, 1))
    }

    #[test]
    fn texts_are_there_in_both_languages_plain_and_of_bounded_length() {
        let title = &Policy::built_in().title;
        for (was, language) in [(&title.en, "en"), (&title.zh, "zh-CN")] {
            let (was, put) = (format!("\"{was}\""), |new: &str| format!("\"{new}\""));
            for (new, said) in [
                (String::new(), "is empty"),
                ("\u{3000} ".into(), "is empty"),
                ("字".repeat(MAX_TEXT + 1), "has more than"),
                ("\\u001b[2J".into(), "holds control characters"),
            ] {
                let error = with(&was, &put(&new)).unwrap_err().to_string();
                assert!(error.contains(&format!("title {said}")) && error.ends_with(language), "{error}");
            }
            for new in ["字".repeat(MAX_TEXT), "two\\nlines".into()] {
                assert!(with(&was, &put(&new)).is_ok());
            }
        }
        let date = |text: &str| with(&format!("date = \"{}\"", Policy::built_in().date()), &format!("date = \"{text}\""));
        assert_eq!(date(&"9".repeat(MAX_WORD)).unwrap().date(), "9".repeat(MAX_WORD));
        for text in [&"9".repeat(MAX_WORD + 1), "", "2026\\n"] {
            assert!(date(text).unwrap_err().to_string().starts_with("date must have"));
        }
        // an item's own texts, and those of what needs no consent
        for table in ["[[item]]", "[[without]]"] {
            let (before, from) = BUILT_IN.split_at(BUILT_IN.find(table).unwrap());
            for line in from.lines().skip(1).take_while(|line| !line.is_empty()).filter(|line| line.contains(".zh-CN = ")) {
                let key = line.split(" = ").next().unwrap();
                let text = format!("{before}{}", from.replacen(line, &format!("{key} = \"\""), 1));
                assert!(Policy::parse(&text).unwrap_err().to_string().ends_with("is empty in zh-CN"), "{key}");
            }
        }
    }

    #[test]
    fn lists_and_files_are_as_long_as_they_may_be_and_no_longer() {
        let regions = |count: usize| {
            let list: Vec<_> = (0..count).map(|n| format!("\"r{n}\"")).collect();
            let line = BUILT_IN.lines().find(|line| line.starts_with("regions")).unwrap();
            with(line, &format!("regions = [{}]", list.join(", ")))
        };
        assert!(regions(MAX_REGIONS).is_ok());
        for count in [MAX_REGIONS + 1, MAX_REGIONS + 2] {
            assert!(regions(count).unwrap_err().to_string().contains("regions"));
        }
        let without = |count: usize| {
            let has = BUILT_IN.matches("[[without]]").count();
            let more = "\n[[without]]\nname = \"x\"\nbasis = \"contract\"\npurpose.en = \"x\"\npurpose.zh-CN = \"x\"\n";
            Policy::parse(&format!("{BUILT_IN}{}", more.repeat(count - has)))
        };
        assert!(without(MAX_WITHOUT).is_ok());
        for count in [MAX_WITHOUT + 1, MAX_WITHOUT + 2] {
            assert!(without(count).unwrap_err().to_string().contains("without consent"));
        }
        let filled = |size: usize| Policy::parse(&format!("{BUILT_IN}#{}", "x".repeat(size - BUILT_IN.len() - 1)));
        assert!(filled(MAX_LEN).is_ok());
        assert!(filled(MAX_LEN + 1).unwrap_err().to_string().contains("larger than"));
    }
}
