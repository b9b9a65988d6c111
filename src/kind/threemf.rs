//! 3MF: the slicer's own small parts and the pictures, found by name; the model and what people wrote about it are not read.
//!
//! Marks are looked for in the bytes and no XML tree is built: no entities, no depth, nothing to expand.

use crate::core::codec::clamp_u32;
use crate::core::print_metadata::PrintMetadata;
use crate::kind::claims::{Claims, rounded_down, single, text};
use crate::kind::find::after;
use crate::kind::gcode;
use crate::kind::source::Source;
use crate::kind::thumbnail::{MAX_THUMBNAIL_LEN, MAX_THUMBNAILS, Thumbnail};
use crate::kind::zip::{self, Member};

/// How much of the model is read for the name of the application that wrote it, in bytes.
const MODEL_HEAD: usize = 4 << 10;
/// How much of a settings part is read, in bytes; real ones have fewer than 128 KiB.
const SETTINGS_LEN: usize = 256 << 10;
/// How much of the first plate's G-code is read, in bytes.
const PLATE_HEAD: usize = 64 << 10;
/// The most plates whose times and weights are summed.
const MAX_PLATES: usize = 64;

const MODEL: &[u8] = b"3D/3dmodel.model";
const SLICES: &[u8] = b"Metadata/slice_info.config";
const PROJECT: &[u8] = b"Metadata/project_settings.config";
const PRUSA: &[u8] = b"Metadata/Slic3r_PE.config";
const PLATE: &[u8] = b"Metadata/plate_1.gcode";

/// What the parts that slicers add say.
pub(super) fn facts(source: &dyn Source) -> PrintMetadata {
    let mut claims = Claims::default();
    let members = zip::members(source, |name| [MODEL, SLICES, PROJECT, PRUSA, PLATE].contains(&name) || is_picture(name));
    let part = |name: &[u8], limit| {
        let member = members.iter().find(|member| member.name == name);
        member.map(|member| member.read_prefix(source, limit)).unwrap_or_default()
    };
    slices(&part(SLICES, SETTINGS_LEN), &mut claims.facts);
    application(&part(MODEL, MODEL_HEAD), &mut claims);
    gcode::head_comments(&part(PRUSA, SETTINGS_LEN), &mut claims);
    gcode::head_comments(&part(PLATE, PLATE_HEAD), &mut claims);
    project(&part(PROJECT, SETTINGS_LEN), &mut claims);
    let pictures = clamp_u32(members.iter().filter(|member| is_picture(&member.name)).count().min(MAX_THUMBNAILS));
    claims.facts.thumbnails = (pictures > 0).then_some(pictures);
    claims.finish()
}

/// The package's thumbnail and the pictures of its plates.
pub(super) fn thumbnails(source: &dyn Source) -> Vec<Thumbnail> {
    let pictures = zip::members(source, is_picture);
    let read = |member: &Member| Thumbnail::read(member.read(source, MAX_THUMBNAIL_LEN)?);
    pictures.iter().take(MAX_THUMBNAILS).filter_map(read).collect()
}

/// `Metadata/thumbnail.png`, `Metadata/plate_1.png`, `Auxiliaries/.thumbnails/*`, `Thumbnails/*`; not the plates' masks and small twins.
fn is_picture(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let Some(stem) = [&b".png"[..], b".jpg", b".jpeg"].iter().find_map(|end| name.strip_suffix(*end)) else { return false };
    let is_plate =
        |name: &[u8]| name.strip_prefix(b"metadata/plate_").is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit));
    stem.starts_with(b"metadata/thumbnail")
        || stem.starts_with(b"auxiliaries/.thumbnails/")
        || stem.starts_with(b"thumbnails/")
        || is_plate(stem)
}

/// `<metadata name="Application">PrusaSlicer-2.5.0</metadata>`
fn application(model: &[u8], claims: &mut Claims) {
    let Some(rest) = after(model, b"name=\"Application\"").and_then(|rest| after(rest, b">")) else { return };
    if let Some(end) = rest.iter().position(|byte| *byte == b'<') {
        claims.facts.slicer = text(&rest[..end]);
    }
}

/// `<metadata key="prediction" value="5430"/>` and `key="weight"` of each plate, in seconds and grams.
fn slices(config: &[u8], facts: &mut PrintMetadata) {
    facts.print_seconds = total(config, b"key=\"prediction\" value=\"").and_then(rounded_down);
    facts.filament_g = total(config, b"key=\"weight\" value=\"").map(single);
    facts.filament_mm = total(config, b" used_m=\"").map(|metres| single(metres * 1000.0));
}

fn total(config: &[u8], mark: &[u8]) -> Option<f64> {
    let (mut rest, mut total) = (config, None);
    for _ in 0..MAX_PLATES {
        let Some(value) = after(rest, mark) else { break };
        let end = value.iter().position(|byte| *byte == b'"').unwrap_or(value.len());
        let number = value.get(..end.min(32)).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<f64>().ok());
        total = Some(total.unwrap_or(0.0) + number.filter(|number| (0.0..1e9).contains(number))?);
        rest = &value[end..];
    }
    total.filter(|total| *total < 1e9)
}

/// The settings that Orca and Bambu keep as JSON: `"printer_model": "..."`, `"filament_type": ["PLA", "PETG"]`.
fn project(config: &[u8], claims: &mut Claims) {
    for key in ["printer_model", "printer_settings_id", "layer_height"] {
        if let Some(value) = setting(config, key) {
            claims.pair(key.as_bytes(), value.split(|byte| *byte == b'"').nth(1).unwrap_or_default());
        }
    }
    if let Some(list) = setting(config, "filament_type") {
        let end = list.iter().position(|byte| *byte == b']').unwrap_or(0);
        let types: Vec<&[u8]> = list[..end].split(|byte| *byte == b'"').skip(1).step_by(2).collect();
        claims.pair(b"filament_type", &types.join(&b';'));
    }
}

fn setting<'a>(config: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let value = after(config, format!("\"{key}\":").as_bytes())?;
    Some(&value[..value.len().min(1024)])
}

#[cfg(test)]
#[path = "tests/threemf.rs"]
mod tests;
