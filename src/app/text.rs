//! What is to be said, without its words: the name of a message and its arguments; the words stand in the surfaces' Fluent files.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The message whose words are its only argument: details that a system or a server gives, in whatever language it speaks.
pub const PLAIN: &str = "plain";

/// A message by its name, with its arguments by theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    /// Its name in the Fluent files; stable, so that programs may tell messages apart by it.
    pub id: String,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Arg>,
}

/// An argument, with its unit, so that each surface writes it its own way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    /// A name, a path, a detail: as it is.
    Text(String),
    /// How many.
    Count(u64),
    /// A size in bytes.
    Bytes(u64),
    /// A duration in seconds.
    Seconds(u64),
    /// A time, in seconds since 1970.
    Time(i64),
    /// A message of its own.
    Message(Box<Text>),
}

impl Text {
    /// A message without arguments. Prefer `text!`, which a test holds against the Fluent files.
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), args: BTreeMap::new() }
    }

    /// The message of what the code calls by English words: `disk`, `open the folder` give `disk-open-the-folder`.
    pub fn of_words(prefix: &str, words: &str) -> Self {
        let parts = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
        Self::new(&parts.fold(prefix.to_owned(), |id, part| format!("{id}-{}", part.to_lowercase())))
    }

    /// With an argument.
    pub fn with(mut self, name: &str, value: impl Into<Arg>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }

    /// Words as they are.
    pub fn plain(words: impl Into<String>) -> Self {
        Self::new(PLAIN).with("text", Arg::Text(words.into()))
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<u64> for Arg {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Arg {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<usize> for Arg {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<Text> for Arg {
    fn from(text: Text) -> Self {
        Self::Message(Box::new(text))
    }
}

impl From<&std::path::Path> for Arg {
    fn from(path: &std::path::Path) -> Self {
        Self::Text(path.display().to_string())
    }
}

impl From<std::path::Display<'_>> for Arg {
    fn from(path: std::path::Display<'_>) -> Self {
        Self::Text(path.to_string())
    }
}

/// A [`Text`]: `text!("store-unknown", name = name)`. The name is a literal, so that a test finds each message that is used.
#[macro_export]
macro_rules! text {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::app::Text::new($id)$(.with(stringify!($name), $value))*
    };
}

/// For logs and records: the message's name and what it is about, in no language.
impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.id != PLAIN {
            f.write_str(&self.id)?;
        }
        let mut space = if self.id == PLAIN { "" } else { ": " };
        for value in self.args.values() {
            f.write_str(space)?;
            space = ", ";
            match value {
                Arg::Text(text) => f.write_str(text)?,
                Arg::Count(number) | Arg::Bytes(number) | Arg::Seconds(number) => number.fmt(f)?,
                Arg::Time(time) => time.fmt(f)?,
                Arg::Message(text) => text.fmt(f)?,
            }
        }
        Ok(())
    }
}
