//! Rescuing: a blank machine takes the place of a lost one: it joins, shows a plan, and puts everything back to where it was.
//!
//! Until its owner says yes it only looks: nothing is added to the account, and nothing stays here.

mod enter;
mod plan;
mod request;

use crate::app::Failure;
use crate::app::forms::rescue::{Outcome, Rescued};
use crate::app::job::{Audited, Job, Recording};
use crate::app::jobs::restore::asked_owners;
use crate::app::prompt::{Shown, Unasked};
use crate::app::work::Work;
use crate::engine::EngineError;
use crate::engine::repository::chunk_reader::ChunkReader;
use crate::engine::repository::read_order::ReadOrder;
use crate::engine::repository::snapshot::Snapshot;
use crate::engine::restore::rescue::{self, Plan};
use crate::engine::restore::{self, Owners};
use crate::local::audit::Event;
use crate::local::home::full_path;
use crate::{config, text};
use enter::Scene;
use plan::printable;

pub use request::Rescue;

impl Job for Rescue {
    type Reply = Rescued;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Restore, "rescue").begins(true))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<Rescued, Failure> {
        match self.yes {
            true => self.rescue(&work.unasked(&Unasked(work.prompt))),
            false => self.rescue(work),
        }
    }
}

impl Rescue {
    fn rescue(mut self, work: &Work<'_>) -> Result<Rescued, Failure> {
        if let Some(root) = &self.root {
            self.root = Some(full_path(root).map_err(|error| Failure::path(root, &error))?);
        }
        let mut shown = false;
        // a plan is what a new machine would do, also where this one has a place in the account: nothing is written for it
        // a device that is added stays for ever: only whoever says yes to the real thing adds one
        if self.plan || !enter::is_known(work)? && (self.root.is_some() || !self.yes) {
            let preview = enter::preview(work, &mut self)?;
            let mut reply = self.with(work, &preview.scene, true)?;
            if reply.outcome != Outcome::Planned || self.plan || self.root.is_some() {
                return Ok(reply);
            }
            shown = true;
            reply.shown = true;
        }
        let scene = enter::enter(work, &self)?;
        let decided = Self { yes: self.yes || shown, ..self };
        let mut reply = decided.with(work, &scene, false)?;
        reply.shown |= shown;
        Ok(reply)
    }

    /// Plans, asks, and puts back. Where it only looks, what goes to its own place is left at the owner's yes.
    fn with(&self, work: &Work<'_>, scene: &Scene, looks: bool) -> Result<Rescued, Failure> {
        let info = enter::snapshot(work, &scene.account, self)?;
        let owners = asked_owners(self.owners, &scene.account, &info)?;
        let places = ReadOrder::with_stores(&scene.account, scene.remotes.readable(&scene.account));
        let reader = ChunkReader::new(&scene.chunk_index, places, &scene.keyring, info.head.device);
        let snapshot = Snapshot::open(&reader, info.head.clone())?;
        let own = work.session.home.root();
        let plan = rescue::plan(own, (&reader, &snapshot), self.root.as_deref(), self.replace(), work.cancel)?;
        let mut reply = plan::reply(&plan, &info, scene, self);
        if let Some(outcome) = self.decide(work, &plan, &mut reply)? {
            reply.outcome = outcome;
            return Ok(reply);
        }
        if looks && self.root.is_none() {
            return Ok(reply);
        }
        if self.root.is_none() {
            configure(work, &plan)?;
            reply.configured = true;
        }
        self.put_back(work, (&reader, &snapshot), (&plan, owners), &mut reply)?;
        Ok(reply)
    }

    /// Where to stop after the plan, if at all: said beforehand, or asked; nobody to ask is a no.
    fn decide(&self, work: &Work<'_>, plan: &Plan, reply: &mut Rescued) -> Result<Option<Outcome>, Failure> {
        if self.plan {
            return Ok(Some(Outcome::Planned));
        }
        if !plan.fits() {
            return Ok(Some(Outcome::NoRoom));
        }
        if self.yes {
            return Ok(None);
        }
        if !work.prompt.is_there() {
            return Ok(Some(Outcome::Unasked));
        }
        work.prompt.show(Shown::Rescue(reply));
        reply.shown = true;
        let answer = work.prompt.answer(&text!("rescue-ask"))?;
        let yes = matches!(answer.to_lowercase().as_str(), "y" | "yes" | "是");
        Ok((!yes).then_some(Outcome::Declined))
    }

    fn put_back(
        &self,
        work: &Work<'_>,
        (reader, snapshot): (&ChunkReader<'_>, &Snapshot<'_>),
        (plan, owners): (&Plan, Owners),
        reply: &mut Rescued,
    ) -> Result<(), Failure> {
        let watcher = work.watcher_by_reason();
        for part in &plan.parts {
            let on_event = |event: crate::engine::Event<'_>| watcher.take(event);
            match rescue::put_back(reader, snapshot, part, self.root.as_deref(), (self.replace(), owners), work.job(&on_event)) {
                Ok(one) => {
                    add(reply, &one);
                    plan::add_kept(reply, part, &one);
                }
                // one source that cannot be put back keeps no other waiting
                Err(error @ (EngineError::Disk(_) | EngineError::Usage(_) | EngineError::NoPath(_))) => {
                    let why = Failure::from(error).message;
                    work.remark(text!("rescue-part-failed", path = printable(&part.from), why = why));
                    reply.failed += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        reply.notices = watcher.finish();
        let account = work.session.account.as_ref().map(|name| name.as_str());
        reply.again = (reply.kept > 0).then(|| self.again(&reply.rescued, reply.snapshot, account));
        reply.outcome = Outcome::PutBack;
        Ok(())
    }
}

fn add(reply: &mut Rescued, one: &restore::Report) {
    reply.files += one.files;
    reply.bytes += one.bytes;
    reply.already += one.already;
    reply.beside += one.beside;
    reply.failed += one.failed;
}

/// The old device's sources become this one's, so that the next backup goes on. A snapshot tells of paths, not of patterns.
fn configure(work: &Work<'_>, plan: &Plan) -> Result<(), Failure> {
    work.change_config(|config| {
        for part in plan.parts.iter().filter(|part| part.to.is_ok() && part.from.to_str().is_some()) {
            if !config.sources.iter().any(|source| source.path == part.from) {
                config.sources.push(config::Source {
                    path: part.from.clone(),
                    kinds: None,
                    include: Vec::new(),
                    exclude: Vec::new(),
                    no_credentials: false,
                    keep_days: None,
                });
            }
        }
        Ok(())
    })
}
