//! Who a store must be: TLS 1.3 by rustls with ring, and one kind of trust for each store.
//!
//! - a known provider: only the roots that it uses, from `certs/`;
//! - a file of roots, or the system's roots by choice: chain, name and dates are checked against them;
//! - pins: the key in the certificate is the trusted thing, whoever signed it and whatever name or date it bears; the handshake
//!   proves that the server holds it.

use crate::provider::reason::Reason;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use url::Url;

use super::address::{Pin, Trust};
use super::{ProviderError, regular_file};

/// The largest file of roots, in bytes.
const MAX_ROOTS_FILE: u64 = 1024 * 1024;
/// How long a server may take with each step of a first handshake.
const MEETING: Duration = Duration::from_secs(15);

/// Roots by provider: domain endings, and the PEM files that lie in `certs/`.
const PROVIDERS: [(&[&str], &[&str]); 4] = [
    (&["amazonaws.com"], &[include_str!("../../certs/amazon.pem")]),
    (&["storage.googleapis.com"], &[include_str!("../../certs/google.pem")]),
    (&["r2.cloudflarestorage.com"], &[include_str!("../../certs/google.pem"), include_str!("../../certs/letsencrypt.pem")]),
    (
        &["backblazeb2.com", "wasabisys.com", "aliyuncs.com", "myqcloud.com"],
        &[
            include_str!("../../certs/letsencrypt.pem"),
            include_str!("../../certs/digicert.pem"),
            include_str!("../../certs/globalsign.pem"),
        ],
    ),
];

