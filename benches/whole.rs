//! The whole job on generated printer files, beside every peer that is installed: `cargo bench --bench whole [-- MEGABYTES]`, or on
//! 200,000 small files: `cargo bench --bench whole -- small`.
//!
//! Files come from `tests/it/support/corpus/mod.rs`, 481 MB by default, the same every time; `benches/peers.py` times the tools in turns.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "../tests/it/support/corpus/mod.rs"]
mod corpus;

use std::path::Path;
use std::process::Command;

fn main() {
    let megabytes = std::env::args().skip(1).find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(481);
    let small = std::env::args().any(|argument| argument == "small");
    let name = if small { "corpus-small".to_owned() } else { format!("corpus-{megabytes}") };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !folder.join("done").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        let data = folder.join("printer_data");
        if small { write_small(&data) } else { corpus::write(&data, megabytes * 1_000_000, 1).map(drop) }.unwrap();
        std::fs::write(folder.join("done"), "").unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.py");
    let status =
        Command::new("python3").arg(script).arg(env!("CARGO_BIN_EXE_printkeep")).arg(folder.join("printer_data")).status();
    assert!(status.unwrap().success());
}

/// 200,000 files of about 300 bytes in 400 folders, no two the same.
fn write_small(folder: &Path) -> std::io::Result<()> {
    for number in 0..200_000_u32 {
        let within = folder.join(format!("jobs-{:03}", number / 500));
        if number % 500 == 0 {
            std::fs::create_dir_all(&within)?;
        }
        let text = format!("[job {number}]\nfile = cube-{}.gcode\nlayers = {}\n", number * 7919, number % 911).repeat(6);
        std::fs::write(within.join(format!("{number}.cfg")), text)?;
    }
    Ok(())
}
