//! What a print file says of itself: a closed list of facts, bounded, carried in the snapshot beside the file.

use super::codec::{Bad, Reader, Writer};

/// The longest text a fact may hold, in bytes; longer ones are cut by whoever fills them in.
pub const MAX_TEXT: usize = 96;

/// Facts read from a file's own header. Everything is what the file claims, not what is true.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrintMetadata {
    /// The slicer and its version, such as `OrcaSlicer 2.3.1`.
    pub slicer: Option<String>,
    /// The printer it was made for.
    pub printer: Option<String>,
    /// The filament's material, such as `PLA`.
    pub material: Option<String>,
    /// Estimated printing time, in seconds.
    pub print_seconds: Option<u32>,
    /// Filament used, in millimetres.
    pub filament_mm: Option<f32>,
    /// Filament used, in grams.
    pub filament_g: Option<f32>,
    /// Number of layers.
    pub layers: Option<u32>,
    /// Height of a layer, in millimetres.
    pub layer_height_mm: Option<f32>,
    /// Width and height in pixels, of pictures and videos.
    pub pixels: Option<(u32, u32)>,
    /// Length of a video, in milliseconds.
    pub video_ms: Option<u64>,
    /// Number of triangles, of a mesh.
    pub triangles: Option<u32>,
    /// Number of embedded thumbnails.
    pub thumbnails: Option<u32>,
}

impl PrintMetadata {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Writes each known fact as tag, length, value.
    pub fn encode(&self, out: &mut Writer) {
        let mut body = Writer::new();
        text(&mut body, 1, &self.slicer);
        text(&mut body, 2, &self.printer);
        text(&mut body, 3, &self.material);
        number(&mut body, 4, self.print_seconds.map(u64::from));
        number(&mut body, 5, self.filament_mm.map(|v| v.to_bits().into()));
        number(&mut body, 6, self.filament_g.map(|v| v.to_bits().into()));
        number(&mut body, 7, self.layers.map(u64::from));
        number(&mut body, 8, self.layer_height_mm.map(|v| v.to_bits().into()));
        number(&mut body, 9, self.pixels.map(|(w, h)| u64::from(w) << 32 | u64::from(h)));
        number(&mut body, 10, self.video_ms);
        number(&mut body, 11, self.triangles.map(u64::from));
        number(&mut body, 12, self.thumbnails.map(u64::from));
        out.bytes(body.as_slice());
    }

    /// Reads what `encode` wrote; unknown tags are passed over, so that later versions may tell more.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self, Bad> {
        let mut facts = Self::default();
        let mut body = Reader::new(input.bytes(4096)?);
        while !body.is_empty() {
            let tag = body.u8()?;
            let value = body.bytes(MAX_TEXT)?;
            match tag {
                1 => facts.slicer = Some(utf8(value)?),
                2 => facts.printer = Some(utf8(value)?),
                3 => facts.material = Some(utf8(value)?),
                4 => facts.print_seconds = Some(narrow(value)?),
                5 => facts.filament_mm = Some(f32::from_bits(narrow(value)?)),
                6 => facts.filament_g = Some(f32::from_bits(narrow(value)?)),
                7 => facts.layers = Some(narrow(value)?),
                8 => facts.layer_height_mm = Some(f32::from_bits(narrow(value)?)),
                9 => facts.pixels = Some(wide(value).map(|v| ((v >> 32) as u32, (v & 0xffff_ffff) as u32))?),
                10 => facts.video_ms = Some(wide(value)?),
                11 => facts.triangles = Some(narrow(value)?),
                12 => facts.thumbnails = Some(narrow(value)?),
                _ => {}
            }
        }
        Ok(facts)
    }
}

fn text(out: &mut Writer, tag: u8, value: &Option<String>) {
    if let Some(value) = value {
        let mut end = value.len().min(MAX_TEXT);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        out.u8(tag);
        out.bytes(&value.as_bytes()[..end]);
    }
}

fn number(out: &mut Writer, tag: u8, value: Option<u64>) {
    if let Some(value) = value {
        let mut inner = Writer::new();
        inner.varint(value);
        out.u8(tag);
        out.bytes(inner.as_slice());
    }
}

fn utf8(value: &[u8]) -> Result<String, Bad> {
    std::str::from_utf8(value).map(str::to_owned).map_err(|_| Bad("a fact is not UTF-8"))
}

fn wide(value: &[u8]) -> Result<u64, Bad> {
    let mut reader = Reader::new(value);
    let value = reader.varint()?;
    reader.finish()?;
    Ok(value)
}

fn narrow(value: &[u8]) -> Result<u32, Bad> {
    u32::try_from(wide(value)?).map_err(|_| Bad("a fact is out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_read_back_what_they_write() {
        let facts = PrintMetadata {
            slicer: Some("PrusaSlicer 2.6.0".into()),
            print_seconds: Some(3600),
            filament_g: Some(12.5),
            pixels: Some((1280, 720)),
            video_ms: Some(1 << 40),
            ..PrintMetadata::default()
        };
        let mut out = Writer::new();
        facts.encode(&mut out);
        let bytes = out.into_vec();
        assert_eq!(PrintMetadata::decode(&mut Reader::new(&bytes)), Ok(facts));
    }
}
