//! The one service layer: typed requests in, typed replies out, for whoever asks: command line, socket, page, tray.
//!
//! [`perform()`] is the only way in: it begins, works, records what is allowed, writes the audit log, looks for problems. Nothing here prints, and
//! nothing here knows how it was asked. Requests, replies and events are plain data with a schema (`docs/schema.json`).

pub mod access;
pub mod address;
pub mod after;
pub mod answer;
pub mod contact;
pub mod damage;
pub mod deletion;
pub mod document;
pub mod event;
pub mod failure;
pub mod failure_document;
pub mod faults;
pub mod forms;
pub mod job;
pub mod jobs;
pub mod key_agent;
pub mod kit;
pub mod manual;
pub mod misuse;
pub mod named_files;
pub mod new_file;
pub mod own_folders;
pub mod owner;
pub mod perform;
pub mod prompt;
pub mod reading;
pub mod reasons;
pub mod reply;
pub mod request;
pub mod second_factor;
pub mod session;
pub mod shown_path;
pub mod text;
pub mod unlock;
pub mod version;
pub mod work;

/// Whether a panic on this thread now is caught and answered: a panic hook then has nothing to say.
pub use crate::local::cache::is_guarding as is_answered;

pub use crate::engine::Cancel;
pub use event::Event;
pub use failure::{Exit, Failure};
pub use perform::perform;
pub use prompt::Prompt;
pub use reply::Reply;
pub use request::Request;
pub use session::Session;
pub use text::{Arg, Text};
