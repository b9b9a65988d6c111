//! What a printer says of itself through Moonraker, asked over loopback; a closed list of fields, whatever else it answers.

use serde_json::Value;

use crate::consent::mask::Raw;
use crate::consent::{Item, Permit};
use crate::provider::loopback;

/// Where Moonraker listens unless its settings say otherwise.
pub const PORT: u16 = 7125;

/// Which fields of which answer belong to an item: the path asked for, label, where the field lies.
const FIELDS: [(Item, &str, &str, &str); 9] = [
    (Item::Firmware, "/printer/info", "firmware", "/result/app"),
    (Item::Firmware, "/printer/info", "version", "/result/software_version"),
    (Item::Firmware, "/server/info", "moonraker", "/result/moonraker_version"),
    (Item::Model, "/machine/system_info", "processor", "/result/system_info/cpu_info/model"),
    (Item::Settings, OBJECTS, "kinematics", "/result/status/configfile/settings/printer/kinematics"),
    (Item::Settings, OBJECTS, "smallest position", "/result/status/toolhead/axis_minimum"),
    (Item::Settings, OBJECTS, "largest position", "/result/status/toolhead/axis_maximum"),
    (Item::Settings, OBJECTS, "largest speed", "/result/status/toolhead/max_velocity"),
    (Item::Settings, OBJECTS, "largest acceleration", "/result/status/toolhead/max_accel"),
];
const OBJECTS: &str = "/printer/objects/query?toolhead&configfile=settings";

/// What Moonraker tells of an item; nothing where it is not there, not allowed to be asked, or does not answer well.
pub fn ask(network: Option<&Permit>, port: u16, item: Item) -> Vec<Raw> {
    let Some(network) = network else { return Vec::new() };
    let mut paths: Vec<&str> = FIELDS.iter().filter(|(of, ..)| *of == item).map(|(_, path, ..)| *path).collect();
    paths.dedup();
    let mut found = Vec::new();
    for path in paths {
        match loopback::get(network, port, path) {
            Ok(body) => found.extend(read(item, path, &body)),
            // what does not answer one question will not answer the next
            Err(error) if error.is_transient() => break,
            Err(_) => {}
        }
    }
    found
}

/// The fields of an item in an answer.
pub fn read(item: Item, path: &str, body: &[u8]) -> Vec<Raw> {
    let Ok(answer) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let wanted = FIELDS.iter().filter(|(of, from, ..)| *of == item && *from == path);
    wanted.filter_map(|(_, _, label, pointer)| Some((*label, text(answer.pointer(pointer)?)?))).collect()
}

/// A short word, a number, or a short row of numbers; anything else is not what was asked for.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.chars().take(100).collect()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(row) if row.len() <= 8 => {
            let numbers: Option<Vec<String>> = row.iter().map(|value| value.is_number().then(|| value.to_string())).collect();
            Some(numbers?.join(" "))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fields_that_are_wanted_are_taken() {
        let body = br#"{"result": {"app": "Klipper", "software_version": "v0.12", "hostname": "canary", "cpu_info": "canary"}}"#;
        let read = |item| read(item, "/printer/info", body);
        assert_eq!(read(Item::Firmware), [("firmware", "Klipper".to_owned()), ("version", "v0.12".to_owned())]);
        assert!(read(Item::Hostname).is_empty() && read(Item::Model).is_empty());
    }

    #[test]
    fn crafted_answers_give_nothing() {
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        for body in ["", "{", "[]", "null", r#"{"result": {"app": {"a": 1}, "software_version": [["x"]]}}"#, &deep] {
            assert!(read(Item::Firmware, "/printer/info", body.as_bytes()).is_empty(), "{body:.40}");
        }
    }
}
