//! 3MF: a zip with a deflated model and a stored thumbnail.

use super::{Dice, media};

/// A 3MF of about `size` bytes: up to a quarter is the model, the rest its picture.
pub fn threemf(size: usize, seed: u64) -> Vec<u8> {
    let model = model((size / 2).min(256 << 10), seed);
    let mut zip = Zip::default();
    zip.add("[Content_Types].xml", CONTENT_TYPES.as_bytes(), true);
    zip.add("_rels/.rels", RELATIONS.as_bytes(), true);
    zip.add("3D/3dmodel.model", model.as_bytes(), true);
    let picture = size.saturating_sub(zip.out.len() + 420);
    zip.add("Metadata/thumbnail.png", &media::png(picture, seed), false);
    zip.finish()
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
 <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
 <Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
 <Default Extension="png" ContentType="image/png"/>
</Types>
"#;

const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
 <Relationship Target="/3D/3dmodel.model" Id="rel-1" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
 <Relationship Target="/Metadata/thumbnail.png" Id="rel-2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"/>
</Relationships>
"#;

/// A model part of about `len` bytes.
fn model(len: usize, seed: u64) -> String {
    use std::fmt::Write;
    let mut dice = Dice::new(seed);
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<model unit=\"millimeter\" xmlns=\"http://schemas.microsoft.com/3dmanufacturing/core/2015/02\">\n <resources>\n  <object id=\"1\" type=\"model\">\n   <mesh>\n    <vertices>\n",
    );
    let mut vertices = 0;
    while out.len() < len / 2 {
        let [x, y, z] = std::array::from_fn(|_| dice.within(0, 90_000) as f32 / 1e3);
        let _ = writeln!(out, "     <vertex x=\"{x}\" y=\"{y}\" z=\"{z}\"/>");
        vertices += 1;
    }
    out.push_str("    </vertices>\n    <triangles>\n");
    while out.len() < len {
        let at = dice.within(0, vertices.max(1));
        let _ = writeln!(out, "     <triangle v1=\"{at}\" v2=\"{}\" v3=\"{}\"/>", at / 2, at / 3);
    }
    out.push_str(
        "    </triangles>\n   </mesh>\n  </object>\n </resources>\n <build>\n  <item objectid=\"1\"/>\n </build>\n</model>\n",
    );
    out
}

/// A zip in the making (APPNOTE 6.3.3, no zip64).
#[derive(Default)]
pub struct Zip {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    /// Adds a file, deflated or stored.
    pub fn add(&mut self, name: &str, content: &[u8], deflated: bool) {
        let packed = if deflated { miniz_oxide::deflate::compress_to_vec(content, 3) } else { content.to_vec() };
        let offset = u32::try_from(self.out.len()).unwrap();
        let mut shared = [20u16, 0, if deflated { 8 } else { 0 }, 0x4800, 0x5c62].map(u16::to_le_bytes).concat();
        for number in [crc32(content), u32::try_from(packed.len()).unwrap(), u32::try_from(content.len()).unwrap()] {
            shared.extend_from_slice(&number.to_le_bytes());
        }
        shared.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        shared.extend_from_slice(&[0, 0]);
        for part in [b"PK\x03\x04", shared.as_slice(), name.as_bytes(), &packed] {
            self.out.extend_from_slice(part);
        }
        for part in [b"PK\x01\x02\x14\0", shared.as_slice(), &[0; 10], &offset.to_le_bytes(), name.as_bytes()] {
            self.directory.extend_from_slice(part);
        }
        self.count += 1;
    }

    /// The whole archive.
    pub fn finish(mut self) -> Vec<u8> {
        let (start, count) = (u32::try_from(self.out.len()).unwrap(), self.count.to_le_bytes());
        self.out.extend_from_slice(&self.directory);
        let len = u32::try_from(self.directory.len()).unwrap().to_le_bytes();
        for part in [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &len, &start.to_le_bytes(), &[0, 0]] {
            self.out.extend_from_slice(part);
        }
        self.out
    }
}

/// CRC-32 as zip and PNG use it.
pub fn crc32(data: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    !data.iter().fold(!0, |sum, byte| TABLE[((sum ^ u32::from(*byte)) & 0xff) as usize] ^ (sum >> 8))
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at: u32 = 0;
    while at < 256 {
        let (mut sum, mut bit) = (at, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
            bit += 1;
        }
        table[at as usize] = sum;
        at += 1;
    }
    table
}
