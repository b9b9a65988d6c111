//! One-time codes from an app: on, off, or how it stands.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::answer::Answer;
use crate::app::job::{Audited, Job, Recording};
use crate::app::new_file;
use crate::app::unlock::{self, Unlock};
use crate::app::work::{Work, WorkKind};
use crate::app::{Failure, Text, second_factor};
use crate::core::secret::Secret;
use crate::engine::EngineError;
use crate::local::audit::Event;
use crate::local::shred;
use crate::local::totp::{self, SECRET_LEN};
use crate::text;

/// Turns one-time codes on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyCodesOn {
    /// A file to write the secret's address to; shown where none is named.
    pub to: Option<PathBuf>,
}

/// Turns them off: with a code, or with the recovery kit.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeyCodesOff {
    /// How the account is unlocked.
    pub unlock: Unlock,
}

/// Tells whether codes are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct KeyCodesStatus {}

/// Whether codes are asked for on this device.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CodesReply {
    /// Whether they are.
    pub codes: bool,
    /// Whether that is new.
    pub changed: bool,
}

impl Answer for CodesReply {}

impl Job for KeyCodesOn {
    type Reply = CodesReply;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Key, "one-time codes on"))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<CodesReply, Failure> {
        let mut account = work.open(WorkKind::Keys)?;
        if account.second_factor {
            return Err(Failure::usage(text!("codes-on-already")).hint(text!("codes-on-already-hint")));
        }
        let secret: Secret<SECRET_LEN> = Secret::random(&work.session.random).map_err(EngineError::from)?;
        let address = totp::address(&secret, account.name.as_str());
        let address = address.ok_or_else(|| Failure::usage(text!("codes-no-address")))?;
        let question = self.question(work, &address)?;
        let (now, random) = (work.session.now(), &work.session.random);
        let enabled = second_factor::code(work, &question)
            .and_then(|code| second_factor::with(&account, |codes| codes.enable(&secret, code.expose(), now, random)));
        if let (Err(_), Some(path)) = (&enabled, &self.to) {
            // a secret that turned nothing on is of no use, and in the way of the next one
            let _ = shred::file(path);
        }
        enabled?;
        account.remember_second_factor(true)?;
        Ok(CodesReply { codes: true, changed: true })
    }
}

impl KeyCodesOn {
    /// What the owner is shown and asked: the secret for the app, and the code that the app shows then.
    fn question(&self, work: &Work<'_>, address: &str) -> Result<Text, Failure> {
        if let Some(path) = &self.to {
            new_file::write(path, address.as_bytes())?;
            return Ok(text!("codes-question-file", path = path.as_path()));
        }
        Ok(match totp::picture(address).filter(|_| work.prompt.is_there()) {
            Some(picture) => text!("codes-question-scan", picture = picture, address = address),
            None => text!("codes-question-address", address = address),
        })
    }
}

impl Job for KeyCodesOff {
    type Reply = CodesReply;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Key, "one-time codes off"))
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<CodesReply, Failure> {
        let mut account = work.open(WorkKind::Keys)?;
        if !account.second_factor {
            return Ok(CodesReply { codes: false, changed: false });
        }
        // who lost the app has the kit
        if self.unlock.recovery_kit.is_some() {
            unlock::unlock_as_owner(work, &account, &self.unlock)?;
        } else {
            second_factor::ask(work, &account)?;
        }
        account.remember_second_factor(false)?;
        second_factor::with(&account, |codes| codes.disable())?;
        Ok(CodesReply { codes: false, changed: true })
    }
}

impl Job for KeyCodesStatus {
    type Reply = CodesReply;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn recording(&self) -> Recording {
        Recording::Operation
    }

    fn run(self, work: &Work<'_>) -> Result<CodesReply, Failure> {
        Ok(CodesReply { codes: work.open_read_only()?.second_factor, changed: false })
    }
}
