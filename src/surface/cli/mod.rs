//! The command line: typed words to a request, a reply to lines or a document; nothing else.
//!
//! One file a command: its arguments (clap), the request they make, and the lines of its reply. [`args`] names every command, [`lines`] every
//! reply, and [`run`](request::run) goes from one to the other. Help, too, comes from the words: see [`help`].

pub mod access;
pub mod args;
pub mod backup;
pub mod cat;
pub mod check;
pub mod device;
pub mod diff;
pub mod document;
pub mod entry;
pub mod find;
pub mod follow;
pub mod forget;
pub mod help;
pub mod inbox;
pub mod inbox_exchange;
pub mod key;
pub mod lines;
pub mod ls;
pub mod privacy;
pub mod problems;
pub mod progress;
pub mod prompt;
pub mod prune;
pub mod request;
pub mod rescue;
pub mod restore;
pub mod rules;
pub mod screen;
pub mod setup;
pub mod shell;
pub mod snapshots;
pub mod source;
pub mod start;
pub mod status;
pub mod store;
pub mod sync;
pub mod unlock;
pub mod usage;
