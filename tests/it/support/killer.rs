//! Killing the program at any moment of its work.

use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::{Home, noise};

/// Kills a program at random moments of the time it takes. How long that is differs from machine to machine and from run to
/// run, so the window follows what is seen: a run that was over before its kill narrows it, one that was hit widens it.
pub struct Killer {
    window: Duration,
    wanted: u64,
    seed: u64,
    tried: u64,
    hits: u64,
}

impl Killer {
    /// For a program that takes `usual` when nobody kills it, and is to be hit `wanted` times; `seed` chooses the moments.
    pub fn new(usual: Duration, wanted: u64, seed: u64) -> Self {
        Self { window: usual, wanted, seed, tried: 0, hits: 0 }
    }

    /// Whether as many runs as wanted were hit.
    pub fn is_done(&self) -> bool {
        // a window that narrows ends at kills that cannot come too late, so this bound is met only when nothing can be hit
        assert!(self.tried < 8 + 20 * self.wanted, "only {} of {} runs were hit", self.hits, self.tried);
        self.hits >= self.wanted
    }

    /// The number of the next run.
    pub fn round(&self) -> u64 {
        self.seed + self.tried
    }

    /// Starts the program and kills it; says how it ended, which may have been before.
    pub fn kill(&mut self, home: &Home, args: &[&str]) -> ExitStatus {
        let share = f64::from(noise(self.round(), 1)[0]) / 255.0;
        self.tried += 1;
        let started = Instant::now();
        let mut child = home.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // the moment is the fault; nothing waits for it
        std::thread::sleep(self.window.mul_f64(share).saturating_sub(started.elapsed()));
        let running = child.try_wait().unwrap().is_none();
        let _ = child.kill();
        let ended = child.wait().unwrap();
        self.hits += u64::from(running);
        self.window = self.window.mul_f64(if running { 1.1 } else { 0.7 });
        ended
    }
}
