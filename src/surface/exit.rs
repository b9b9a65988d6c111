//! How a command ends: one table of exit codes, and failures with what to do about them.

use std::process::ExitCode;

use crate::config::ConfigError;
use crate::engine::EngineError;
use crate::provider::PlaceError;
use crate::store::home::DiskError;

/// Exit codes, as `--help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The command line or the settings make no sense.
    Usage = 2,
    /// Done, but for some files, which are named.
    Incomplete = 3,
    /// The passphrase or recovery kit is missing or wrong.
    Locked = 4,
    /// You have not allowed it.
    NoConsent = 5,
    /// A store cannot be reached, or refuses.
    Store = 6,
    /// Something is damaged or missing.
    Damaged = 7,
    /// Another printkeep works on the account.
    Busy = 8,
    /// You stopped it.
    Stopped = 130,
}

impl Exit {
    /// For the operating system.
    pub fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// The table in `--help`.
pub const EXIT_CODES: &str = "Exit codes:
  0    done
  1    failed
  2    the command line or the settings make no sense
  3    done, but for some files, which are named
  4    the passphrase or recovery kit is missing or wrong
  5    you have not allowed it (see `printkeep privacy`)
  6    a store cannot be reached, or refuses
  7    something is damaged or missing
  8    another printkeep works on the account
  130  stopped by Ctrl-C; the next run goes on from there";

/// Why a command failed, and what to do.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What and where; lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Failure {
    /// A command line that makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), hint: None }
    }

    /// With what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<crate::app::Failure> for Failure {
    fn from(failure: crate::app::Failure) -> Self {
        let words = crate::surface::words::Words::of(crate::surface::context::language());
        let say = |text: &crate::app::Text| words.say(text);
        Self { exit: failure.exit.into(), message: say(&failure.message), hint: failure.hint.as_ref().map(say) }
    }
}

impl From<crate::consent::Refusal> for Failure {
    fn from(refusal: crate::consent::Refusal) -> Self {
        crate::app::Failure::from(refusal).into()
    }
}

