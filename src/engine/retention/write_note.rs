//! Writing a deletion note: numbered after its last one, chained, sealed, into the vault; `sync` carries it on.
//!
//! The number and hash of the newest own note are remembered in `keep.sealed` beside the journal, so that a vault that lost notes
//! (an old copy put back) does not make this device that may delete use a number twice.

use std::path::PathBuf;

use crate::core::codec::{Reader, Writer};
use crate::core::deletion_note::{DeletionNote, MAX_IDS, MAX_STATEMENTS, Statement};
use crate::core::name::{ObjectHash, ObjectId, ObjectName};
use crate::core::random::Random;
use crate::core::snapshot::Seen;
use crate::engine::account::{Account, AccountWriter};
use crate::engine::error::{Damage, OwnFile, in_vault};
use crate::engine::repository::deletion_notes::DeletionNotes;
use crate::engine::{EngineError, Job, Misuse};
use crate::local::{local_seal, may_vanish, work_lock};

/// Refuses what only a device that may delete may do on a device that is none.
pub fn must_may_delete(account: &Account) -> Result<(), EngineError> {
    if account.roster.may_delete(&account.device.id) { Ok(()) } else { Err(why_not(account)) }
}

/// Why a device lets nothing go: one that was revoked cannot be allowed to, either.
pub fn why_not(account: &Account) -> EngineError {
    match account.is_revoked() {
        true => EngineError::Usage(Misuse::RevokedHere),
        false => EngineError::MayNotDelete(account.device.name.clone()),
    }
}

/// Says these things as a device that may delete: durable in the vault when this returns. Gives the names of the notes.
pub fn say(account: &AccountWriter, said: Vec<Statement>, heads: &[Seen], job: Job<'_>) -> Result<Vec<ObjectName>, EngineError> {
    must_may_delete(account)?;
    // numbers go up by one, whoever of this device's processes speaks
    let _moment = work_lock::take_moment(&account.folder(), "notes", &account.stop)?;
    let mut names = Vec::new();
    let mut rest = said.into_iter().flat_map(split).peekable();
    while rest.peek().is_some() {
        let mut weight = 0;
        let mut part = Vec::new();
        while let Some(next) = rest.next_if(|next| part.is_empty() || weight + cost(next) <= MAX_NOTE) {
            weight += cost(&next);
            part.push(next);
            if part.len() == MAX_STATEMENTS {
                break;
            }
        }
        names.push(say_one(account, part, heads, job)?);
    }
    Ok(names)
}

/// The largest note that is written, in bytes; far below what is read.
const MAX_NOTE: usize = 4 * 1024 * 1024;

/// Cuts a statement with too many ids into several.
fn split(said: Statement) -> Vec<Statement> {
    let cut = |ids: Vec<ObjectId>, make: fn(Vec<ObjectId>) -> Statement| {
        ids.chunks(MAX_IDS / 8).map(|part| make(part.to_vec())).collect()
    };
    match said {
        Statement::Mark(ids) => cut(ids, Statement::Mark),
        Statement::Unmark(ids) => cut(ids, Statement::Unmark),
        Statement::Drop(ids) => cut(ids, Statement::Drop),
        one => vec![one],
    }
}

/// About how many bytes a statement takes.
fn cost(said: &Statement) -> usize {
    match said {
        Statement::Mark(ids) | Statement::Unmark(ids) | Statement::Drop(ids) => 16 * ids.len() + 8,
        Statement::Moved(_, needs) => 32 + needs.iter().map(|n| 64 + 10 * n.packs.len()).sum::<usize>(),
        _ => 128,
    }
}

fn say_one(account: &AccountWriter, said: Vec<Statement>, heads: &[Seen], job: Job<'_>) -> Result<ObjectName, EngineError> {
    let notes = DeletionNotes::read(account)?;
    let device = &account.device;
    let own =
        notes.newest().find(|seen| seen.device == device.id).map_or((0, ObjectHash::from_bytes([0; 32])), |s| (s.number, s.hash));
    if let Some(remembered) = remembered(account)
        && remembered.0 > own.0
    {
        return Err(EngineError::Damaged { what: OwnFile::Vault, why: Damage::NoNote(remembered.0) });
    }
    let note = DeletionNote {
        deleter: device.id,
        number: own.0 + 1,
        previous: own.1,
        order: notes.order() + 1,
        time: job.now(),
        heads: heads.to_vec(),
        said,
    };
    let sealed = note.seal(&device.keys, &device.signer, job.random)?;
    account.vault_writer().put_now(&sealed).map_err(in_vault)?;
    remember(account, note.number, sealed.hash(), job.random)?;
    Ok(sealed.name())
}

fn path(account: &Account) -> PathBuf {
    account.folder().join("keep.sealed")
}

/// The newest own note, as far as this machine remembers; none where the file does not open, which [`is_damaged`] tells.
pub fn remembered(account: &Account) -> Option<(u64, ObjectHash)> {
    let sealed = may_vanish::read(&path(account), 4096)?;
    let opened = local_seal::open(&account.local_key(b"keep"), b"newest note", &sealed)?;
    let mut input = Reader::new(&opened);
    Some((input.u64().ok()?, ObjectHash::from_bytes(input.array().ok()?)))
}

/// Whether something lies where the newest own note is remembered, and does not open.
pub fn is_damaged(account: &Account) -> bool {
    remembered(account).is_none() && path(account).symlink_metadata().is_ok()
}

/// Remembers anew, by what the vault holds, where what was remembered does not open.
pub fn repair(account: &AccountWriter, random: &dyn Random) -> Result<(), EngineError> {
    if !is_damaged(account) {
        return Ok(());
    }
    let newest = DeletionNotes::read(account)?.newest().find(|seen| seen.device == account.device.id);
    match newest {
        Some(seen) => remember(account, seen.number, seen.hash, random),
        None => Ok(may_vanish::remove(&path(account))?),
    }
}

fn remember(account: &AccountWriter, number: u64, hash: ObjectHash, random: &dyn Random) -> Result<(), EngineError> {
    let mut out = Writer::new();
    out.u64(number);
    out.raw(hash.as_bytes());
    let sealed = local_seal::seal(&account.local_key(b"keep"), b"newest note", out.as_slice(), random)?;
    Ok(may_vanish::write(&path(account), &sealed)?)
}
