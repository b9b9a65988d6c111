//! The few settings of a printer that its owner's own configuration holds, where nobody answers for it: Klipper's `printer.cfg`.

use crate::consent::mask::Raw;

/// Which keys of which section are taken, and what they are called here.
const WANTED: [(&str, &str, &str); 8] = [
    ("printer", "kinematics", "kinematics"),
    ("printer", "max_velocity", "largest speed"),
    ("printer", "max_accel", "largest acceleration"),
    ("printer", "print_radius", "print radius"),
    ("stepper_x", "position_max", "largest x"),
    ("stepper_y", "position_max", "largest y"),
    ("stepper_z", "position_max", "largest z"),
    ("extruder", "nozzle_diameter", "nozzle"),
];
const MAX_LINES: usize = 20_000;

/// What `printer.cfg` tells: words and numbers of a closed list of keys.
pub fn printer_cfg(text: &str) -> Vec<Raw> {
    let mut found = Vec::new();
    each_setting(text, &mut |section, key, value| {
        let wanted = WANTED.iter().find(|(s, k, _)| *s == section && *k == key);
        let is_plain =
            !value.is_empty() && value.len() <= 32 && value.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if let (Some((.., label)), true) = (wanted, is_plain) {
            found.push((*label, value.to_owned()));
        }
    });
    found
}

/// The port that `moonraker.conf` tells of.
pub fn moonraker_port(text: &str) -> Option<u16> {
    let mut port = None;
    each_setting(text, &mut |section, key, value| {
        if (section, key) == ("server", "port") {
            port = value.parse().ok();
        }
    });
    port
}

/// Each `key: value` or `key = value` with its section, comments taken off.
pub fn each_setting(text: &str, take: &mut dyn FnMut(&str, &str, &str)) {
    let mut section = "";
    for line in text.lines().take(MAX_LINES) {
        let line = line.split(['#', ';']).next().unwrap_or_default();
        if let Some(name) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim();
        } else if !line.starts_with([' ', '\t'])
            && let Some((key, value)) = line.split_once([':', '='])
        {
            take(section, key.trim(), value.trim());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printers_settings_are_read_and_nothing_else() {
        let text = "[printer]\nkinematics: corexy\nmax_velocity = 300 # fast\n[stepper_x]\nposition_max: 235\n[gcode_macro CANARY]\ngcode:\n  position_max: 7\n[mcu]\nserial: /dev/serial/by-id/canary\n[extruder]\nnozzle_diameter: a b c\n";
        let expected = [("kinematics", "corexy"), ("largest speed", "300"), ("largest x", "235")];
        assert_eq!(printer_cfg(text), expected.map(|(label, value)| (label, value.to_owned())));
        assert_eq!(moonraker_port("[server]\nhost: 0.0.0.0\nport: 7126\n"), Some(7126));
        assert_eq!(moonraker_port("[server]\nport: 99999\n"), None);
    }
}
