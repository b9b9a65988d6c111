//! Why a place did not do what it was asked, each with a name, so that every surface says it in its owner's language.

/// Declares the reasons: name, its name in texts and records, its details, its words in English.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident { $($detail:ident),* } $id:literal $english:literal)*) => {
        /// Why a place did not do what it was asked.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name {
                $(#[doc = concat!("The ", stringify!($detail), ".")] $detail: String,)*
            },)*
            /// What the system or the server says, in its own words.
            Said(String),
        }

        impl Reason {
            /// Its name; none for what the system or the server says.
            pub fn id(&self) -> Option<&'static str> {
                match self {
                    $(Self::$name { .. } => Some($id),)*
                    Self::Said(_) => None,
                }
            }

            /// Its details, each with its name.
            pub fn details(&self) -> Vec<(&'static str, &str)> {
                match self {
                    $(Self::$name { $($detail),* } => vec![$((stringify!($detail), $detail.as_str())),*],)*
                    Self::Said(_) => Vec::new(),
                }
            }

            /// The reason of a name and its details, in their order.
            fn of(id: &str, details: &[&str]) -> Option<Self> {
                let mut details = details.iter().map(|detail| (*detail).to_owned());
                Some(match id {
                    $($id => Self::$name { $($detail: details.next()?),* },)*
                    _ => return None,
                })
            }

            /// One of each, its details called by their names.
            #[cfg(test)]
            pub fn each() -> Vec<Self> {
                vec![$(Self::$name { $($detail: format!("<{}>", stringify!($detail))),* }),*]
            }
        }

        impl std::fmt::Display for Reason {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$name { $($detail),* } => write!(f, $english),)*
                    Self::Said(words) => f.write_str(words),
                }
            }
        }
    };
}

