//! Unlocking an account: with what was given, as it was unlocked before, with what this machine keeps, or by asking.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::prompt::SecretKind;
use crate::app::work::Work;
use crate::app::{Arg, Exit, Failure, Session, Text};
use crate::core::keys::Keyring;
use crate::core::name::AccountId;
use crate::core::secret::{Secret, SecretText};
use crate::core::slot::SlotKind;
use crate::engine::account::Account;
use crate::engine::account::slots::{self, Key};
use crate::engine::key_agent::reading_key::{self, Held};
use crate::engine::{EngineError, key_agent};
use crate::local::home::{Home, read_small};
use crate::local::passphrase::{self, Weak};
use crate::local::recovery_kit::Kit;
use crate::local::system_keyring::SystemKeyring;
use crate::text;

/// Files that hold a secret are read up to this size, in bytes.
const MAX_FILE: u64 = 64 * 1024;
const DAY: i64 = 86_400;
/// So often a passphrase is asked for at a terminal; each that is wrong counts.
const MOST_TYPED: usize = 3;

/// How an account is unlocked: by files that are named, never by secrets in a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unlock {
    /// A file whose first line is the passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase_file: Option<PathBuf>,
    /// A recovery kit, instead of the passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_kit: Option<PathBuf>,
}

/// The first line of a file that holds a secret.
fn first_line(work: &Work<'_>, path: &Path) -> Result<SecretText, Failure> {
    let line = SecretText::new(work.files.text(path, MAX_FILE)?.lines().next().unwrap_or_default().to_owned());
    if line.expose().is_empty() {
        // an empty line is no try
        return Err(Failure::usage(text!("secret-file-empty", path = path)).hint(text!("secret-file-empty-hint")));
    }
    Ok(line)
}

/// A passphrase that was given without asking: in a file, or beforehand.
pub fn given(work: &Work<'_>, file: Option<&Path>) -> Result<Option<SecretText>, Failure> {
    match file {
        Some(file) => first_line(work, file).map(Some),
        None => Ok(work.prompt.given_passphrase()),
    }
}

/// A code that another device shows: from a file, or asked for.
pub fn enroll_code(work: &Work<'_>, file: Option<&Path>) -> Result<SecretText, Failure> {
    match file {
        Some(file) => first_line(work, file),
        None if work.prompt.is_there() => work.prompt.secret(SecretKind::EnrollCode, None),
        None => Err(Failure::usage(text!("enroll-code-missing")).hint(text!("enroll-code-missing-hint"))),
    }
}

fn offer(work: &Work<'_>) -> Result<Text, Failure> {
    let words = passphrase::suggest(&work.session.random).map_err(EngineError::from)?;
    Ok(text!("passphrase-offer", words = words.expose()))
}

/// A new passphrase: given, or asked for twice. Weak ones are refused with the reason, and a strong one is offered. None where
/// nobody can be asked.
///
/// # Errors
/// Whoever was asked left, too: nothing is changed then.
pub fn new_passphrase(work: &Work<'_>, file: Option<&Path>) -> Result<Option<SecretText>, Failure> {
    if let Some(given) = given(work, file)? {
        return match passphrase::check(&given) {
            Ok(()) => Ok(Some(given)),
            Err(weak) => Err(Failure::usage(text!("passphrase-weak", why = weak_because(weak))).hint(offer(work)?)),
        };
    }
    match asked_passphrase(work)? {
        Asked::New(passphrase) => Ok(Some(passphrase)),
        Asked::Nothing => Ok(None),
        Asked::Left => Err(Failure::left()),
    }
}

/// What was answered where a new passphrase was asked for.
pub enum Asked {
    /// This one, twice.
    New(SecretText),
    /// An empty line, or nobody can be asked.
    Nothing,
    /// To leave.
    Left,
}

/// A new passphrase that is asked for twice; `q` leaves, as at every other question. What is given beforehand is not looked at.
pub fn asked_passphrase(work: &Work<'_>) -> Result<Asked, Failure> {
    if !work.prompt.is_there() {
        return Ok(Asked::Nothing);
    }
    let mut about = text!("passphrase-choose", offer = offer(work)?);
    loop {
        let first = work.prompt.secret(SecretKind::NewPassphrase, Some(&about))?;
        match first.expose() {
            "" => return Ok(Asked::Nothing),
            "q" | "Q" => return Ok(Asked::Left),
            _ => {}
        }
        if let Err(weak) = passphrase::check(&first) {
            about = text!("passphrase-too-weak", why = weak_because(weak));
            continue;
        }
        if work.prompt.secret(SecretKind::NewPassphraseAgain, None)?.expose() == first.expose() {
            return Ok(Asked::New(first));
        }
        about = text!("passphrase-not-the-same");
    }
}