/// The TLS settings for a store. Errors say what the owner can do.
pub fn config(endpoint: &Url, trust: &Trust) -> Result<ClientConfig, Reason> {
    let provider = Arc::new(ring::default_provider());
    let versions: &[&rustls::SupportedProtocolVersion] =
        if trust.allows_tls12() { &[&rustls::version::TLS13, &rustls::version::TLS12] } else { &[&rustls::version::TLS13] };
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(versions).map_err(|e| e.to_string())?;
    let mut config = if trust.pins().is_empty() {
        let roots = Arc::new(roots(endpoint, trust)?);
        let inner = WebPkiServerVerifier::builder_with_provider(roots, provider).build().map_err(|e| e.to_string())?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Rooted(inner))).with_no_client_auth()
    } else {
        let verifier = Pinned { pins: trust.pins().to_vec(), algorithms: provider.signature_verification_algorithms };
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // a ticket would let the store link connections beyond what the account tells it
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// Settings that trust nobody, for whoever speaks no TLS.
pub fn nobody() -> Result<ClientConfig, Reason> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    Ok(builder.map_err(|error| error.to_string())?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// The key that a server shows, before anybody said whom to trust there. Nothing is told to it: the handshake ends with its certificate.
pub fn key_of(endpoint: &Url) -> Result<Pin, ProviderError> {
    let provider = Arc::new(ring::default_provider());
    let seen = Arc::new(Seen { key: Mutex::new(None), algorithms: provider.signature_verification_algorithms });
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| ProviderError::Local(error.to_string().into()))?;
    let config = builder.dangerous().with_custom_certificate_verifier(seen.clone()).with_no_client_auth();
    let shaken = shake(endpoint, config)?;
    let key = seen.key.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (key, shaken) {
        (Some(key), _) => Ok(key),
        (None, Err(error)) => Err(ProviderError::Nonsense(error.to_string().into())),
        (None, Ok(())) => Err(ProviderError::Nonsense(Reason::NoCertificate {})),
    }
}

/// Whether a server's certificate is signed by nobody that `trust` knows, as that of a new NAS is.
pub fn is_signed_by_nobody(endpoint: &Url, trust: &Trust) -> bool {
    let Ok(Ok(Err(error))) = config(endpoint, trust).map(|config| shake(endpoint, config)) else { return false };
    matches!(not_trusted(&error), Some(ProviderError::NotTrusted(Reason::UnknownIssuer { .. } | Reason::UnfitCertificate { .. })))
}

/// A handshake and nothing more: how it ended; an error where the server cannot be reached.
fn shake(endpoint: &Url, config: ClientConfig) -> Result<std::io::Result<()>, ProviderError> {
    let away = |what: &str| ProviderError::Unreachable(what.into());
    let host = endpoint.host().ok_or(ProviderError::Unreachable(Reason::NoHost {}))?;
    let name = host.to_string().trim_matches(['[', ']']).to_owned();
    let server = ServerName::try_from(name).map_err(|error| away(&error.to_string()))?;
    let mut socket = connect(endpoint)?;
    let mut session = ClientConnection::new(Arc::new(config), server).map_err(|error| away(&error.to_string()))?;
    while session.is_handshaking() {
        if let Err(error) = session.complete_io(&mut socket) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

fn connect(endpoint: &Url) -> Result<TcpStream, ProviderError> {
    let addresses = endpoint.socket_addrs(|| None).map_err(|_| {
        let host = endpoint.host_str().unwrap_or_default().to_owned();
        ProviderError::Unreachable(Reason::NoSuchHost { host })
    })?;
    let mut last = Reason::from("it has no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, MEETING) {
            Ok(socket) => {
                let _ = socket.set_read_timeout(Some(MEETING)).and_then(|()| socket.set_write_timeout(Some(MEETING)));
                return Ok(socket);
            }
            Err(error) => last = Reason::of_system(&error),
        }
    }
    Err(ProviderError::Unreachable(last))
}

/// What a certificate's dates and this machine's clock have against each other, where that is why an error came about.
pub fn wrong_date(error: &(dyn std::error::Error + 'static)) -> Option<ProviderError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref::<Error>() {
            Some(Error::InvalidCertificate(CertificateError::NotValidYetContext { time, not_before })) => {
                let (from, now) = (day(not_before), day(time));
                return Some(ProviderError::Clock(Reason::NotYet { from, now }));
            }
            Some(Error::InvalidCertificate(CertificateError::ExpiredContext { time, not_after })) => {
                let (to, now) = (day(not_after), day(time));
                return Some(ProviderError::NotTrusted(Reason::RanOut { until: to, now }));
            }
            _ => {}
        }
        cause = inner_cause(error);
    }
    None
}

/// What is wrong with a certificate, where that is why an error came about.
pub fn not_trusted(error: &(dyn std::error::Error + 'static)) -> Option<ProviderError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(Error::InvalidCertificate(why)) = error.downcast_ref::<Error>() {
            let untrusted = match why {
                CertificateError::Other(OtherError(inner)) => inner.downcast_ref::<Untrusted>(),
                _ => None,
            };
            let key = untrusted.map(|untrusted| untrusted.key.to_string()).unwrap_or_default();
            return Some(ProviderError::NotTrusted(match untrusted.map_or(why, |untrusted| &untrusted.why) {
                // an authority of the same name with another key signed nothing of it either
                CertificateError::UnknownIssuer | CertificateError::BadSignature | CertificateError::Other(_) => {
                    Reason::UnknownIssuer { key }
                }
                CertificateError::ApplicationVerificationFailure => Reason::OtherCertificate { key },
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Reason::OtherName { key },
                _ => Reason::UnfitCertificate { key },
            }));
        }
        cause = inner_cause(error);
    }
    None
}

