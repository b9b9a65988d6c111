//! The steps of a guided run after the account: sources, passphrase, recovery kit, store, consent.

use std::path::{Path, PathBuf};

use super::asking::{Said, ask, is_yes, tell, typed_path};
use crate::app::access::Access;
use crate::app::forms::setup::{Step, StepName, StepState};
use crate::app::forms::source::SourcesDetected;
use crate::app::job::Job;
use crate::app::jobs::key::KeyPassphrase;
use crate::app::jobs::source::{SourceAdd, detected, take};
use crate::app::jobs::store::add::StoreAdd;
use crate::app::jobs::store::set::StoreSet;
use crate::app::jobs::store::test::StoreTest;
use crate::app::prompt::Shown;
use crate::app::unlock::{Unlock, read_kit};
use crate::app::work::{Purpose, Work};
use crate::app::{Exit, Failure, Text};
use crate::config::{Config, Store};
use crate::consent::{ConsentState, Decision, Item};
use crate::core::slot::SlotKind;
use crate::engine::account::audit::AuditEntry;
use crate::engine::account::slots;
use crate::engine::backup::detect::Found;
use crate::engine::repository::stores;
use crate::local::audit::{Event, Outcome};
use crate::local::home::{full_path, read_small, remove_if_there, write_private};
use crate::provider::address::Address;
use crate::provider::credentials::CredentialKind;
use crate::text;

/// The largest recovery kit, in bytes.
const MAX_KIT: u64 = 64 * 1024;

/// What is to be backed up: what is found, with sizes, or a folder that is named.
pub fn sources(work: &Work<'_>) -> Result<Option<Step>, Failure> {
    let of = |state, count: usize| Step::of(StepName::Sources, state, text!("setup-sources", count = count));
    let config = work.session.config()?;
    if !config.sources.is_empty() {
        return Ok(Some(of(StepState::Before, config.sources.len())));
    }
    let (found, raw) = detected(work)?;
    let question = if found.is_empty() { text!("setup-ask-folder") } else { text!("setup-ask-sources") };
    work.prompt.show(Shown::Detected(&SourcesDetected { found, add: false, choosing: true, added: 0, sources: Vec::new() }));
    loop {
        let done = match ask(work, &question)? {
            Said::Leave => return Ok(None),
            Said::Nothing if raw.is_empty() => return Ok(Some(of(StepState::Skipped, 0))),
            Said::Nothing => take(work, &raw).map(|_| ()),
            Said::This(said) if said == "s" => return Ok(Some(of(StepState::Skipped, 0))),
            Said::This(said) => chosen(work, &raw, &said),
        };
        match done {
            Ok(()) => return Ok(Some(of(StepState::Done, work.session.config()?.sources.len()))),
            Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
            Err(failure) => tell(work, failure),
        }
    }
}

/// Numbers of what was found, or a path.
fn chosen(work: &Work<'_>, raw: &[Found], said: &str) -> Result<(), Failure> {
    let words = || said.split([' ', ',']).filter(|word| !word.is_empty());
    if !words().all(|word| word.chars().all(|c| c.is_ascii_digit())) {
        let path = typed_path(said);
        return SourceAdd { path, ..SourceAdd::default() }.run(work).map(|added| work.prompt.show(Shown::Source(&added)));
    }
    let number = |word: &str| word.parse::<usize>().ok().and_then(|number| raw.get(number.checked_sub(1)?)).cloned();
    let picked: Option<Vec<Found>> = words().map(number).collect();
    let picked = picked.ok_or_else(|| Failure::usage(text!("setup-no-such-number", count = raw.len())))?;
    take(work, &picked).map(|_| ())
}

/// A passphrase, where the account has none and its kit is at hand.
pub fn passphrase(work: &Work<'_>, named_kit: Option<&Path>) -> Result<Option<Step>, Failure> {
    let of = |state, about| Some(Step::of(StepName::Passphrase, state, about));
    let account = work.open_read_only()?;
    let slots = slots::list(&account)?;
    if slots.iter().any(|slot| slot.kind == Ok(SlotKind::Passphrase(account.device.id))) {
        return Ok(of(StepState::Before, text!("setup-passphrase-set")));
    }
    let at_hand = kits(work)?.into_iter().next().or_else(|| named_kit.filter(|kit| kit.exists()).map(Path::to_owned));
    let Some(kit) = at_hand else { return Ok(of(StepState::Before, text!("setup-passphrase-no-key"))) };
    match ask(work, &text!("setup-ask-passphrase"))? {
        Said::Leave => return Ok(None),
        Said::This(said) if !is_yes(&said) => return Ok(of(StepState::Skipped, text!("setup-passphrase-none"))),
        Said::Nothing | Said::This(_) => {}
    }
    let unlock = Unlock { recovery_kit: Some(kit), ..Unlock::default() };
    KeyPassphrase { unlock, ..KeyPassphrase::default() }.run(work)?;
    Ok(of(StepState::Done, text!("setup-passphrase-set")))
}

