//! Documents for programs: a reply or failure as it is, with each message's sentence beside its name.

use serde_json::{Map, Value};

use crate::app::failure_document::{ErrorDocument, FailureDocument};
use crate::app::request::VERSION;
use crate::app::{Failure, Reply, Text};
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
