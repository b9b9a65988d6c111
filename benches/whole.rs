//! The whole job on generated printer files, beside every peer that is installed: `cargo bench --bench whole [-- MEGABYTES]`.
//!
//! Files come from `tests/it/support/corpus/mod.rs`, 481 MB by default, the same every time; `benches/peers.py` times the tools in turns.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "../tests/it/support/corpus/mod.rs"]
mod corpus;

use std::path::Path;
use std::process::Command;

fn main() {
    let megabytes = std::env::args().skip(1).find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(481);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("corpus-{megabytes}"));
    if !folder.join("done").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        corpus::write(&folder.join("printer_data"), megabytes * 1_000_000, 1).unwrap();
        std::fs::write(folder.join("done"), "").unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.py");
    let status =
        Command::new("python3").arg(script).arg(env!("CARGO_BIN_EXE_printkeep")).arg(folder.join("printer_data")).status();
    assert!(status.unwrap().success());
}