reasons! {
    /// The owner has not allowed network use.
    NoConsent {} "no-consent" "you have not allowed network use"
    /// There are no credentials for it on this device.
    NoCredentials {} "no-credentials" "there are no credentials for it on this device"
    /// This device only writes there.
    OnlyWrites { store } "only-writes"
        "this device only writes there; with credentials that may read, `printkeep store set {store} --read-write` lets it"
    /// This device only writes there, and the scope of a writer has no such thing.
    OutOfScope { action, object } "out-of-scope" "this device only writes there and need not {action} {object}"
    /// The user may not read.
    MayNotRead { said } "may-not-read" "{said}: this user may not read there"
    /// The user may not write.
    MayNotWrite { said } "may-not-write" "{said}: this user may not write there"
    /// The private key has another passphrase.
    PrivateKey {} "private-key" "the private key does not open; is its passphrase right?"
    /// An SSH server does not let the user in.
    NotLetIn { user } "not-let-in" "it does not let {user} in with this key or password"
    /// User or password is wrong.
    WrongLogin {} "wrong-login" "user or password is wrong"
    /// A server that logs in another way.
    OtherLogin {} "other-login" "it wants another way to log in than Basic or Digest with qop=auth"
    /// No such bucket.
    NoBucket { said } "no-bucket" "{said}: there is no such bucket"
    /// The credentials may not do it.
    MayNotDo { said } "may-not-do" "{said}: these credentials may not do this"
    /// The credentials are not accepted.
    NotAccepted { said } "not-accepted" "{said}: it does not accept the credentials"
    /// The credentials lack a right.
    Lacks { said, right, what } "lacks" "{said}: they lack the right {right} for {what}"
    /// The bucket keeps no locks.
    NoLock { said } "no-lock" "{said}: it takes no lock; was the bucket made with object lock?"
    /// The file system is read-only.
    ReadOnlyDisk {} "read-only-disk" "its file system is read-only"
    /// The folder above is missing.
    NothingAbove {} "nothing-above" "the folder above it is not there; make it first"
    /// So little is free.
    LittleFree { bytes } "little-free" "{bytes} bytes are free on its disk"
    /// A write that failed without a reason.
    FailedToWrite {} "failed-to-write" "it failed to write and does not say why; is it over quota?"
    /// A file that the server takes not for its size.
    TooLarge { said } "too-large" "{said}: the server takes no file so large"
    /// No room.
    NoRoom { said } "no-room" "{said}: no room, or over quota"
    /// No answer.
    Silent {} "silent" "it does not answer"
    /// No more of an answer.
    FellSilent {} "fell-silent" "it fell silent in the middle of an answer"
    /// Less than was announced.
    CutShort {} "cut-short" "the answer was cut short"
    /// Nothing listens there.
    NobodyListens {} "nobody-listens" "the connection was refused: nothing listens there"
    /// A host's name that leads nowhere.
    NoSuchHost { host } "no-such-host" "there is no host {host}, or the network is down"
    /// No way there.
    NoWay {} "no-way" "there is no way to it from this network"
    /// The connection broke.
    Broken {} "broken" "the connection broke off"
    /// It is there, but not now.
    Later { said } "later" "{said}: it is busy or has a fault of its own"
    /// Another program's lock.
    LockedThere { said } "locked-there" "{said}: another program holds a lock on it"
    /// Bytes that changed on the way.
    ChangedOnTheWay { said } "changed-on-the-way" "{said}: the body was changed on the way"
    /// Another put of the same is on its way.
    Twice {} "twice" "another put of it is on its way"
    /// The folder is not there.
    NotMounted { path } "not-mounted" "{path} is not there; is its disk mounted?"
    /// The account is not there any more.
    AccountGone { path } "account-gone" "{path} is there, and what this account kept there is gone"
    /// Another disk is there.
    OtherDisk { path, store, address } "other-disk"
        "{path} is another disk than the one that was added; `printkeep store set {store} --url {address}` takes this one"
    /// A region that the owner does not allow.
    OtherRegion { region } "other-region"
        "it lies in the region {region}, which you do not allow; `printkeep store regions` shows and sets those"
    /// A store of which nobody said where it lies.
    UnknownRegion { store } "unknown-region"
        "you allow only some regions, and nobody said where it lies; `printkeep store set {store} --region REGION` says it"
    /// What was removed shows again.
    StillThere { count } "still-there" "it still shows {count} files that were removed"
    /// Another host key.
    OtherKey { kind, shown, known } "other-key" "its host key ({kind}) is {shown} and not {known}"
    /// A certificate in the place of a host key.
    HostCertificate {} "host-certificate" "it shows a certificate, which is not trusted here"
    /// Only algorithms that are unsafe.
    TooOld {} "too-old" "it knows no algorithm that is still safe; its SSH server is too old"
    /// A certificate that nobody known signed.
    UnknownIssuer { key } "unknown-issuer" "its certificate was signed by nobody that is trusted here; its key is {key}"
    /// A certificate of another key than the one that is pinned.
    OtherCertificate { key } "other-certificate" "its certificate is not the one that is trusted; its key is {key}"
    /// A certificate of another name.
    OtherName { key } "other-name" "its certificate is for another name; its key is {key}"
    /// A certificate that is none for a server, or that cannot be checked.
    UnfitCertificate { key } "unfit-certificate" "its certificate is not fit for a server; its key is {key}"
    /// A certificate that ran out.
    RanOut { until, now } "ran-out" "its certificate held until {until}, and this machine's clock says {now}"
    /// A certificate that is not valid yet.
    NotYet { from, now } "not-yet" "its certificate holds from {from} on, and this machine's clock says {now}"
    /// The clock is behind.
    ClockBehind { seconds } "clock-behind" "this machine's clock is {seconds} s behind; set it"
    /// The clock is ahead.
    ClockAhead { seconds } "clock-ahead" "this machine's clock is {seconds} s ahead; set it"
    /// The clock is wrong.
    ClockWrong {} "clock-wrong" "this machine's clock is wrong; set it"
    /// A server of which nobody said whom to trust there.
    NoRoots { host } "no-roots" "nobody has said whom to trust at {host}: give --system-roots, --pin or --ca-file"
    /// There is no such file or folder.
    NotThere {} "not-there" "it is not there"
    /// This user may not do that.
    MayNot {} "may-not" "this user may not do that (permission denied)"
    /// The disk is full.
    DiskFull {} "disk-full" "the disk is full"
    /// A file in the place of a folder.
    NoFolder {} "no-folder" "it is no folder"
    /// A folder in the place of a file.
    AFolder {} "a-folder" "it is a folder"
    /// Something in the way.
    InTheWay {} "in-the-way" "something is there already"
    /// An address that leads elsewhere.
    PointsElsewhere { said } "points-elsewhere" "{said}: it points elsewhere, and is not followed; is the path or the region right?"
    /// No WebDAV.
    NoWebDav { said } "no-webdav" "{said}; is the address that of a WebDAV folder?"
    /// Another process holds it.
    HeldElsewhere {} "held-elsewhere" "another process holds it and does not let go"
    /// The system gives no random bytes.
    NoRandomness {} "no-randomness" "the system gives no random bytes"
    /// Damaged from a byte on.
    DamagedFrom { byte } "damaged-from" "it is damaged from byte {byte} on"
    /// Over its size limit.
    OverLimit {} "over-limit" "it is over its size limit"
    /// A write failed before.
    NotWritten {} "not-written" "it could not be written before and must be opened again"
    /// A file of ours that is damaged or gone.
    Lost { path } "lost" "{path} is damaged or gone"
    /// A program that cannot be run.
    NotRun { why } "not-run" "it cannot be run: {why}"
    /// A program that ended with a number.
    EndedWith { number } "ended-with" "it ended with {number}"
    /// A program that was ended.
    WasEnded {} "was-ended" "it was ended by another"
    /// A program that took too long.
    TookLong { seconds } "took-long" "it took longer than {seconds} s and was stopped"
    /// An object of another account.
    OtherAccount {} "other-account" "it was given something of another account"
    /// It confirmed what it does not hold.
    NotHeld {} "not-held" "it does not hold what it confirmed"
    /// An answer that is too long.
    LongAnswer {} "long-answer" "its answer is larger than any such answer"
    /// More than was announced of an object, or than any of its type has.
    MoreThanAnnounced { object, bytes } "more-than-announced" "it gives more than {bytes} bytes for {object}, which it announced or which such a file may have"
    /// An answer that comes too slowly.
    TooSlow {} "too-slow" "it answers so slowly that it was given up"
    /// A listing without an end.
    EndlessListing {} "endless-listing" "its listing has no end"
    /// An answer that the protocol does not know.
    BadAnswer { protocol } "bad-answer" "its answer is none that {protocol} gives"
    /// An answer that S3 does not give, and what its reader says.
    BadS3 { said } "bad-s3" "its answer is none that S3 gives: {said}"
    /// What cannot be asked of it.
    NotSendable {} "not-sendable" "it cannot be asked for this"
    /// A request that it does not know.
    NoSuchRequest { said } "no-such-request" "{said}: it knows no such request"
    /// An address that makes no bucket.
    NoBucketAddress { said } "no-bucket-address" "the address makes no bucket: {said}"
    /// A folder that it made and that takes nothing.
    NoFileInFolder {} "no-file-in-folder" "it takes no file into a folder that it made"
    /// Too many versions.
    ManyVersions { most, object } "many-versions" "it shows more than {most} versions of {object}"
    /// A server without a certificate.
    NoCertificate {} "no-certificate" "it shows no certificate"
    /// An SSH server without a key.
    NoHostKey {} "no-host-key" "it shows no key"
    /// An address without a host.
    NoHost {} "no-host" "its address names no host"
    /// A file that cannot be read.
    Unreadable { path, why } "unreadable" "{path} cannot be read: {why}"
    /// A file without a certificate.
    NoPem { path } "no-pem" "{path} holds no certificate in PEM"
    /// A file with something else than certificates.
    BadPem { path } "bad-pem" "{path} holds something that is no certificate in PEM"
    /// A file with a certificate that is no root.
    NoRoot { path } "no-root" "{path} holds a certificate that cannot be a root"
    /// A system that trusts nobody.
    NoSystemRoots {} "no-system-roots" "this system has no roots to trust"
    /// No client can be made.
    NoClient { said } "no-client" "no network client can be made: {said}"
    /// The system gives no threads.
    NoThread { said } "no-thread" "the system gives no threads: {said}"
    /// It is open for reading alone.
    OpenToRead {} "open-to-read" "it is open for reading alone"
    /// A server that asks for a pause.
    LeftAlone { seconds } "left-alone" "it asks to be left alone for {seconds} s"
    /// A link or a file in the place of a folder.
    LinkInTheWay {} "link-in-the-way" "a link or a file stands in its way, in the place of a folder; links are not followed"
    /// Something of another name, which the disk takes for the same.
    SameToTheDisk {} "same-to-the-disk" "what stands in its place bears another name, which this disk takes for the same; it was kept"
    /// Another program that restores to the same folder.
    OtherRestore {} "other-restore" "another program restores to the same folder"
    /// Too many files that were kept beside it.
    ManyBeside {} "many-beside" "too many files beside it were kept already; remove some"
    /// A path that is too long.
    LongPath { most } "long-path" "a name in it makes a path longer than {most} bytes"
    /// A file that was edited meanwhile.
    EditedNow {} "edited-now" "it was edited just now; the next round brings the other version beside it"
    /// Something else in the place of a file.
    NoFileAnyMore {} "no-file-any-more" "it was replaced by something that is not a file"
    /// A folder that lies too deep.
    TooDeep { most } "too-deep" "it lies more than {most} folders deep"
    /// A link or a file in the place of a folder of ours.
    NotOurFolder { name } "not-our-folder" "{name} there should be a folder and is a link or a file; move it away"
    /// A folder in the place of a file of ours.
    FolderForFile {} "folder-for-file" "there should be a file, and there is a folder; move it away"
    /// A link in the place of a file of ours.
    LinkForFile {} "link-for-file" "there should be a file, and there is a link; move it away"
    /// A pipe in the place of a file of ours.
    PipeForFile {} "pipe-for-file" "there should be a file, and there is a pipe; move it away"
    /// A socket in the place of a file of ours.
    SocketForFile {} "socket-for-file" "there should be a file, and there is a socket; move it away"
    /// A device in the place of a file of ours.
    DeviceForFile {} "device-for-file" "there should be a file, and there is a device; move it away"
    /// A file that is too large.
    LargerThan { bytes } "larger-than" "it is larger than {bytes} bytes"
    /// Whoever read it ended.
    NotRead {} "not-read" "reading it failed"
    /// What is no text.
    NotText {} "not-text" "it is no text (UTF-8)"
    /// No SFTP.
    NoSftp {} "no-sftp" "it does not speak SFTP"
}

