//! Every test that looks at the program from outside, in one binary: a module for what is tested, `support` for what they share.
//!
//! `cargo test --test it prune::` runs those of one module. What takes long waits for its command: `tests/torture/run`,
//! `tests/end_to_end/run`, `tests/servers/run`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod accounts;
mod architecture;
mod audit;
mod bad_input;
mod chunker;
mod concurrency;
mod consent;
mod contract;
mod credentials;
mod damage;
mod device_records;
mod devices;
mod end_to_end;
mod enroll;
mod flaky_stores;
mod follow;
mod foreign_folder;
mod forget;
mod fork;
mod inbox;
mod incidents;
mod integrity;
mod join;
mod key_agent;
mod known_answers;
mod left_out;
mod limits;
mod looking;
mod named_commands;
mod object_lock;
mod odd_files;
mod packaging;
mod privacy;
mod privacy_rights;
mod prune;
mod reader;
mod reading_key;
mod repack;
mod repair;
mod rescue;
mod retention;
mod rogue_device;
mod rollback;
mod roundtrip;
mod service;
mod setup;
mod sftp;
mod state_rebuild;
mod store_rights;
mod stores;
mod support;
mod tls;
mod torture;
mod totp;
mod transcripts;
mod unproved;
mod waiting;
mod webdav;
mod write_only;
