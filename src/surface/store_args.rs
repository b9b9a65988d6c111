//! The words of `store`, and how a store is reached.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

/// `store`
#[derive(Args)]
pub struct Store {
    /// What to do
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// How a store is reached.
#[derive(Args, Clone, Default)]
pub struct Access {
    /// File with the credentials. S3: two lines, access key and secret key (otherwise AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or
    /// --aws-profile). WebDAV: two lines, user and password (otherwise PRINTKEEP_STORE_USER and PRINTKEEP_STORE_PASSWORD). SFTP: a private
    /// key as ssh-keygen writes it, its passphrase in a line below if it has one; or one line, the password (otherwise
    /// PRINTKEEP_STORE_PASSWORD)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub credentials_file: Option<PathBuf>,
    /// Profile of ~/.aws/credentials to copy the credentials from
    #[arg(long, value_name = "NAME")]
    pub aws_profile: Option<String>,
    /// Trust only the roots in this PEM file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ca_file: Option<PathBuf>,
    /// Trust only this key: SHA-256 of the certificate's public key, in hexadecimal or sha256/BASE64, or an SSH host key's
    /// fingerprint as `ssh-keygen -lf` shows it; twice for current and next
    #[arg(long, value_name = "SHA256")]
    pub pin: Vec<String>,
    /// Trust the system's roots
    #[arg(long)]
    pub system_roots: bool,
    /// Accept TLS 1.2, for an old NAS
    #[arg(long)]
    pub allow_tls12: bool,
    /// Send and receive no faster than this, like "500 KB/s"
    #[arg(long, value_name = "RATE")]
    pub limit: Option<String>,
}

/// `store …`
#[derive(Subcommand)]
pub enum StoreCommand {
    /// Add a store, or set new credentials and trust for one
    Add {
        /// file:///folder or s3://bucket/prefix?endpoint=https://host&region=name
        url: String,
        /// What to call it
        #[arg(long, default_value = "store")]
        name: String,
        /// How it is reached
        #[command(flatten)]
        access: Access,
        /// Where it lies, such as eu or home [default: the region of an S3 address]
        #[arg(long)]
        region: Option<String>,
        /// This device only writes there: it lists and reads what a writer needs, and passes over the rest
        #[arg(long)]
        write_only: bool,
        /// What it puts there cannot be removed for so long, like 30d (S3 with object lock)
        #[arg(long, value_name = "DAYS")]
        lock: Option<String>,
        /// Who can lift the lock before its time: governance (whom you give a special right) or compliance (nobody)
        #[arg(long, value_name = "MODE", requires = "lock", default_value = "governance")]
        lock_mode: LockMode,
    },
    /// Show or set the regions that sealed objects may go to; folders on this machine's own disks are always allowed
    Regions {
        /// The only regions allowed from now on, as S3 addresses name them or as you named them with --region
        #[arg(conflicts_with = "any")]
        regions: Vec<String>,
        /// From now on any region
        #[arg(long)]
        any: bool,
    },
    /// Change how this device uses a store
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
    Change {
        /// Its name
        name: String,
        /// Where it lies, such as eu or home
        #[arg(long, group = "what")]
        region: Option<String>,
        /// From now on this device only writes there
        #[arg(long, group = "what")]
        write_only: bool,
        /// From now on it reads there, too
        #[arg(long, group = "what", conflicts_with = "write_only")]
        read_write: bool,
        /// What it puts there from now on cannot be removed for so long, like 30d (S3 with object lock)
        #[arg(long, value_name = "DAYS", group = "what")]
        lock: Option<String>,
        /// Who can lift the lock before its time: governance (whom you give a special right) or compliance (nobody)
        #[arg(long, value_name = "MODE", requires = "lock", default_value = "governance")]
        lock_mode: LockMode,
        /// What it puts there from now on has no lock; locks that are there stay
        #[arg(long, group = "what", conflicts_with = "lock")]
        no_lock: bool,
    },
    /// Print the least that this device's credentials must be allowed there, in the provider's language
    Policy {
        /// Its name [default: the only one]
        name: Option<String>,
        /// For a device that only writes there
        #[arg(long)]
        write_only: bool,
        /// For a keeper, which may also remove [default: as this device stands]
        #[arg(long, conflicts_with = "write_only")]
        keeper: bool,
        /// Whose credentials they are, as the provider names them
        #[arg(long, value_name = "ARN")]
        principal: Option<String>,
        /// Together with the statements of the policy in this file, such as the one that the bucket has now
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        with: Option<PathBuf>,
        /// Let the server refuse to replace, although it is not known to honour such a condition: `store test` tells
        #[arg(long)]
        never_replace: bool,
    },
    /// Let a store in the cloud show again what it showed at an earlier time: what was replaced or hidden since comes back from its
    /// versions, and nothing is removed. For a bucket with versioning or object lock
    Undo {
        /// Its name, or its address where this machine is in no account; then the kit tells which account is meant
        store: String,
        /// The time, such as 2026-11-20T12:00:00Z, "2026-11-20 12:00" (this machine's) or 3d (ago); the whole account at that time
        #[arg(long, value_name = "TIME")]
        since: String,
        /// Only say what would come back
        #[arg(long)]
        dry_run: bool,
        /// Recovery kit of the account, with an address
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        recovery_kit: Option<PathBuf>,
        /// How an address is reached
        #[command(flatten)]
        access: Access,
    },
    /// List the stores
    List,
    /// Forget a store; what lies there stays there
    Remove {
        /// Its name
        name: String,
    },
    /// Try what a store's server can do, and say it
    Test {
        /// Its name [default: all]
        name: Option<String>,
    },
}

/// Who can lift a lock.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LockMode {
    /// Whom the owner gave a special right.
    Governance,
    /// Nobody.
    Compliance,
}