/// Between the parts of a record.
const MARK: char = '\u{1f}';

impl Reason {
    /// It, in a form that records keep, whatever the language of who reads them.
    pub fn record(&self) -> String {
        let Some(id) = self.id() else { return self.to_string() };
        self.details().iter().fold(format!("{MARK}{id}"), |record, (_, detail)| format!("{record}{MARK}{detail}"))
    }

    /// What a record holds: the words of a system or a server as they are.
    pub fn recorded(record: &str) -> Self {
        let mut parts = record.split(MARK);
        let known = match (parts.next(), parts.next()) {
            (Some(""), Some(id)) => Self::of(id, &parts.collect::<Vec<_>>()),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Said(record.replace(MARK, " ")))
    }

    /// What the system says of a connection or a file.
    pub fn of_system(error: &std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        match error.kind() {
            K::NotFound => Self::NotThere {},
            K::PermissionDenied => Self::MayNot {},
            K::StorageFull | K::QuotaExceeded => Self::DiskFull {},
            K::ReadOnlyFilesystem => Self::ReadOnlyDisk {},
            K::NotADirectory => Self::NoFolder {},
            K::IsADirectory => Self::AFolder {},
            K::AlreadyExists => Self::InTheWay {},
            K::ConnectionRefused => Self::NobodyListens {},
            K::TimedOut => Self::Silent {},
            K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown => Self::NoWay {},
            K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe | K::UnexpectedEof => Self::Broken {},
            // what this program says itself
            _ => match error.get_ref().and_then(|own| own.downcast_ref::<Self>()) {
                Some(reason) => reason.clone(),
                None => Self::Said(error.to_string()),
            },
        }
    }
}

