//! A connection to an SSH server: made only to a host whose key is pinned, with modern algorithms only, and its SFTP channel.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{AuthResult, Handle, Handler, connect_stream};
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use russh::{SshId, cipher, compression, kex, mac};
use russh_sftp::client::{Config, RawSftpSession};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::provider::ProviderError;
use crate::provider::address::Pin;
use crate::provider::address::servers::SftpAddress;
use crate::provider::credentials::Credentials;
use crate::provider::limit::Gate;
use crate::provider::reason::Reason;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long keys and login may take after that.
const LOGIN: Duration = Duration::from_secs(30);
/// How long a server may leave a request without an answer, in seconds.
const ANSWER: u64 = 60;
/// After so long without a word from the server, it is asked whether it is there.
const QUIET: Duration = Duration::from_secs(15);

/// Exchanges of keys: a post-quantum hybrid where the server has it. The last two only make the first ones safe.
const EXCHANGES: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];
const HOST_KEYS: &[Algorithm] = &[
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
];
const CIPHERS: &[cipher::Name] = &[cipher::AES_256_GCM, cipher::CHACHA20_POLY1305];
const MACS: &[mac::Name] = &[mac::HMAC_SHA256_ETM, mac::HMAC_SHA512_ETM];

/// A channel to a server's files.
pub struct Link {
    /// Requests go through it.
    pub sftp: RawSftpSession,
    /// Whether the server says when bytes are on its disk.
    pub fsync: bool,
    /// Whether it gives a file a second name.
    pub hardlink: bool,
    /// Whether it tells how full it is.
    pub statvfs: bool,
    gate: Option<Arc<Gate>>,
    /// The connection ends with it.
    ssh: Handle<HostKeyCheck>,
}

impl Link {
    /// Connects, checks who the server is, and logs in.
    pub async fn open(
        address: &SftpAddress,
        pins: &[Pin],
        who: &Credentials,
        gate: Option<Arc<Gate>>,
    ) -> Result<Self, ProviderError> {
        let away = ProviderError::Unreachable;
        let socket = timeout(CONNECT, TcpStream::connect((address.host.as_str(), address.port)));
        let socket = socket
            .await
            .map_err(|_| away(Reason::Silent {}))?
            .map_err(|error| away(Reason::of_connecting(&error, &address.host)))?;
        timeout(LOGIN, Self::log_in(socket, address, pins, who, gate)).await.map_err(|_| away(Reason::Silent {}))?
    }

    async fn log_in(
        socket: TcpStream,
        address: &SftpAddress,
        pins: &[Pin],
        who: &Credentials,
        gate: Option<Arc<Gate>>,
    ) -> Result<Self, ProviderError> {
        let _ = socket.set_nodelay(true);
        let seen = Arc::new(Mutex::new(None));
        let host_key_check = HostKeyCheck { pins: pins.to_vec(), seen: seen.clone() };
        let connected = connect_stream(Arc::new(settings()), socket, host_key_check).await;
        if let Some(key) = seen.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(stranger(&key, pins));
        }
        let mut ssh = connected.map_err(sort)?;
        let done = match who.private_key() {
            Some(pem) => {
                let key = decode_secret_key(pem, who.session_token.as_ref().map(|phrase| phrase.expose()));
                let key = key.map_err(|_| ProviderError::Refused(Reason::PrivateKey {}))?;
                ssh.authenticate_publickey(&address.user, PrivateKeyWithHashAlg::new(Arc::new(key), None)).await
            }
            None => ssh.authenticate_password(&address.user, who.secret_key.expose()).await,
        };
        if let AuthResult::Failure { .. } = done.map_err(sort)? {
            return Err(ProviderError::Refused(Reason::NotLetIn { user: address.user.clone() }));
        }
        let channel = ssh.channel_open_session().await.map_err(sort)?;
        channel.request_subsystem(true, "sftp").await.map_err(sort)?;
        let sftp =
            RawSftpSession::new_with_config(channel.into_stream(), Config { request_timeout_secs: ANSWER, ..Config::default() });
        sftp.set_timeout(ANSWER);
        let told = sftp.init().await.map_err(|_| ProviderError::Nonsense(Reason::NoSftp {}))?;
        let has = |name: &str| told.extensions.contains_key(name);
        let (fsync, hardlink, statvfs) = (has("fsync@openssh.com"), has("hardlink@openssh.com"), has("statvfs@openssh.com"));
        Ok(Self { sftp, fsync, hardlink, statvfs, gate, ssh })
    }

    /// Waits until it is the turn of so many bytes, where there is a limit.
    pub async fn turn(&self, bytes: usize) {
        if let Some(gate) = &self.gate {
            gate.turn(bytes).await;
        }
    }

    /// How long so many bytes take within the limit, where there is one.
    pub fn time_of(&self, bytes: usize) -> Duration {
        self.gate.as_ref().map_or(Duration::ZERO, |gate| gate.time_of(bytes))
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.ssh.is_closed()
    }
}

