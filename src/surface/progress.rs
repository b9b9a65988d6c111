//! Watching long work: bars with rate and time left on a terminal, plain lines elsewhere, and notices kept for the answer.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::words;
use crate::engine::{Cancel, Event, Notice, Phase};

/// Notices kept for a JSON answer; more are counted only.
const KEPT: usize = 1000;

/// A watcher of engine events.
pub struct Progress {
    bar: ProgressBar,
    silent: bool,
    notices: Mutex<Vec<Value>>,
}

impl Progress {
    /// A watcher; a silent one prints nothing but what went wrong.
    pub fn new(silent: bool) -> Self {
        let shown = !silent && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(spinner());
        if shown {
            bar.enable_steady_tick(Duration::from_millis(125));
        }
        Self { bar, silent, notices: Mutex::default() }
    }

    /// Whether somebody watches a bar, so that counting beforehand pays.
    pub fn is_watched(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Takes an event.
    pub fn event(&self, event: Event<'_>) {
        match event {
            Event::Phase(phase) => self.phase(phase),
            Event::Total { bytes, .. } => {
                self.bar.set_length(bytes);
                self.bar.set_style(full());
            }
            Event::File(path) => {
                if !self.bar.is_hidden() {
                    self.bar.set_message(shorten(&path.to_string()));
                }
            }
            Event::Bytes(bytes) => self.bar.inc(bytes),
            Event::FileDone => {}
            Event::Notice(notice) => self.notice(&notice),
        }
    }

    fn phase(&self, phase: Phase) {
        self.bar.set_position(0);
        self.bar.set_message(match phase {
            Phase::Rebuilding => "looking at the vault",
            Phase::BackingUp => "backing up",
            Phase::Restoring => "restoring",
            Phase::Verifying => "verifying",
            Phase::Pruning => "removing",
            Phase::Repacking => "moving what is needed",
            Phase::Uploading => "sending",
            Phase::Downloading => "fetching",
        });
    }

    fn notice(&self, notice: &Notice<'_>) {
        let (kind, subject, reason) = match notice {
            Notice::Skipped(path, why) => ("skipped", path.to_string(), why.to_string()),
            Notice::Failed(path, why) => ("failed", path.to_string(), why.to_string()),
            Notice::Changed(path) => {
                ("changed", path.to_string(), "it changed while it was read; the next backup reads it again".into())
            }
            Notice::Beside(path, name) => ("kept", path.to_string(), format!("what stood in its place is {name} now")),
            Notice::Credentials(path, found, left_out) => ("credentials", path.to_string(), words::credentials(found, *left_out)),
            Notice::Object(name, why) => ("object", name.to_string(), why.to_string()),
            Notice::StateRebuilt(why) => ("state", "local state".into(), format!("was set aside and is rebuilt: {why}")),
            Notice::NotMoved(name, why) => ("not moved", name.to_string(), why.to_string()),
        };
        let harmless = matches!(notice, Notice::Skipped(..));
        self.keep(kind, &subject, &reason, harmless);
    }

    /// Tells of something that could not be done before the engine began.
    pub fn failed(&self, subject: &str, reason: &str) {
        self.keep("failed", subject, reason, false);
    }

    fn keep(&self, kind: &str, subject: &str, reason: &str, harmless: bool) {
        if !(self.silent && harmless) {
            self.bar.suspend(|| words::note(&format!("{kind}: {subject}: {reason}")));
        }
        let mut kept = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(json!({ "kind": kind, "subject": subject, "reason": reason }));
        }
    }

    /// Ends the bar and gives the notices.
    pub fn finish(self) -> Vec<Value> {
        self.bar.finish_and_clear();
        self.notices.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {bytes} {binary_bytes_per_sec}  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn full() -> ProgressStyle {
    let template = "{bar:30} {bytes}/{total_bytes}  {binary_bytes_per_sec}  {eta} left  {wide_msg}";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn shorten(path: &str) -> String {
    let count = path.chars().count();
    if count <= 60 { path.to_owned() } else { format!("…{}", path.chars().skip(count - 59).collect::<String>()) }
}

/// Stops cleanly at Ctrl-C, SIGTERM or SIGHUP; a second Ctrl-C ends at once, which loses nothing that was reported as saved.
pub fn stop_on_signals(cancel: Arc<Cancel>) {
    use tokio::signal::unix::{SignalKind, signal};
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
            let Ok(mut signals) = kinds.into_iter().map(signal).collect::<Result<Vec<_>, _>>() else { return };
            loop {
                let waiting = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
                futures_util::future::select_all(waiting).await;
                if cancel.is_cancelled() {
                    std::process::exit(super::exit::Exit::Stopped as i32);
                }
                words::note("stopping…");
                cancel.cancel();
            }
        });
    });
}
