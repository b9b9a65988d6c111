//! The steps of a guided run that let copies go elsewhere: a store with its test, and the consent to network use.

use std::path::Path;

use super::asking::{Said, ask, ask_yes, tell, typed_path};
use super::standing;
use crate::app::access::Access;
use crate::app::forms::setup::{Step, StepName, StepState};
use crate::app::job::Job;
use crate::app::jobs::store::add::StoreAdd;
use crate::app::jobs::store::set::StoreSet;
use crate::app::jobs::store::test::StoreTest;
use crate::app::prompt::Shown;
use crate::app::work::{Work, WorkKind};
use crate::app::{Exit, Failure, Text};
use crate::config::{Config, Store};
use crate::consent::{ConsentState, Decision, Item};
use crate::engine::account::audit::AuditEntry;
use crate::engine::repository::stores;
use crate::local::audit::{Event, Outcome};
use crate::provider::address::Address;
use crate::provider::credentials::CredentialKind;
use crate::provider::removable;
use crate::text;

/// A store, added.
pub fn store(work: &Work<'_>) -> Result<Option<Step>, Failure> {
    let config = work.session.config()?;
    let names = |config: &Config| config.stores.iter().map(|store| store.name.clone()).collect::<Vec<_>>().join(", ");
    let of = |state, about| Some(Step::of(StepName::Store, state, about));
    if !config.stores.is_empty() {
        let state = match lend(work, &config)? {
            Lent::Before => StepState::Before,
            Lent::Now => StepState::Done,
            Lent::Without(name) => return Ok(of(StepState::Skipped, text!("setup-stores-locked", name = name))),
            Lent::Left => return Ok(None),
        };
        let stands = standing::store(work, &work.open_read_only()?)?;
        let state = if stands.state == StepState::Before { state } else { stands.state };
        return Ok(Some(Step { state, ..stands }));
    }
    loop {
        let url = match ask(work, &text!("setup-ask-store"))? {
            Said::Leave => return Ok(None),
            Said::Nothing => return Ok(of(StepState::Skipped, text!("setup-store-none"))),
            Said::This(said) if said.starts_with("~/") => typed_path(&said).display().to_string(),
            Said::This(said) => said,
        };
        match add_store(work, &url) {
            Ok(Some(true)) => return Ok(of(StepState::Done, text!("setup-stores-new", names = names(&work.session.config()?)))),
            Ok(Some(false)) => {}
            Ok(None) => return Ok(None),
            Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
            Err(failure) => tell(work, failure),
        }
    }
}

/// What came of asking for credentials.
enum Lent {
    /// None were wanting.
    Before,
    /// They were given.
    Now,
    /// Those of this store were not.
    Without(String),
    /// The owner left.
    Left,
}

/// Asks for the credentials of stores that another device told of, which tells none.
fn lend(work: &Work<'_>, config: &Config) -> Result<Lent, Failure> {
    let account = work.open_read_only()?;
    let locked: Vec<_> = config.stores.iter().filter(|store| stores::lacks_credentials(&account, store)).collect();
    drop(account);
    for store in &locked {
        work.remark(text!("setup-needs-credentials", name = &store.name));
        loop {
            let file = match ask(work, &credentials_question(store))? {
                Said::Leave => return Ok(Lent::Left),
                Said::Nothing => return Ok(Lent::Without(store.name.clone())),
                Said::This(said) => typed_path(&said),
            };
            let access = Access { credentials_file: Some(file), ..Access::default() };
            match (StoreSet { name: store.name.clone(), access, ..StoreSet::default() }).run(work) {
                Ok(_) => break,
                Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
                Err(failure) => tell(work, failure),
            }
        }
    }
    Ok(if locked.is_empty() { Lent::Before } else { Lent::Now })
}

/// Adds a store, unless the owner thinks better of it; none where they leave.
fn add_store(work: &Work<'_>, url: &str) -> Result<Option<bool>, Failure> {
    let mut access = Access::default();
    if !complete(work, url, &mut access)? {
        return Ok(Some(false));
    }
    let address = access.describe("store", url)?.address;
    if let Some(folder) = on_this_disk(work, &address) {
        match ask_yes(work, &text!("setup-ask-store-this-disk", path = folder), false)? {
            Some(true) => {}
            other => return Ok(other),
        }
    }
    let name = Some(name_of(work, &address)?);
    let added = StoreAdd { url: url.to_owned(), name, access, ..StoreAdd::default() }.run(work)?;
    let name = added.store.name.clone();
    let account = work.open_read_only()?;
    account.logs().audit(AuditEntry::of(Event::Settings, Outcome::Done).what("store added").names(vec![name.clone()]));
    let can_be_tested = !added.needs_consent;
    work.prompt.show(Shown::Store(&added));
    if can_be_tested {
        tested(work, &name)?;
    }
    Ok(Some(true))
}