/// Why a passphrase is weak, and what makes one that is not.
pub fn weak_because(weak: Weak) -> Text {
    match weak {
        Weak::TooLong => text!("weak-too-long", most = passphrase::MAX_LEN),
        Weak::TooShort => text!("weak-too-short"),
        Weak::Common => text!("weak-common"),
        Weak::OneWord => text!("weak-one-word"),
        Weak::Names => text!("weak-names"),
        Weak::Keys => text!("weak-keys"),
        Weak::Repeats => text!("weak-repeats"),
        Weak::Sequence => text!("weak-sequence"),
        Weak::Dates => text!("weak-dates"),
        Weak::Disguised => text!("weak-disguised"),
        Weak::TooLittle => text!("weak-too-little"),
    }
}

/// Reads a recovery kit that is named: which account it is of, where it says so, and its secret.
pub fn read_kit(work: &Work<'_>, path: &Path) -> Result<(Option<AccountId>, Secret<32>), Failure> {
    parse_kit(&work.files.read_if_there(path, MAX_FILE)?.ok_or_else(|| Failure::usage(text!("kit-missing", path = path)))?)
}

/// Reads a recovery kit that lies in the home.
pub fn read_kit_here(path: &Path) -> Result<(Option<AccountId>, Secret<32>), Failure> {
    let bytes = read_small(path, MAX_FILE)?.ok_or_else(|| Failure::usage(text!("kit-missing", path = path)))?;
    parse_kit(&zeroize::Zeroizing::new(bytes))
}

fn parse_kit(bytes: &[u8]) -> Result<(Option<AccountId>, Secret<32>), Failure> {
    let text = zeroize::Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
    Kit::parse(&text).map_err(|error| EngineError::Kit(error).into())
}

/// Unlocks the account for reading: with what was given, else as it was unlocked before, else with the reading key that this machine
/// keeps, else as its owner does.
pub fn unlock(work: &Work<'_>, account: &Account, how: &Unlock) -> Result<Keyring, Failure> {
    if how.recovery_kit.is_some() || given(work, how.passphrase_file.as_deref())?.is_some() {
        return unlock_as_owner(work, account, how);
    }
    if let Some(keyring) = unlocked_before(work, account) {
        return Ok(keyring);
    }
    match recalled(account) {
        Ok(Some(keyring)) => Ok(keyring),
        // that a kit lies in the home is told by `status`, and not each time that something is looked at
        Ok(None) => with_owners_key(work, account, how, false),
        Err(kept) => {
            work.remark(text!("reading-key-unused", why = kept.message.clone()));
            // that something is kept and fails is told, not that nothing was typed
            let own = with_owners_key(work, account, how, false);
            own.map_err(|own| if own.exit == Exit::Locked && !work.prompt.is_there() { kept } else { own })
        }
    }
}

/// The account's keys, where the owner unlocked it before; what holds them and fails is told, and no hindrance.
fn unlocked_before(work: &Work<'_>, account: &Account) -> Option<Keyring> {
    key_agent::keys(account).unwrap_or_else(|error| {
        work.remark(text!("key-agent-unused", why = Failure::from(error).message));
        None
    })
}

/// The account's keys, from what this machine keeps; none where it keeps nothing. Only then is the session's keyring asked.
fn recalled(account: &Account) -> Result<Option<Keyring>, Failure> {
    match reading_key::held(account)? {
        Held::Nothing => return Ok(None),
        Held::Stale => return Err(EngineError::StaleKey.into()),
        Held::Key => {}
    }
    let system = SystemKeyring::connect().map_err(EngineError::from)?;
    Ok(Some(reading_key::recall(account, &system)?))
}

/// Unlocks the account for a change that its owner makes: with what was given, else by asking, else with a recovery kit that still
/// lies in the home. What this machine keeps for reading does not do: whoever sits down at an open session is not the owner.
pub fn unlock_as_owner(work: &Work<'_>, account: &Account, how: &Unlock) -> Result<Keyring, Failure> {
    with_owners_key(work, account, how, true)
}

