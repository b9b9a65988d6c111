//! Policies: the one in force, those known here, what changed between two, an operator's own.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PolicyInfo, language};
use crate::app::answer::Answer;
use crate::app::job::{Audited, Job};
use crate::app::reasons;
use crate::app::work::Work;
use crate::app::{Arg, Exit, Failure, Text};
use crate::consent::policy::{Basis, MAX_FILE, Without};
use crate::consent::{Class, Item, Language, Masking, Policy};
use crate::core::name::hex;
use crate::local::audit::Event;
use crate::local::policies::{self, PoliciesError, Unread};
use crate::text;

/// Shows a policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PolicyShow {
    /// Which: a version, the first digits of a SHA-256, or a file; the one in force where none is named.
    pub policy: Option<String>,
    /// In which language.
    pub language: Option<String>,
}

/// A policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PolicyText {
    /// Its names.
    pub policy: PolicyInfo,
    /// The language.
    pub language: String,
    /// Its title.
    pub title: String,
    /// In short.
    pub summary: String,
    /// Whom to ask.
    pub contact: String,
    /// What it says of each item.
    pub items: Vec<PolicyItem>,
    /// What is done without consent, and why that is allowed.
    pub without_consent: Vec<PolicyPart>,
}

/// What a policy says of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyItem {
    /// The item.
    pub item: String,
    /// What for.
    pub purpose: String,
    /// For whom.
    pub recipients: String,
    /// The legal basis.
    #[schemars(with = "String")]
    pub basis: Basis,
    /// The class of the data.
    #[schemars(with = "String")]
    pub class: Class,
    /// How it is masked.
    #[schemars(with = "String")]
    pub masking: Masking,
    /// How long it is kept, in days.
    pub days: u16,
    /// Whether anything of it is recorded, so that it is kept at all.
    pub recorded: bool,
    /// Where it may be.
    pub regions: Vec<String>,
}

/// What is done without consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyPart {
    /// Its name.
    pub name: String,
    /// What for.
    pub purpose: String,
    /// The legal basis.
    #[schemars(with = "String")]
    pub basis: Basis,
}

impl PolicyItem {
    fn of(policy: &Policy, item: Item, language: Language) -> Option<Self> {
        let said = policy.statement(item)?;
        Some(Self {
            item: item.as_str().to_owned(),
            purpose: said.purpose.in_language(language).to_owned(),
            recipients: said.recipients.in_language(language).to_owned(),
            basis: said.basis,
            class: item.class(),
            masking: item.masking(),
            days: policy.days(item),
            recorded: item.is_recorded(),
            regions: said.regions.to_vec(),
        })
    }

    /// It in lines, in the words of the policy.
    pub fn lines(&self) -> Vec<Text> {
        let short = text!("policy-short", basis = basis(self.basis), class = class(self.class), masking = masking(self.masking));
        let regions: String = self.regions.iter().map(|region| format!(", {region}")).collect();
        let terms = match self.recorded {
            true => text!("policy-terms-kept", terms = short, days = Arg::Count(self.days.into()), regions = regions),
            false => text!("policy-terms", terms = short, regions = regions),
        };
        vec![text!("policy-purpose", text = &self.purpose), text!("policy-recipients", text = &self.recipients), terms]
    }
}

impl PolicyPart {
    fn of(part: &Without, language: Language) -> Self {
        let purpose = part.purpose.in_language(language).to_owned();
        Self { name: part.name.clone(), purpose, basis: part.basis }
    }
}

impl Answer for PolicyText {}

impl Job for PolicyShow {
    type Reply = PolicyText;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<PolicyText, Failure> {
        let language = language(work.session, self.language.as_deref())?;
        let policy = match &self.policy {
            Some(name) => find(work, name)?,
            None => policies::in_force(&work.session.home)?,
        };
        Ok(PolicyText {
            policy: PolicyInfo::of(&policy),
            language: language.as_str().to_owned(),
            title: policy.title.in_language(language).to_owned(),
            summary: policy.summary.in_language(language).to_owned(),
            contact: policy.contact.in_language(language).to_owned(),
            items: Item::all().filter_map(|item| PolicyItem::of(&policy, item, language)).collect(),
            without_consent: policy.without.iter().map(|part| PolicyPart::of(part, language)).collect(),
        })
    }
}

