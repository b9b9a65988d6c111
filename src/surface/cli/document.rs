//! Documents for programs: a reply or failure as it is, with each message's sentence beside its name.

use serde_json::{Map, Value, json};

use crate::app::request::VERSION;
use crate::app::{Failure, Reply, Text};
use crate::surface::words::Words;

/// A reply; wherever a message stands, `text` holds its sentence.
pub fn reply(reply: &Reply, words: &Words) -> Value {
    let mut value = serde_json::to_value(reply).unwrap_or_default();
    say(&mut value, words);
    value
}

/// A failure: `error.id` is the name of its message, `error.message` and `error.hint` are sentences.
pub fn failure(command: &str, failure: &Failure, words: &Words) -> Value {
    let hint = failure.hint.as_ref().map(|hint| words.say(hint));
    let mut args = serde_json::to_value(&failure.message.args).unwrap_or_default();
    say(&mut args, words);
    json!({
        "printkeep": VERSION, "command": command, "ok": false, "exit": failure.exit,
        "error": { "id": failure.message.id, "args": args, "message": words.say(&failure.message), "hint": hint },
    })
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
