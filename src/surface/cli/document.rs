//! Documents for programs: a reply or failure as it is, with each message's sentence beside its name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::request::VERSION;
use crate::app::{Exit, Failure, Reply, Text};
use crate::surface::words::Words;

/// A reply; wherever a message stands, `text` holds its sentence.
///
/// # Errors
/// Where something in it has no form as JSON.
pub fn reply(reply: &Reply, words: &Words) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(reply)?;
    say(&mut value, words);
    Ok(value)
}

/// The document of a failure.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FailureDocument {
    /// The version of its form.
    pub printkeep: u32,
    /// What was asked, as far as that was understood; empty where nothing was.
    pub command: String,
    /// Never.
    pub ok: bool,
    /// How it ended.
    pub exit: Exit,
    /// What went wrong.
    pub error: ErrorDocument,
}

/// What went wrong, in the document of a failure.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDocument {
    /// The name of the message.
    pub id: String,
    /// What it is about; a message in it has its sentence as `text`.
    pub args: Map<String, Value>,
    /// The message as a sentence.
    pub message: String,
    /// What to do, as a sentence.
    pub hint: Option<String>,
}

/// A failure: the name of its message, and sentences.
pub fn failure(command: &str, failure: &Failure, words: &Words) -> FailureDocument {
    let hint = failure.hint.as_ref().map(|hint| words.say(hint));
    let mut args = serde_json::to_value(&failure.message.args).unwrap_or_default();
    say(&mut args, words);
    let args = if let Value::Object(args) = args { args } else { Map::new() };
    let error = ErrorDocument { id: failure.message.id.to_string(), args, message: words.say(&failure.message), hint };
    FailureDocument { printkeep: VERSION, command: command.to_owned(), ok: false, exit: failure.exit, error }
}

fn say(value: &mut Value, words: &Words) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| say(value, words)),
        Value::Object(map) => {
            if let Some(text) = message(map) {
                map.insert("text".into(), words.say(&text).into());
            }
            map.values_mut().for_each(|value| say(value, words));
        }
        _ => {}
    }
}

/// The message that an object is, if it is one.
fn message(map: &Map<String, Value>) -> Option<Text> {
    let is_one = map.get("id").is_some_and(Value::is_string) && map.keys().all(|key| key == "id" || key == "args");
    if is_one { serde_json::from_value(Value::Object(map.clone())).ok() } else { None }
}