fn settings() -> russh::client::Config {
    let mut settings = russh::client::Config {
        client_id: SshId::Standard(Cow::Borrowed("SSH-2.0-printkeep")),
        keepalive_interval: Some(QUIET),
        keepalive_max: 3,
        // what a server may send before it is read; memory
        window_size: 512 * 1024,
        nodelay: true,
        ..russh::client::Config::default()
    };
    settings.preferred.kex = Cow::Borrowed(EXCHANGES);
    settings.preferred.key = Cow::Borrowed(HOST_KEYS);
    settings.preferred.cipher = Cow::Borrowed(CIPHERS);
    settings.preferred.mac = Cow::Borrowed(MACS);
    settings.preferred.compression = Cow::Borrowed(&[compression::NONE]);
    settings
}

/// Lets only pinned hosts in, and remembers the key of one that was turned away.
struct HostKeyCheck {
    pins: Vec<Pin>,
    seen: Arc<Mutex<Option<SeenKey>>>,
}

/// The key of a host that was turned away.
struct SeenKey {
    kind: String,
    pin: Option<Pin>,
}

impl Handler for HostKeyCheck {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let (kind, pin) = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => {
                let digest = key.fingerprint(HashAlg::Sha256);
                (key.algorithm().to_string(), digest.as_bytes().try_into().ok().map(Pin))
            }
            // none is asked for
            PublicKeyOrCertificate::Certificate(_) => ("certificate".to_owned(), None),
        };
        let known = pin.is_some_and(|pin| self.pins.contains(&pin));
        if !known {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(SeenKey { kind, pin });
        }
        Ok(known)
    }
}

/// What a host is whose key is not pinned: one that was never met, or another one.
fn stranger(key: &SeenKey, pins: &[Pin]) -> ProviderError {
    let Some(pin) = key.pin else { return ProviderError::NotTrusted(Reason::HostCertificate {}) };
    if pins.is_empty() {
        return ProviderError::NewKey(pin);
    }
    let pins: Vec<String> = pins.iter().map(Pin::as_fingerprint).collect();
    ProviderError::NotTrusted(Reason::OtherKey { kind: key.kind.clone(), shown: pin.as_fingerprint(), known: pins.join(", ") })
}

/// The key that a server shows, before anybody said whom to trust. Nothing is told to it: the connection ends there.
pub async fn host_key(address: &SftpAddress) -> Result<Pin, ProviderError> {
    let away = ProviderError::Unreachable;
    let socket = timeout(CONNECT, TcpStream::connect((address.host.as_str(), address.port)));
    let socket =
        socket.await.map_err(|_| away(Reason::Silent {}))?.map_err(|error| away(Reason::of_connecting(&error, &address.host)))?;
    let seen = Arc::new(Mutex::new(None));
    let host_key_check = HostKeyCheck { pins: Vec::new(), seen: seen.clone() };
    let connected = timeout(LOGIN, connect_stream(Arc::new(settings()), socket, host_key_check)).await;
    let connected = connected.map_err(|_| away(Reason::Silent {}))?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (seen, connected) {
        (Some(key), _) => key.pin.ok_or_else(|| stranger(&key, &[])),
        (None, Err(error)) => Err(sort(error)),
        (None, Ok(_)) => Err(away(Reason::NoHostKey {})),
    }
}

/// What an error of SSH means: who can act.
fn sort(error: russh::Error) -> ProviderError {
    match error {
        russh::Error::NoCommonAlgo { .. } => ProviderError::NotTrusted(Reason::TooOld {}),
        russh::Error::Version | russh::Error::Inconsistent | russh::Error::PacketSize(_) => {
            ProviderError::Nonsense(Reason::BadAnswer { protocol: "SSH".into() })
        }
        russh::Error::Disconnect | russh::Error::HUP | russh::Error::ConnectionTimeout => {
            ProviderError::Unreachable(Reason::Broken {})
        }
        russh::Error::IO(error) => ProviderError::Unreachable(Reason::of_system(&error)),
        error => ProviderError::Unreachable(error.to_string().into()),
    }
}
