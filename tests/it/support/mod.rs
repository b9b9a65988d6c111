//! What several tests need: running the program, servers in this process, several devices of one account, files as printers have them.

pub mod corpus;
pub mod gate;
pub mod job;
pub mod killer;
pub mod liar;
pub mod machine;
pub mod meanwhile;
pub mod measured;
pub mod old_states;
pub mod problems;
pub mod program;
pub mod server;
pub mod sftp;
pub mod shop;
pub mod typist;
pub mod webdav;
pub mod world;