/// The kits of the account that still lie in the home.
fn kits(work: &Work<'_>) -> Result<Vec<PathBuf>, Failure> {
    let account = work.open_read_only()?;
    let ours = |path: &PathBuf| read_kit(path).is_ok_and(|(of, _)| of.is_none_or(|of| of == account.id()));
    Ok(work.session.home.recovery_kits().into_iter().filter(ours).collect())
}

/// The recovery kit, moved off this machine.
pub fn recovery_kit(work: &Work<'_>) -> Result<Option<Step>, Failure> {
    let of = |state, about| Some(Step::of(StepName::RecoveryKit, state, about));
    let kits = kits(work)?;
    let Some(kit) = kits.first() else { return Ok(of(StepState::Before, text!("setup-kit-gone"))) };
    loop {
        match ask(work, &text!("setup-ask-kit-to", path = kit.as_path()))? {
            Said::Leave => return Ok(None),
            Said::Nothing => return Ok(of(StepState::Skipped, text!("setup-kit-here", path = kit.as_path()))),
            Said::This(said) => match move_kit(work, kit, &typed_path(&said)) {
                Ok(to) => return Ok(of(StepState::Done, text!("setup-kit-moved", path = to.as_path()))),
                Err(failure) if failure.exit == Exit::Stopped => return Err(failure),
                Err(failure) => tell(work, failure),
            },
        }
    }
}

/// Moves the kit; the one here goes once the other was read back.
fn move_kit(work: &Work<'_>, kit: &Path, to: &Path) -> Result<PathBuf, Failure> {
    let mut to = full_path(to).map_err(|error| Failure::path(to, &error))?;
    if to.is_dir() {
        to.push(kit.file_name().unwrap_or_default());
    }
    if to.exists() {
        return Err(Failure::usage(text!("setup-kit-taken", path = to.as_path())));
    }
    if to.starts_with(work.session.home.root()) {
        return Err(Failure::usage(text!("setup-kit-home", path = to.as_path())));
    }
    let bytes = read_small(kit, MAX_KIT)?.ok_or_else(|| Failure::usage(text!("kit-missing", path = kit)))?;
    write_private(&to, &bytes)?;
    if read_small(&to, MAX_KIT)?.as_deref() != Some(&bytes[..]) {
        return Err(Failure::new(Exit::Failed, text!("setup-kit-unlike", path = to.as_path())));
    }
    remove_if_there(kit)?;
    Ok(to)
}

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
        return Ok(of(state, text!("setup-stores", names = names(&config))));
    }
    loop {
        let url = match ask(work, &text!("setup-ask-store"))? {
            Said::Leave => return Ok(None),
            Said::Nothing => return Ok(of(StepState::Skipped, text!("setup-store-none"))),
            Said::This(said) => said,
        };
        match add_store(work, &url) {
            Ok(true) => return Ok(of(StepState::Done, text!("setup-stores", names = names(&work.session.config()?)))),
            Ok(false) => {}
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

fn add_store(work: &Work<'_>, url: &str) -> Result<bool, Failure> {
    let mut access = Access::default();
    if !complete(work, url, &mut access)? {
        return Ok(false);
    }
    let name = Some(name_of(work, url)?);
    let added = StoreAdd { url: url.to_owned(), name, access, ..StoreAdd::default() }.run(work)?;
    let name = added.store.name.clone();
    let account = work.open_read_only()?;
    account.audit(AuditEntry::of(Event::Settings, Outcome::Done).what("store added").names(vec![name.clone()]));
    let can_be_tested = !added.needs_consent;
    work.prompt.show(Shown::Store(&added));
    if can_be_tested {
        tested(work, &name)?;
    }
    Ok(true)
}

/// A name for a store that its owner knows again: the folder's, the bucket's or the server's, with a number where it is taken.
fn name_of(work: &Work<'_>, url: &str) -> Result<String, Failure> {
    let known = match Access::default().describe("store", url)?.address {
        Address::Folder(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        Address::S3(address) => address.bucket,
        Address::WebDav(address) => address.folder.domain().unwrap_or_default().to_owned(),
        Address::Sftp(address) => address.host,
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
    if stores::credential_kind(&store.address).is_none() || access.credentials(&store).is_ok() {
        return Ok(true);
    }
    match ask(work, &credentials_question(&store))? {
        Said::This(said) => access.credentials_file = Some(typed_path(&said)),
        Said::Nothing | Said::Leave => return Ok(false),
    }
    access.credentials(&store).map(|_| true)
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
    match ask(work, &question)? {
        Said::Leave => return Ok(None),
        Said::This(said) if is_yes(&said) => {}
        Said::Nothing | Said::This(_) => return Ok(of(StepState::Skipped, text!("setup-consent-none"))),
    }
    work.open(Purpose::Small)?.decide(Item::Network, Decision::Granted, work.session.asked())?;
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