/// A policy by its version, the first digits of its hash, or its file.
fn find(work: &Work<'_>, name: &str) -> Result<Policy, Failure> {
    let known = policies::known(&work.session.home);
    let in_force = policies::in_force(&work.session.home).ok();
    // of two authors' policies with one version, the one in force is meant
    let of_version = |version: u32| {
        let found = in_force.iter().chain(&known).find(|policy| policy.version() == version);
        found.cloned()
    };
    let by_hash = || {
        let mut found = known.iter().filter(|policy| name.len() >= 6 && hex(&policy.hash()).starts_with(name));
        found.next().cloned()
    };
    if let Some(policy) = name.parse().ok().and_then(of_version).or_else(by_hash) {
        return Ok(policy);
    }
    let unknown = || Failure::usage(text!("policy-unknown", name = name)).hint(text!("policy-unknown-hint"));
    let bytes = work.files.read_if_there(Path::new(name), MAX_FILE)?.ok_or_else(unknown)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::usage(text!("file-not-utf8", path = name)))?;
    Policy::parse(text).map_err(|error| Failure::usage(text!("policy-is-none", name = name, why = reasons::policy(&error))))
}

/// Lists the policies known here.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PolicyList {}

/// The policies known here.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Policies {
    /// All.
    pub policies: Vec<PolicyInfo>,
    /// The one in force.
    pub in_force: PolicyInfo,
}

impl Answer for Policies {}

impl Job for PolicyList {
    type Reply = Policies;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<Policies, Failure> {
        let in_force = PolicyInfo::of(&policies::in_force(&work.session.home)?);
        Ok(Policies { policies: policies::known(&work.session.home).iter().map(PolicyInfo::of).collect(), in_force })
    }
}

/// Shows what changed between two policies.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PolicyDiff {
    /// The earlier.
    pub old: String,
    /// The later.
    pub new: String,
    /// In which language.
    pub language: Option<String>,
}

/// What changed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PolicyDifference {
    /// The earlier.
    pub old: PolicyInfo,
    /// The later.
    pub new: PolicyInfo,
    /// Part by part.
    pub changes: Vec<PolicyChange>,
    /// Items that are asked again.
    pub touched: Vec<String>,
}

/// Which part of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangedPart {
    /// Whose it is.
    Id,
    /// Its title.
    Title,
    /// It in short.
    Summary,
    /// Whom to ask.
    Contact,
    /// What it says of this item.
    Item(String),
    /// What it says of what needs no consent.
    WithoutConsent,
}

/// The legal basis, in a message.
pub fn basis(basis: Basis) -> Text {
    match basis {
        Basis::Consent => text!("basis-consent"),
        Basis::Contract => text!("basis-contract"),
        Basis::LegalObligation => text!("basis-legal-obligation"),
        Basis::None => text!("basis-none"),
    }
}

/// The class of data, in a message.
pub fn class(class: Class) -> Text {
    match class {
        Class::Public => text!("class-public"),
        Class::Personal => text!("class-personal"),
        Class::Sensitive => text!("class-sensitive"),
        Class::Secret => text!("class-secret"),
    }
}

fn masking(masking: Masking) -> Text {
    match masking {
        Masking::Plain => text!("masking-plain"),
        Masking::Pseudonym => text!("masking-pseudonym"),
        Masking::Truncated => text!("masking-truncated"),
        Masking::Scrubbed => text!("masking-scrubbed"),
    }
}

/// A part that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyChange {
    /// Which.
    pub part: ChangedPart,
    /// What it said.
    pub before: Vec<Text>,
    /// What it says.
    pub after: Vec<Text>,
}

impl Answer for PolicyDifference {}

impl Job for PolicyDiff {
    type Reply = PolicyDifference;

    fn audited(&self) -> Option<Audited> {
        None
    }

    fn run(self, work: &Work<'_>) -> Result<PolicyDifference, Failure> {
        let language = language(work.session, self.language.as_deref())?;
        let (old, new) = (find(work, &self.old)?, find(work, &self.new)?);
        let touched = new.touched_since(&old).into_iter().map(|item| item.as_str().to_owned()).collect();
        let changes = changes(&old, &new, language);
        Ok(PolicyDifference { old: PolicyInfo::of(&old), new: PolicyInfo::of(&new), changes, touched })
    }
}

