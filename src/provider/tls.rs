//! Who a store must be: TLS 1.3 by rustls with ring, and one kind of trust for each store.
//!
//! - a known provider: only the roots that it uses, from `certs/`;
//! - a file of roots, or the system's roots by choice: chain, name and dates are checked against them;
//! - pins: the key in the certificate is the trusted thing, whoever signed it and whatever name or date it bears; the handshake
//!   proves that the server holds it.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use url::Url;

use super::PlaceError;
use super::address::{Pin, Trust};

/// The largest file of roots, in bytes.
const MAX_ROOTS_FILE: u64 = 1024 * 1024;

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
pub fn config(endpoint: &Url, trust: &Trust) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let versions: &[&rustls::SupportedProtocolVersion] =
        if trust.allows_tls12() { &[&rustls::version::TLS13, &rustls::version::TLS12] } else { &[&rustls::version::TLS13] };
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(versions).map_err(|e| e.to_string())?;
    let mut config = if trust.pins().is_empty() {
        builder.with_root_certificates(roots(endpoint, trust)?).with_no_client_auth()
    } else {
        let verifier = Pinned { pins: trust.pins().to_vec(), algorithms: provider.signature_verification_algorithms };
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // a ticket would let the store link connections beyond what the account tells it
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// What a certificate's dates and this machine's clock have against each other, where that is why an error came about.
pub fn wrong_date(error: &(dyn std::error::Error + 'static)) -> Option<PlaceError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref::<Error>() {
            Some(Error::InvalidCertificate(CertificateError::NotValidYetContext { time, not_before })) => {
                let (from, now) = (day(not_before), day(time));
                return Some(PlaceError::Clock(format!(
                    "its certificate holds from {from} on, and this machine's clock says {now}"
                )));
            }
            Some(Error::InvalidCertificate(CertificateError::ExpiredContext { time, not_after })) => {
                let (to, now) = (day(not_after), day(time));
                return Some(PlaceError::NotTrusted(format!(
                    "its certificate held until {to}, and this machine's clock says {now}"
                )));
            }
            _ => {}
        }
        // an io::Error passes over what is boxed in it when it is asked for its source
        cause = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(boxed) => Some(boxed as &(dyn std::error::Error + 'static)),
            None => error.source(),
        };
    }
    None
}

fn day(time: &UnixTime) -> String {
    let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "an impossible time".into(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn roots(endpoint: &Url, trust: &Trust) -> Result<RootCertStore, String> {
    if let Some(path) = trust.ca_file() {
        let size = std::fs::metadata(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?.len();
        if size > MAX_ROOTS_FILE {
            return Err(format!("{} is larger than {MAX_ROOTS_FILE} bytes", path.display()));
        }
        let pem = std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        return store(&[&pem]).map_err(|why| format!("{} {why}", path.display()));
    }
    if trust.system_roots() {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return if roots.is_empty() { Err("this system has no roots to trust".into()) } else { Ok(roots) };
    }
    match known_roots(endpoint) {
        Some(pems) => store(&pems.iter().map(|pem| pem.as_bytes()).collect::<Vec<_>>()),
        None => Err(format!(
            "{} is no provider whose roots are known; say whom to trust there with --ca-file, --pin or --system-roots",
            endpoint.host_str().unwrap_or_default()
        )),
    }
}

/// The roots of the provider that an endpoint belongs to.
pub fn known_roots(endpoint: &Url) -> Option<&'static [&'static str]> {
    let host = endpoint.host_str()?;
    let belongs = |ending: &&str| host == *ending || host.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.'));
    PROVIDERS.iter().find(|(endings, _)| endings.iter().any(belongs)).map(|(_, pems)| *pems)
}

fn store(pems: &[&[u8]]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for pem in pems {
        for root in CertificateDer::pem_slice_iter(pem) {
            let root = root.map_err(|_| "holds something that is no certificate in PEM".to_owned())?;
            roots.add(root).map_err(|_| "holds a certificate that cannot be a root".to_owned())?;
        }
    }
    if roots.is_empty() { Err("holds no certificate in PEM".into()) } else { Ok(roots) }
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
        let certificate = webpki::EndEntityCert::try_from(end_entity).map_err(|_| CertificateError::BadEncoding)?;
        let key = ::ring::digest::digest(&::ring::digest::SHA256, certificate.subject_public_key_info().as_ref());
        if self.pins.iter().any(|pin| pin.0 == key.as_ref()) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
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
            assert!(config(&endpoint, &Trust::default()).unwrap_err().contains("--pin"), "{host}");
        }
    }
}
