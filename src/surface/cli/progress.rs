//! Watching long work: a bar with rate, time left and the store's name on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::screen::Screen;
use super::{entry, follow, problems, prune};
use crate::app::event::Phase;
use crate::app::forms::following::{ChangeKind, Followings};
use crate::app::forms::notice::{Alike, Notice, NoticeKind};
use crate::app::{Cancel, Event, Text};
use crate::surface::words;
use crate::text;

/// The units are those of every result: powers of ten.
const SPINNER: &str = "{spinner} {decimal_bytes} {decimal_bytes_per_sec}  {wide_msg}";
const BAR: &str = "{bar:30} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {left}  {wide_msg}";

/// So long is watched, and so small a part is waited for, before it is told how long the rest takes: what comes first is no measure.
const WATCHED: Duration = Duration::from_secs(3);
const PART: u64 = 50;

/// Shows events.
pub struct Progress<'a> {
    screen: &'a Screen,
    bar: ProgressBar,
    store: Mutex<String>,
    cancel: &'a Cancel,
    unwritten: Mutex<Option<std::io::Error>>,
}

impl<'a> Progress<'a> {
    /// For a screen: one that is quiet or prints a document shows no bar.
    pub fn new(screen: &'a Screen, cancel: &'a Cancel) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_style(spinner());
        Self { screen, bar, store: Mutex::default(), cancel, unwritten: Mutex::default() }
    }

    /// Takes an event.
    pub fn take(&self, event: Event) {
        match event {
            Event::Phase { phase, store } => self.phase(phase, store),
            Event::Total { bytes, .. } => {
                self.bar.set_length(bytes);
                self.bar.set_style(full());
            }
            Event::File { path } => {
                if !self.bar.is_hidden() {
                    self.bar.set_message(self.labelled(&shorten(&path)));
                }
            }
            Event::Bytes { bytes } => self.bar.inc(bytes),
            Event::FileDone => {}
            Event::Entry(one) => self.listed(&entry::line(&one, &self.screen.words)),
            Event::InSnapshot(snapshot) => self.listed(&entry::heading(&snapshot, &self.screen.words)),
            Event::Found(found) => self.listed(&entry::line(&found.entry, &self.screen.words)),
            Event::Changed(changed) => self.listed(&entry::changed(&changed, &self.screen.words)),
            Event::Content { bytes } => self.put(&bytes),
            Event::Notice(notice) => self.notice(&notice),
            Event::Alike(alike) => self.alike(&alike),
            Event::Followed { change, device } => self.followed(&change, &device),
            Event::Remark { text } => self.say(&text),
            Event::Prune(plan) => {
                if !self.screen.json {
                    prune::plan(&plan, &self.screen.words).iter().for_each(|line| self.listed(line));
                }
            }
            Event::Problem(problem) => {
                self.bar.suspend(|| problems::lines(&problem, &self.screen.words).iter().for_each(|line| words::note(line)));
            }
        }
    }

    /// A line of what was asked for.
    fn listed(&self, line: &str) {
        if !self.screen.quiet {
            self.put(format!("{line}\n").as_bytes());
        }
    }

    /// Writes to standard output; where that fails, nothing more is worked on.
    fn put(&self, bytes: &[u8]) {
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        if unwritten.is_some() {
            return;
        }
        let written = self.bar.suspend(|| std::io::stdout().lock().write_all(bytes));
        if let Err(error) = written {
            *unwritten = Some(error);
            self.cancel.cancel();
        }
    }

    fn labelled(&self, text: &str) -> String {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.is_empty() { text.to_owned() } else { format!("{store}: {text}") }
    }

    fn phase(&self, phase: Phase, store: Option<String>) {
        *self.store.lock().unwrap_or_else(PoisonError::into_inner) = store.unwrap_or_default();
        // not before there is work to show: whoever is asked sees the question alone
        if is_watched(self.screen) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
            self.bar.enable_steady_tick(Duration::from_millis(125));
        }
        self.bar.reset();
        self.bar.set_position(0);
        self.bar.reset_eta();
        let text = match phase {
            Phase::Rebuilding => text!("phase-rebuilding"),
            Phase::BackingUp => text!("phase-backing-up"),
            Phase::Restoring => text!("phase-restoring"),
            Phase::Verifying => text!("phase-verifying"),
            Phase::Pruning => text!("phase-pruning"),
            Phase::Repacking => text!("phase-repacking"),
            Phase::Uploading => text!("phase-uploading"),
            Phase::Downloading => text!("phase-downloading"),
            Phase::Waiting => text!("phase-waiting"),
        };
        self.bar.set_message(self.labelled(&self.screen.words.say(&text)));
    }

    /// Takes the bar away until work goes on: whoever is asked sees the question alone.
    pub fn make_room(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    fn say(&self, text: &Text) {
        self.bar.suspend(|| words::note(&self.screen.words.say(text)));
    }

    /// What failed goes beside the answer, the rest is part of it.
    fn followed(&self, change: &Followings, device: &str) {
        let line = follow::change_line(change, device, &self.screen.words);
        let failed = change.change == ChangeKind::Failed;
        match (self.screen.json, failed) {
            (true, _) => {}
            (false, true) => self.bar.suspend(|| words::note(&line)),
            (false, false) => self.listed(&line),
        }
    }

    fn notice(&self, notice: &Notice) {
        if self.screen.quiet && notice.kind.is_harmless() {
            return;
        }
        let kind = match notice.kind {
            NoticeKind::Skipped => text!("notice-skipped-kind"),
            NoticeKind::Failed => text!("notice-failed-kind"),
            NoticeKind::Changed => text!("notice-changed-kind"),
            NoticeKind::Beside => text!("notice-beside-kind"),
            NoticeKind::Credentials => text!("notice-credentials-kind"),
            NoticeKind::Object => text!("notice-object-kind"),
            NoticeKind::State => text!("notice-state-kind"),
            NoticeKind::NotMoved => text!("notice-not-moved-kind"),
        };
        self.say(&text!("notice", kind = kind, subject = &notice.subject, reason = notice.reason.clone()));
    }

    /// What went wrong with several files: the reason once, then the first of them.
    fn alike(&self, alike: &Alike) {
        let (kind, reason) = (text!("notice-failed-kind"), alike.reason.clone());
        if let (1, Some(subject)) = (alike.count, alike.first.first()) {
            return self.say(&text!("notice", kind = kind, subject = subject, reason = reason));
        }
        let mut lines = vec![self.screen.words.say(&text!("notice-alike", kind = kind, count = alike.count, reason = reason))];
        lines.extend(entry::named(&alike.first, alike.count, &self.screen.words));
        self.bar.suspend(|| lines.iter().for_each(|line| words::note(line)));
    }

    /// Ends the bar; gives why standard output could not be written, if it could not.
    pub fn finish(self) -> Option<std::io::Error> {
        self.bar.finish_and_clear();
        let written = std::io::stdout().flush();
        self.unwritten.into_inner().unwrap_or_else(PoisonError::into_inner).or(written.err())
    }
}