impl From<crate::app::Exit> for Exit {
    fn from(exit: crate::app::Exit) -> Self {
        use crate::app::Exit as E;
        match exit {
            E::Done => Self::Done,
            E::Failed => Self::Failed,
            E::Usage => Self::Usage,
            E::Incomplete => Self::Incomplete,
            E::Locked => Self::Locked,
            E::NoConsent => Self::NoConsent,
            E::Store => Self::Store,
            E::Damaged => Self::Damaged,
            E::Busy => Self::Busy,
            E::Stopped => Self::Stopped,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(format!("the settings are wrong: {error}"))
            .hint("mend config.toml in the home folder, or remove that part of it")
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<crate::engine::stores::OpenError> for Failure {
    fn from(error: crate::engine::stores::OpenError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let (exit, hint) = sort(&error);
        Self { exit, message: error.to_string(), hint: hint.map(Into::into) }
    }
}

fn sort(error: &EngineError) -> (Exit, Option<&'static str>) {
    match error {
        EngineError::NoAccount => (Exit::Failed, Some("make one with `printkeep setup`, or just run `printkeep backup FOLDER`")),
        EngineError::UnknownAccount(_) | EngineError::WhichAccount(_) => (Exit::Usage, Some("name one of them with --account")),
        EngineError::AccountExists(_) => (Exit::Usage, Some("choose another name with --account, or another --home")),
        EngineError::Busy(_) => (Exit::Busy, Some("wait until it is done, or stop it, and run this again; --wait waits for it")),
        EngineError::Disk(error) => (Exit::Failed, Some(disk_hint(error))),
        EngineError::State(_) => (Exit::Failed, Some("run `printkeep doctor`, which rebuilds it from the vault")),
        EngineError::Damaged { .. } => (Exit::Damaged, Some("run `printkeep doctor`; what the vault holds is not touched by it")),
        EngineError::Own { .. } => (
            Exit::Damaged,
            Some(
                "put back a copy of it; or move the account's folder away and join the vault anew: `printkeep setup --join file:///VAULT --recovery-kit FILE`",
            ),
        ),
        EngineError::Object { .. } => {
            (Exit::Damaged, Some("run `printkeep verify --read-data` to see what is affected, then `printkeep doctor`"))
        }
        EngineError::Vault(error) | EngineError::Place { error, .. } => place(error),
        EngineError::WrongPassphrase => (Exit::Locked, Some("try again, or use --recovery-kit FILE")),
        EngineError::TooSoon(_) => (Exit::Locked, Some("wait that long, or use --recovery-kit FILE, which never waits")),
        EngineError::WrongKit => (Exit::Locked, Some("is it the newest kit, of this account? an older one no longer opens it")),
        EngineError::WrongCode => {
            (Exit::Locked, Some("run `printkeep device enroll` again for a new code; each is good for one try"))
        }
        EngineError::Enroll(_) => (Exit::Failed, Some("run `printkeep device enroll` again, and type the new code")),
        EngineError::Kit(_) => (Exit::Locked, Some("give the page that Printkeep wrote, or a file with just its 24 words")),
        EngineError::Locked => {
            (Exit::Locked, Some("give --passphrase-file FILE, set PRINTKEEP_PASSPHRASE, or give --recovery-kit FILE"))
        }
        EngineError::SystemKeyring(_) => (
            Exit::Locked,
            Some("run it in your desktop session with its keyring open, or give --passphrase-file FILE or --recovery-kit FILE"),
        ),
        EngineError::StaleKey => {
            (Exit::Locked, Some("give --passphrase-file FILE, and keep the new one with `printkeep key remember`"))
        }
        EngineError::WritesOnly(_) => (
            Exit::Usage,
            Some(
                "a stolen printer is to read nothing; on a PC that is yours, set a passphrase first: `printkeep key passphrase`",
            ),
        ),
        EngineError::Consent(_) => {
            (Exit::NoConsent, Some("allow it with `printkeep privacy grant network`; backups into the vault go on without"))
        }
        EngineError::NotKeeper(_) => (
            Exit::Usage,
            Some("run it on a keeper, or make this device one where your passphrase is at hand: `printkeep device allow NAME`"),
        ),
        EngineError::NoSnapshot(_) => (Exit::Usage, Some("`printkeep snapshots` lists them")),
        EngineError::NoPath(_) => (Exit::Usage, Some("`printkeep ls SNAPSHOT` shows what it holds")),
        EngineError::ManyPaths { .. } => (Exit::Usage, Some("say more of its path")),
        EngineError::Usage(_) => (Exit::Usage, None),
        EngineError::Randomness => (Exit::Failed, Some("nothing can be sealed without random bytes; restart the machine")),
        EngineError::Threads(_) => (Exit::Failed, Some("close other programs and run it again; nothing was lost")),
        EngineError::Crashed => (Exit::Failed, Some("this is a mistake in Printkeep; what was reported as saved is saved")),
        EngineError::Cancelled => (Exit::Stopped, Some("what was done is kept; run it again to go on")),
    }
}

fn disk_hint(error: &DiskError) -> &'static str {
    match error.source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            "make room on the disk and run it again; nothing was lost"
        }
        std::io::ErrorKind::PermissionDenied => "run it as the user who owns the folder, or choose another with --home",
        std::io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only; choose another place with --home",
        _ => "check the disk and the path, and run it again",
    }
}

fn place(error: &PlaceError) -> (Exit, Option<&'static str>) {
    match error {
        PlaceError::Missing => (Exit::Damaged, Some("run `printkeep verify` to see what is missing")),
        PlaceError::Taken => (Exit::Damaged, Some("another device or a copy of this home wrote there; nothing was replaced")),
        PlaceError::Unreachable(_) => (Exit::Store, Some("check the network and try again; what was moved is kept")),
        PlaceError::Stopped => (Exit::Stopped, Some("what was done is kept; run it again to go on")),
        PlaceError::Withdrawn => {
            (Exit::NoConsent, Some("what was moved is kept; `printkeep privacy grant network` allows it again"))
        }
        PlaceError::Refused(_) => {
            (Exit::Store, Some("check bucket and credentials: `printkeep store add` with the same name sets new ones"))
        }
        PlaceError::Clock(_) => (Exit::Store, Some("set this machine's clock and run it again; nothing was lost")),
        PlaceError::Full(_) => (Exit::Failed, Some("make room and run it again; nothing was lost")),
        PlaceError::ReadOnly(_) => (Exit::Failed, Some("make it writable for this user, or choose another place")),
        PlaceError::Locked(_) => (Exit::Failed, Some("the store's lock holds it; it can be removed when that is over")),
        PlaceError::NotTrusted(_) => (
            Exit::Store,
            Some(
                "if you know why its certificate or host key is new, set the trust with `printkeep store add`; if not, somebody may stand between",
            ),
        ),
        PlaceError::NewKey(_) => (Exit::Store, Some("`printkeep store test` asks whether it is your server's key")),
        PlaceError::Nonsense(_) => (Exit::Store, Some("is the address that of such a server? `printkeep store test` tells more")),
        PlaceError::Local(_) => (Exit::Failed, Some("check the disk and run it again")),
    }
}