fn with_owners_key(work: &Work<'_>, account: &Account, how: &Unlock, tells: bool) -> Result<Keyring, Failure> {
    let mut again = None;
    for left in (0..MOST_TYPED).rev() {
        let found = find_key(work, account, how, (tells, again.as_ref()))?;
        match slots::unlock(account, &found.key) {
            Ok(keyring) => {
                found.kit.iter().for_each(|kit| proved(work, account, kit));
                return Ok(keyring);
            }
            Err(EngineError::WrongPassphrase) if found.typed && left > 0 && slots::must_wait(account).is_none() => {
                again = Some(text!("passphrase-once-more"));
            }
            Err(error) => return Err(wrong(account, error)),
        }
    }
    Err(EngineError::WrongPassphrase.into())
}

/// Why a key does not open; where the next passphrase must wait, for how long is told at once, and where there are other devices,
/// that theirs open nothing here.
fn wrong(account: &Account, error: EngineError) -> Failure {
    let is_wrong = matches!(error, EngineError::WrongPassphrase);
    let failure = Failure::from(error);
    if !is_wrong {
        return failure;
    }
    let (device, wait) = (&account.device.name, slots::must_wait(account).map(Arg::Seconds));
    match (account.roster.members.len() > 1, wait) {
        (true, Some(wait)) => failure.hint(text!("passphrase-wrong-here-wait-hint", device = device, wait = wait)),
        (true, None) => failure.hint(text!("passphrase-wrong-here-hint", device = device)),
        (false, Some(wait)) => failure.hint(text!("passphrase-wrong-wait-hint", wait = wait)),
        (false, None) => failure,
    }
}

/// A kit that lies outside of Printkeep's home was seen to open the account: `status` tells when that was last, to the day.
pub fn proved(work: &Work<'_>, account: &Account, kit: &Path) {
    let now = work.session.now();
    if let Some(page) = outside_home(work.session, kit) {
        account.logs().remember(|history| {
            if history.kit_seen.is_none_or(|seen| (now - seen).abs() > DAY) {
                history.kit_seen = Some(now);
            }
            history.add_kit_page(&page);
        });
    }
}

/// Takes down where a page of the kit that lives was written to, so that the owner can be told of it when the account is to be erased.
pub fn written(session: &Session, account: &Account, kit: &Path) {
    if let Some(page) = outside_home(session, kit) {
        account.logs().remember(|history| history.add_kit_page(&page));
    }
}

/// The real path of what lies outside of Printkeep's home.
fn outside_home(session: &Session, path: &Path) -> Option<String> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = real(path);
    (!path.starts_with(real(session.home.root()))).then(|| path.display().to_string())
}

/// Unlocks with what was given alone; none when nothing was.
pub fn unlock_if_given(work: &Work<'_>, account: &Account, how: &Unlock) -> Result<Option<Keyring>, Failure> {
    let Some(key) = given_key(work, account, how)? else { return Ok(None) };
    let keyring = slots::unlock(account, &key).map_err(|error| wrong(account, error))?;
    how.recovery_kit.iter().for_each(|kit| proved(work, account, kit));
    Ok(Some(keyring))
}

/// What a key slot holds, without keys that came later and may be damaged; none when nothing was given.
pub fn first_keys_if_given(work: &Work<'_>, account: &Account, how: &Unlock) -> Result<Option<Keyring>, Failure> {
    given_key(work, account, how)?.map(|key| slots::first_keys(account, &key)).transpose().map_err(Failure::from)
}

fn given_key(work: &Work<'_>, account: &Account, how: &Unlock) -> Result<Option<Key>, Failure> {
    Ok(match (&how.recovery_kit, given(work, how.passphrase_file.as_deref())?) {
        (Some(kit), _) => Some(Key::Kit(own_kit(work, account, kit)?)),
        (None, Some(passphrase)) => Some(Key::Passphrase(passphrase)),
        (None, None) => None,
    })
}

/// Unlocks without asking: with what was given, else as it was unlocked before, else with what this machine keeps, else with a
/// recovery kit that still lies in the home; none where nothing is at hand.
pub fn unlock_if_at_hand(work: &Work<'_>, account: &Account, how: &Unlock) -> Result<Option<Keyring>, Failure> {
    if let Some(keyring) = unlock_if_given(work, account, how)? {
        return Ok(Some(keyring));
    }
    if let Some(keyring) = unlocked_before(work, account) {
        return Ok(Some(keyring));
    }
    match recalled(account) {
        Ok(Some(keyring)) => return Ok(Some(keyring)),
        Ok(None) => {}
        Err(kept) => work.remark(text!("reading-key-unused", why = kept.message)),
    }
    match kit_in_home(work, account, true) {
        Some(key) => Ok(Some(slots::unlock(account, &key)?)),
        None => Ok(None),
    }
}