fn changes(old: &Policy, new: &Policy, language: Language) -> Vec<PolicyChange> {
    let plain = |text: &str| text.lines().map(|line| text!("policy-line", text = line)).collect::<Vec<_>>();
    let items = |policy: &Policy, item| PolicyItem::of(policy, item, language).map(|said| said.lines()).unwrap_or_default();
    let without = |policy: &Policy| {
        let part = |part: &Without| {
            let purpose = part.purpose.in_language(language);
            text!("policy-without-purpose", name = &part.name, basis = basis(part.basis), purpose = purpose)
        };
        policy.without.iter().map(part).collect::<Vec<_>>()
    };
    let of = |text: &crate::consent::policy::Text| plain(text.in_language(language));
    let mut parts = vec![
        (ChangedPart::Id, plain(old.id()), plain(new.id())),
        (ChangedPart::Title, of(&old.title), of(&new.title)),
        (ChangedPart::Summary, of(&old.summary), of(&new.summary)),
        (ChangedPart::Contact, of(&old.contact), of(&new.contact)),
    ];
    parts.extend(Item::all().map(|item| (ChangedPart::Item(item.as_str().to_owned()), items(old, item), items(new, item))));
    parts.push((ChangedPart::WithoutConsent, without(old), without(new)));
    let changed = parts.into_iter().filter(|(_, before, after)| before != after);
    changed.map(|(part, before, after)| PolicyChange { part, before, after }).collect()
}

/// Puts a policy of the owner's own in force; a broken one is refused, and the one in force stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PolicyInstall {
    /// The policy, as TOML.
    pub file: PathBuf,
}

/// Puts the policy that comes with Printkeep in force again.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PolicyReset {}

/// A policy is in force.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PolicyInForce {
    /// It.
    pub policy: PolicyInfo,
    /// Items whose consent holds no longer and is asked again.
    pub touched: Vec<String>,
}

impl Answer for PolicyInForce {}

impl PolicyInForce {
    fn of(policy: &Policy, before: Option<&Policy>) -> Self {
        let touched = before.map(|before| policy.touched_since(before)).unwrap_or_default();
        Self { policy: PolicyInfo::of(policy), touched: touched.into_iter().map(|item| item.as_str().to_owned()).collect() }
    }
}

impl Job for PolicyInstall {
    type Reply = PolicyInForce;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Policy, "installed"))
    }

    fn run(self, work: &Work<'_>) -> Result<PolicyInForce, Failure> {
        let before = policies::in_force(&work.session.home).ok();
        Ok(PolicyInForce::of(
            &policies::install(&work.session.home, &self.file, &work.files.read(&self.file, MAX_FILE)?)?,
            before.as_ref(),
        ))
    }
}

impl Job for PolicyReset {
    type Reply = PolicyInForce;

    fn audited(&self) -> Option<Audited> {
        Some(Audited::of(Event::Policy, "reset"))
    }

    fn run(self, work: &Work<'_>) -> Result<PolicyInForce, Failure> {
        let before = policies::in_force(&work.session.home).ok();
        Ok(PolicyInForce::of(&policies::reset(&work.session.home)?, before.as_ref()))
    }
}

impl From<PoliciesError> for Failure {
    fn from(error: PoliciesError) -> Self {
        let refused = |message| Self::usage(message).hint(text!("policy-stays"));
        match error {
            PoliciesError::Disk(error) => error.into(),
            PoliciesError::Refused(path, why) => {
                refused(text!("policy-is-none", name = path.display(), why = reasons::policy(&why)))
            }
            PoliciesError::Older { offered, held } => {
                refused(text!("policy-older", offered = offered.to_string(), held = held.to_string()))
            }
            PoliciesError::SameVersion(version) => refused(text!("policy-same-version", version = version.to_string())),
        }
    }
}

impl From<Unread> for Failure {
    fn from(error: Unread) -> Self {
        match error {
            Unread::Disk(error) => error.into(),
            Unread::Lost(path) => {
                Self::new(Exit::Damaged, text!("policy-lost", path = path.as_path())).hint(text!("policy-lost-hint"))
            }
        }
    }
}
