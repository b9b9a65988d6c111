//! Answers: lines for people and one stable document for programs, from the same facts.
//!
//! Every document has `printkeep` (1, the version of its form), `command`, `ok`, `exit`, and the command's own fields beside them.

use serde_json::{Map, Value, json};

use super::exit::Exit;
use crate::core::facts::Facts;
use crate::core::manifest::{Entry, Node};
use crate::kind::FileKind;

use super::words;

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

/// An entry as a program reads it. Paths that are not UTF-8 come with replacement characters, and whole in `path_hex`.
pub fn entry_fields(entry: &Entry) -> Value {
    let bytes = entry.path.as_bytes();
    let mut fields = json!({
        "path": String::from_utf8_lossy(bytes),
        "mode": format!("{:o}", entry.attributes.mode),
        "mtime": entry.attributes.mtime_s,
    });
    let more = match &entry.node {
        Node::Folder => json!({ "type": "folder" }),
        Node::File { kind, size, facts, .. } => {
            json!({ "type": "file", "size": size, "kind": FileKind::from_code(*kind).name(), "facts": facts_fields(facts) })
        }
        Node::Link { target } => json!({ "type": "link", "target": String::from_utf8_lossy(target) }),
    };
    if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
        fields.extend(more);
        if std::str::from_utf8(bytes).is_err() {
            fields.insert("path_hex".into(), crate::core::name::hex(bytes).into());
        }
    }
    fields
}

fn facts_fields(facts: &Facts) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.into(), value);
        }
    };
    put("slicer", facts.slicer.clone().map(Value::from));
    put("printer", facts.printer.clone().map(Value::from));
    put("material", facts.material.clone().map(Value::from));
    put("print_seconds", facts.print_seconds.map(Value::from));
    put("filament_mm", facts.filament_mm.map(Value::from));
    put("filament_g", facts.filament_g.map(Value::from));
    put("layers", facts.layers.map(Value::from));
    put("layer_height_mm", facts.layer_height_mm.map(Value::from));
    put("width", facts.pixels.map(|(w, _)| w.into()));
    put("height", facts.pixels.map(|(_, h)| h.into()));
    put("video_ms", facts.video_ms.map(Value::from));
    put("triangles", facts.triangles.map(Value::from));
    put("thumbnails", facts.thumbnails.map(Value::from));
    Value::Object(fields)
}

/// An entry as an owner reads it: size, time, kind, path, and what a print file says of itself.
pub fn entry_line(entry: &Entry) -> String {
    let when = words::time(entry.attributes.mtime_s);
    match &entry.node {
        Node::Folder => format!("{:>8}  {when}  {:<9} {}/", "", "folder", entry.path),
        Node::Link { target } => {
            let target = String::from_utf8_lossy(target).escape_debug().to_string();
            format!("{:>8}  {when}  {:<9} {} -> {target}", "", "link", entry.path)
        }
        Node::File { kind, size, facts, .. } => {
            let said = said(facts);
            let said = if said.is_empty() { said } else { format!("  ({said})") };
            format!("{:>8}  {when}  {:<9} {}{said}", words::size(*size), FileKind::from_code(*kind).name(), entry.path)
        }
    }
}

/// What a print file says of itself, in one line.
pub fn said(facts: &Facts) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(facts.slicer.iter().map(|slicer| plain(slicer)));
    parts.extend(facts.printer.iter().map(|printer| format!("for {}", plain(printer))));
    parts.extend(facts.print_seconds.map(|s| words::duration(s.into())));
    parts.extend(facts.material.iter().map(|material| plain(material)));
    parts.extend(facts.filament_g.map(|g| format!("{g:.1} g")).or(facts.filament_mm.map(|mm| format!("{:.2} m", mm / 1000.0))));
    parts.extend(facts.layers.map(|n| words::count(n.into(), "layer")));
    parts.extend(facts.triangles.map(|n| words::count(n.into(), "triangle")));
    parts.extend(facts.pixels.map(|(w, h)| format!("{w} × {h}")));
    parts.extend(facts.video_ms.map(|ms| words::duration(ms.div_ceil(1000))));
    parts.join(", ")
}

/// Text from a file, fit for a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