/// The folder of a store that lies on the disk of this machine's own copy.
fn on_this_disk<'a>(work: &Work<'_>, address: &'a Address) -> Option<&'a Path> {
    let Address::Folder(path) = address else { return None };
    let there = removable::disk_of(path).ok()?;
    removable::disk_of(&work.session.home.vault()).is_ok_and(|here| here == there).then_some(path.as_path())
}

/// A name for a store that its owner knows again: the folder's, the bucket's or the server's, with a number where it is taken.
fn name_of(work: &Work<'_>, address: &Address) -> Result<String, Failure> {
    let known = match address {
        Address::Folder(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        Address::S3(address) => address.bucket.clone(),
        Address::WebDav(address) => address.folder.domain().unwrap_or_default().to_owned(),
        Address::Sftp(address) => address.host.clone(),
    };
    let first = known.split('.').next().unwrap_or_default().to_lowercase();
    let is_name = !first.is_empty() && first.len() <= 32 && first.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let name = if is_name && !first.chars().all(|c| c.is_ascii_digit()) { first } else { "store".to_owned() };
    let config = work.session.config()?;
    let is_free = |name: &String| !config.stores.iter().any(|store| store.name == *name);
    let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
    Ok(std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name))
}

/// Tests a store, shows what it can do, and says whether it can be used; what it lacks is told, and hinders nothing here.
fn tested(work: &Work<'_>, name: &str) -> Result<bool, Failure> {
    match (StoreTest { name: Some(name.to_owned()) }).run(work) {
        Ok(found) => {
            let usable = found.stores.iter().all(|store| store.usable);
            work.prompt.show(Shown::Tested(&found));
            Ok(usable)
        }
        Err(failure) if failure.exit == Exit::Stopped => Err(failure),
        Err(failure) => {
            tell(work, failure);
            Ok(false)
        }
    }
}

/// Which file holds a store's credentials, and how.
fn credentials_question(store: &Store) -> Text {
    match stores::credential_kind(&store.address) {
        Some(CredentialKind::Keys) => text!("setup-ask-keys"),
        Some(CredentialKind::Ssh) => text!("setup-ask-ssh-key"),
        Some(CredentialKind::Login) | None => text!("setup-ask-login"),
    }
}

/// Says what the owner left unsaid of a store: whom to trust there, and which file holds the credentials, where none are at hand. False
/// where the owner names none.
pub fn complete(work: &Work<'_>, url: &str, access: &mut Access) -> Result<bool, Failure> {
    let mut store = access.describe("store", url)?;
    if !stores::says_whom_to_trust(&store) && !matches!(store.address, Address::Sftp(_)) {
        // as a browser would; a server whose certificate nobody known signed is asked about when it is met
        access.system_roots = true;
        store = access.describe("store", url)?;
    }
    if stores::credential_kind(&store.address).is_none() || access.credentials(&work.files, &store).is_ok() {
        return Ok(true);
    }
    match ask(work, &credentials_question(&store))? {
        Said::This(said) => access.credentials_file = Some(typed_path(&said)),
        Said::Nothing | Said::Leave => return Ok(false),
    }
    access.credentials(&work.files, &store).map(|_| true)
}

/// The owner's yes to network use, in the policy's own words, where a store needs it.
pub fn consent(work: &Work<'_>) -> Result<Option<Step>, Failure> {
    let of = |state, about| Some(Step::of(StepName::Consent, state, about));
    let config = work.session.config()?;
    let needing: Vec<String> =
        config.stores.iter().filter(|store| store.address.needs_network()).map(|store| store.name.clone()).collect();
    let account = work.open_read_only()?;
    if account.ledger.standing(Item::Network) == ConsentState::Granted {
        drop(account);
        // a server that nobody said to trust yet is met
        let unmet = config.stores.iter().filter(|store| !stores::says_whom_to_trust(store)).map(|store| store.name.clone());
        return met(work, &unmet.collect::<Vec<_>>(), StepState::Before).map(Some);
    }
    if needing.is_empty() {
        return Ok(of(StepState::Before, text!("setup-consent-not-needed")));
    }
    let said = account.ledger.policy().and_then(|policy| policy.statement(Item::Network));
    let meaning = said.map(|said| said.purpose.in_language(work.session.language).to_owned()).unwrap_or_default();
    drop(account);
    let question = text!("setup-ask-consent", stores = needing.join(", "), meaning = meaning);
    match ask_yes(work, &question, false)? {
        None => return Ok(None),
        Some(true) => {}
        Some(false) => return Ok(of(StepState::Skipped, text!("setup-consent-none"))),
    }
    work.open(WorkKind::Small)?.decide(Item::Network, Decision::Granted, work.session.asked())?;
    met(work, &needing, StepState::Done).map(Some)
}

/// Tries stores that may be reached; one that cannot be used leaves the step open.
fn met(work: &Work<'_>, names: &[String], state: StepState) -> Result<Step, Failure> {
    for name in names {
        if !tested(work, name)? {
            return Ok(Step::of(StepName::Consent, StepState::Skipped, text!("setup-consent-unreached", name = name)));
        }
    }
    Ok(Step::of(StepName::Consent, state, text!("setup-consent-given")))
}
