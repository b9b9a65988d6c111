//! Answers: lines for people and one stable document for programs, from the same facts.
//!
//! Every document has `printkeep` (1, the version of its form), `command`, `ok`, `exit`, and the command's own fields beside them.

use serde_json::{Map, Value, json};

use super::exit::Exit;

/// What a command answers.
pub struct Answer {
    /// How it ended.
    pub exit: Exit,
    /// For people.
    pub lines: Vec<String>,
    /// For programs.
    pub fields: Map<String, Value>,
}

impl Answer {
    /// An answer; `fields` is a JSON object.
    pub fn new(lines: Vec<String>, fields: Value) -> Self {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Self { exit: Exit::Done, lines, fields }
    }

    /// Another end than `Done`.
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}

/// The whole document.
pub fn document(command: &str, answer: &Answer) -> Value {
    let mut document = json!({ "printkeep": 1, "command": command, "ok": answer.exit == Exit::Done, "exit": answer.exit as u8 });
    if let Value::Object(map) = &mut document {
        map.extend(answer.fields.clone());
    }
    document
}
