//! stub
use std::fs::File;
pub struct Extent {
    pub offset: u64,
    pub len: u64,
    pub hole: bool,
}
pub fn extents(_: &File, len: u64) -> Vec<Extent> {
    if len == 0 { vec![] } else { vec![Extent { offset: 0, len, hole: false }] }
}