/// Whether somebody watches a bar, so that counting beforehand pays.
pub fn is_watched(screen: &Screen) -> bool {
    !screen.json && !screen.quiet && std::io::stderr().is_terminal()
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template(SPINNER).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn full() -> ProgressStyle {
    let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("left", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        if let Some(left) = left(state.elapsed(), state.pos(), state.len().unwrap_or_default()) {
            let _ = write!(out, "{:#}", HumanDuration(left));
        }
    })
}

/// How long the rest takes, where enough was done to know.
fn left(elapsed: Duration, done: u64, all: u64) -> Option<Duration> {
    let is_known = elapsed >= WATCHED && done > 0 && done >= all / PART;
    is_known.then(|| elapsed.mul_f64(all.saturating_sub(done) as f64 / done as f64))
}

fn shorten(path: &str) -> String {
    let count = path.chars().count();
    if count <= 60 { path.to_owned() } else { format!("…{}", path.chars().skip(count - 59).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_the_rest_takes_is_told_once_enough_was_done() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(2), 500, 1000), None);
        assert_eq!(left(seconds(60), 0, 1000), None);
        assert_eq!(left(seconds(60), 1, 1000), None);
        assert_eq!(left(seconds(60), 20, 1000), Some(seconds(60 * 49)));
        assert_eq!(left(seconds(60), 1000, 1000), Some(seconds(0)));
    }

    #[test]
    fn progress_counts_in_the_units_of_results() {
        for template in [SPINNER, BAR] {
            let sizes = template.split(['{', '}']).filter(|key| key.contains("bytes"));
            assert!(sizes.clone().count() >= 2 && sizes.into_iter().all(|key| key.starts_with("decimal_")), "{template}");
        }
    }
}