/// What an error came of; an `io::Error` passes over what is boxed in it when it is asked for its source.
fn inner_cause<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a (dyn std::error::Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(boxed) => Some(boxed as &(dyn std::error::Error + 'static)),
        None => error.source(),
    }
}

fn day(time: &UnixTime) -> String {
    let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "@?".into(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn roots(endpoint: &Url, trust: &Trust) -> Result<RootCertStore, Reason> {
    if let Some(path) = trust.ca_file() {
        let read = regular_file::open_followed(path).and_then(|file| regular_file::read(file, MAX_ROOTS_FILE));
        let shown = path.display().to_string();
        let unreadable = |error: std::io::Error| Reason::Unreadable { path: shown.clone(), why: error.to_string() };
        return store(&[&read.map_err(unreadable)?], &shown);
    }
    if trust.system_roots() {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return if roots.is_empty() { Err(Reason::NoSystemRoots {}) } else { Ok(roots) };
    }
    match known_roots(endpoint) {
        Some(pems) => store(&pems.iter().map(|pem| pem.as_bytes()).collect::<Vec<_>>(), "Printkeep"),
        None => Err(Reason::NoRoots { host: endpoint.host_str().unwrap_or_default().to_owned() }),
    }
}

/// The roots of the provider that an endpoint belongs to.
pub fn known_roots(endpoint: &Url) -> Option<&'static [&'static str]> {
    let host = endpoint.host_str()?;
    let belongs = |ending: &&str| host == *ending || host.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.'));
    PROVIDERS.iter().find(|(endings, _)| endings.iter().any(belongs)).map(|(_, pems)| *pems)
}

fn store(pems: &[&[u8]], path: &str) -> Result<RootCertStore, Reason> {
    let path = || path.to_owned();
    let mut roots = RootCertStore::empty();
    for pem in pems {
        for root in CertificateDer::pem_slice_iter(pem) {
            let root = root.map_err(|_| Reason::BadPem { path: path() })?;
            roots.add(root).map_err(|_| Reason::NoRoot { path: path() })?;
        }
    }
    if roots.is_empty() { Err(Reason::NoPem { path: path() }) } else { Ok(roots) }
}

/// SHA-256 of the public key in a certificate.
fn pin_of(certificate: &CertificateDer<'_>) -> Result<Pin, Error> {
    let certificate = webpki::EndEntityCert::try_from(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let digest = ::ring::digest::digest(&::ring::digest::SHA256, certificate.subject_public_key_info().as_ref());
    digest.as_ref().try_into().map(Pin).map_err(|_| CertificateError::BadEncoding.into())
}

/// What is wrong with a certificate, and the key in it.
#[derive(Debug)]
struct Untrusted {
    why: CertificateError,
    key: Pin,
}

impl std::fmt::Display for Untrusted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; the key is {}", self.why, self.key)
    }
}

impl std::error::Error for Untrusted {}

/// Why a certificate was refused, with its key, so that the owner can compare it; what is wrong with its dates is told by these.
fn with_its_key(why: Error, certificate: &CertificateDer<'_>) -> Error {
    use CertificateError as E;
    match (why, pin_of(certificate)) {
        (
            Error::InvalidCertificate(
                why @ (E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. }),
            ),
            _,
        ) => why.into(),
        (Error::InvalidCertificate(why), Ok(key)) => E::Other(OtherError(Arc::new(Untrusted { why, key }))).into(),
        (why, _) => why,
    }
}

/// Trusts whom its roots signed.
#[derive(Debug)]
struct Rooted(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Rooted {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.0.verify_server_cert(end_entity, intermediates, name, ocsp, now).map_err(|why| with_its_key(why, end_entity))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Trusts nobody, and remembers the key that was shown.
#[derive(Debug)]
struct Seen {
    key: Mutex<Option<Pin>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(pin_of(end_entity)?);
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Trusts keys, not certificates.
#[derive(Debug)]
struct Pinned {
    pins: Vec<Pin>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.pins.contains(&pin_of(end_entity)?) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(with_its_key(CertificateError::ApplicationVerificationFailure.into(), end_entity))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_provider_has_roots_and_others_have_none() {
        for host in [
            "s3.eu-central-1.amazonaws.com",
            "s3.us-west-004.backblazeb2.com",
            "x.r2.cloudflarestorage.com",
            "storage.googleapis.com",
        ] {
            let endpoint = Url::parse(&format!("https://{host}")).unwrap();
            assert!(config(&endpoint, &Trust::default()).is_ok(), "{host}");
        }
        for host in ["evilamazonaws.com", "amazonaws.com.evil.example", "nas.local"] {
            let endpoint = Url::parse(&format!("https://{host}")).unwrap();
            assert!(config(&endpoint, &Trust::default()).unwrap_err().to_string().contains("--pin"), "{host}");
        }
    }
}
