//! Every sentence, from Project Fluent's files in `en/` and `zh-CN/`; what a language lacks is said in English, and a test finds it.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::app::text::PLAIN;
use crate::app::{Arg, Text};
use crate::consent::Language;

/// The files, each in both languages.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Name, English, Simplified Chinese.
        pub(super) const FILES: &[(&str, &str, &str)] = &[$(
            ($name, include_str!(concat!("en/", $name, ".ftl")), include_str!(concat!("zh-CN/", $name, ".ftl"))),
        )*];
    };
}

files!("cli", "common", "failures", "problems", "snapshots", "unlock");

/// The words of one language.
pub struct Words {
    bundle: FluentBundle<FluentResource>,
    fallback: Option<Box<Words>>,
    language: Language,
}

impl Words {
    /// The words of a language.
    pub fn of(language: Language) -> Self {
        let texts: Vec<&str> = match language {
            Language::English => FILES.iter().map(|(_, english, _)| *english).collect(),
            Language::Chinese => FILES.iter().map(|(_, _, chinese)| *chinese).collect(),
        };
        let fallback = (language != Language::English).then(|| Box::new(Self::of(Language::English)));
        Self { bundle: bundle(language, &texts), fallback, language }
    }

    /// Which language these are.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The sentence of a message. One that is unknown is shown by its name and arguments.
    pub fn say(&self, text: &Text) -> String {
        if text.id == PLAIN {
            return text.args.values().map(|arg| self.shown(arg)).collect();
        }
        self.format(&text.id, None, &self.arguments(text)).unwrap_or_else(|| text.to_string())
    }

    /// The sentence of a message with none of its own arguments, or one of its attributes; none where there is none.
    pub fn get(&self, id: &str, attribute: Option<&str>) -> Option<String> {
        self.format(id, attribute, &FluentArgs::new())
    }

    fn format(&self, id: &str, attribute: Option<&str>, args: &FluentArgs<'_>) -> Option<String> {
        let message = self.bundle.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            None => message.value(),
            Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
        });
        match (pattern, &self.fallback) {
            (Some(pattern), _) => Some(self.bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()),
            (None, Some(fallback)) => fallback.format(id, attribute, args),
            (None, None) => None,
        }
    }

    fn arguments(&self, text: &Text) -> FluentArgs<'static> {
        let mut args = FluentArgs::new();
        for (name, value) in &text.args {
            let value = match value {
                Arg::Count(count) => FluentValue::from(*count),
                other => FluentValue::from(self.shown(other)),
            };
            args.set(name.clone(), value);
        }
        args
    }

    fn shown(&self, arg: &Arg) -> String {
        match arg {
            Arg::Text(text) => plain(text),
            Arg::Count(count) => count.to_string(),
            Arg::Bytes(bytes) => super::size(*bytes),
            Arg::Seconds(seconds) => self.duration(*seconds),
            Arg::Time(time) => super::time(*time),
            Arg::Message(text) => self.say(text),
        }
    }

    /// A duration in its two largest units, such as `1 h 05 min` or `3 days`.
    pub fn duration(&self, seconds: u64) -> String {
        let chinese = self.language == Language::Chinese;
        match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60) {
            (0, 0, 0) if chinese => format!("{seconds} 秒"),
            (0, 0, 0) => format!("{seconds} s"),
            (0, 0, minutes) if chinese => format!("{minutes} 分钟"),
            (0, 0, minutes) => format!("{minutes} min"),
            (0, hours, minutes) if chinese => format!("{hours} 小时 {minutes:02} 分"),
            (0, hours, minutes) => format!("{hours} h {minutes:02} min"),
            (days, ..) if chinese => format!("{days} 天"),
            (1, ..) => "1 day".into(),
            (days, ..) => format!("{days} days"),
        }
    }
}

fn bundle(language: Language, texts: &[&str]) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // marks of direction around arguments would be copied along with paths and commands
    bundle.set_use_isolating(false);
    for text in texts {
        // what a file holds that does not parse is left out, and a test finds it
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// Text from elsewhere, fit for a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect()
}