impl std::error::Error for Reason {}

/// So that what goes wrong between calls of the system keeps its name on its way.
impl From<Reason> for std::io::Error {
    fn from(reason: Reason) -> Self {
        Self::other(reason)
    }
}

impl Reason {
    /// Why a connection to a host did not come about.
    pub fn of_connecting(error: &std::io::Error, host: &str) -> Self {
        match (Self::of_system(error), error.raw_os_error()) {
            // a name that leads nowhere is no error of the system, which would have a number
            (Self::Said(_), None) => Self::NoSuchHost { host: host.to_owned() },
            (reason, _) => reason,
        }
    }
}

impl From<String> for Reason {
    fn from(words: String) -> Self {
        Self::Said(words)
    }
}

impl From<&str> for Reason {
    fn from(words: &str) -> Self {
        Self::Said(words.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_back_the_reason() {
        for reason in Reason::each().into_iter().chain([Reason::Said("507 Insufficient Storage".into())]) {
            assert_eq!(Reason::recorded(&reason.record()), reason);
        }
        assert_eq!(Reason::recorded("\u{1f}lacks\u{1f}403"), Reason::Said(" lacks 403".into()));
    }

    #[test]
    fn a_reason_that_travels_as_an_error_of_the_system_keeps_its_name() {
        for reason in Reason::each() {
            assert_eq!(Reason::of_system(&reason.clone().into()), reason);
        }
        assert_eq!(Reason::of_system(&std::io::Error::other("torn")), Reason::Said("torn".into()));
    }

    #[test]
    fn names_are_told_apart() {
        let ids: std::collections::BTreeSet<_> = Reason::each().iter().filter_map(Reason::id).collect();
        assert_eq!(ids.len(), Reason::each().len());
    }
}