/// The secret of a kit of this account.
pub fn own_kit(work: &Work<'_>, account: &Account, path: &Path) -> Result<Secret<32>, Failure> {
    let (of, secret) = read_kit(work, path)?;
    match of.filter(|of| *of != account.id()) {
        None => Ok(secret),
        Some(of) => {
            let message = text!("kit-of-another", of = of.to_string(), account = account.id().to_string());
            Err(Failure::new(Exit::Locked, message).hint(text!("kit-of-another-hint")))
        }
    }
}

/// What may open the account.
struct Found {
    key: Key,
    /// The file of the kit, where it is one that was named.
    kit: Option<PathBuf>,
    /// Whether it was typed just now.
    typed: bool,
}

/// What may open the account. `tells`: that a kit in the home is used is said; `again` is said where a passphrase is asked for once more.
fn find_key(work: &Work<'_>, account: &Account, how: &Unlock, (tells, again): (bool, Option<&Text>)) -> Result<Found, Failure> {
    if let Some(kit) = &how.recovery_kit {
        return Ok(Found { key: Key::Kit(own_kit(work, account, kit)?), kit: Some(kit.clone()), typed: false });
    }
    let unnamed = |key| Found { key, kit: None, typed: false };
    let slots = slots::list(account)?;
    if slots.is_empty() {
        return Err(slots::no_slots(account).into());
    }
    if slots.iter().any(|slot| slot.kind == Ok(SlotKind::Passphrase(account.device.id))) {
        if let Some(passphrase) = given(work, how.passphrase_file.as_deref())? {
            return Ok(unnamed(Key::Passphrase(passphrase)));
        }
        if work.prompt.is_there() {
            // nobody types what cannot be tried yet
            if let Some(seconds) = slots::must_wait(account) {
                return Err(EngineError::TooSoon(seconds).into());
            }
            // an empty line is no try
            let typed = work.prompt.secret(SecretKind::Passphrase, again)?;
            if typed.expose().is_empty() {
                return Err(EngineError::Locked.into());
            }
            return Ok(Found { typed: true, ..unnamed(Key::Passphrase(typed)) });
        }
        return kit_in_home(work, account, tells).map(unnamed).ok_or_else(|| EngineError::Locked.into());
    }
    let others = slots.iter().any(|slot| matches!(slot.kind, Ok(SlotKind::Passphrase(_))));
    let none_here = || no_passphrase(account, others);
    // a file that is named is meant
    if how.passphrase_file.is_some() {
        return Err(none_here());
    }
    if let Some(key) = kit_in_home(work, account, tells) {
        return Ok(unnamed(key));
    }
    if !work.prompt.is_there() {
        return Err(none_here());
    }
    match work.prompt.answer(&text!("ask-kit", why = none_here().message))?.as_str() {
        "" => Err(none_here()),
        path => {
            let path = typed_path(path);
            Ok(Found { key: Key::Kit(own_kit(work, account, &path)?), kit: Some(path), typed: false })
        }
    }
}

/// There is no passphrase on this device; one of another device opens nothing here.
fn no_passphrase(account: &Account, others: bool) -> Failure {
    let device = &account.device.name;
    let message =
        if others { text!("locked-others-passphrase", device = device) } else { text!("locked-no-passphrase", device = device) };
    Failure::new(Exit::Locked, message).hint(text!("locked-no-passphrase-hint"))
}

fn kit_in_home(work: &Work<'_>, account: &Account, tells: bool) -> Option<Key> {
    let (kit, entropy) = living_kit(&work.session.home, account)?;
    if tells {
        work.remark(text!("kit-used", path = kit.as_path()));
    }
    Some(Key::Kit(entropy))
}

/// A path as it was typed at a question; `~` is the home folder, as in a shell.
pub fn typed_path(said: &str) -> PathBuf {
    match (said.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(said),
    }
}

/// The newest recovery kit in the home that opens the account; kits of other accounts, and dead ones, may lie beside it.
pub fn living_kit(home: &Home, account: &Account) -> Option<(PathBuf, Secret<32>)> {
    home.recovery_kits().into_iter().find_map(|path| {
        let (of, entropy) = read_kit_here(&path).ok()?;
        if of.is_some_and(|of| of != account.id()) {
            return None;
        }
        let key = Key::Kit(entropy);
        let opens = slots::opens(account, &key);
        match key {
            Key::Kit(entropy) if opens => Some((path, entropy)),
            _ => None,
        }
    })
}
