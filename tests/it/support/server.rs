//! What several tests need: an S3 server in this process over TLS, servers that behave badly, sealed objects.

use crate::support::gate;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use printkeep::consent::{ConsentContext, Decision, Item, Language, Ledger, Permit, Policy, Surface};
use printkeep::core::keys::{Keyring, WriterKeys};
use printkeep::core::name::{AccountId, ObjectId, ObjectName};
use printkeep::core::seal::{self, Proved, To};
use printkeep::local::os_random::SystemRandom;
use printkeep::provider::address::{Address, S3Address, Trust};
use printkeep::provider::credentials::Credentials;
use printkeep::provider::s3::S3;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

pub const ACCESS_KEY: &str = "AKTEST00000000000001";
pub const SECRET_KEY: &str = "test-secret-0000000000000000000000000001";

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub fn keys(account: AccountId) -> WriterKeys {
    Keyring::random(account, &SystemRandom::new()).unwrap().writer().unwrap()
}

pub fn account(n: u8) -> AccountId {
    AccountId::from_bytes([n; 16])
}

pub fn new_name() -> ObjectName {
    ObjectName::Pack(ObjectId::random(&SystemRandom::new()).unwrap())
}

pub fn sealed(keys: &WriterKeys, name: ObjectName, size: usize) -> Proved {
    seal::seal(keys, name, To::Devices, &vec![7; size], &SystemRandom::new()).unwrap()
}

pub fn permit() -> Permit {
    permit_for(Item::Network)
}

pub fn permit_for(item: Item) -> Permit {
    let mut ledger = Ledger::under(Some(Policy::built_in().into()));
    let asked = ConsentContext { language: Language::English, surface: Surface::CommandLine, time: 0 };
    ledger.push(ledger.decide(item, Decision::Granted, asked, [0; 16]).unwrap()).unwrap();
    ledger.permit(item).unwrap()
}

pub fn credentials() -> Credentials {
    let text = format!("[default]\naws_access_key_id={ACCESS_KEY}\naws_secret_access_key={SECRET_KEY}\n");
    Credentials::parse_aws_profile(&text, "default").unwrap()
}

pub fn s3_address(url: &str) -> S3Address {
    match Address::parse(url).unwrap() {
        Address::S3(address) => address,
        _ => panic!("{url}"),
    }
}

/// A throw-away authority and a server certificate for these names.
pub struct Identity {
    pub ca_pem: String,
    pub chain: Vec<CertificateDer<'static>>,
    pub key: Vec<u8>,
    pub spki: Vec<u8>,
}

pub fn identity(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    change(&mut params);
    let certificate = params.signed_by(&key, &authority).unwrap();
    Identity {
        ca_pem: authority.pem(),
        chain: vec![certificate.der().clone()],
        key: key.serialize_der(),
        spki: rcgen::PublicKeyData::subject_public_key_info(&key),
    }
}

/// A certificate that signs itself and says that it is an authority, as many small servers show.
pub fn self_signed_authority(names: &[&str]) -> Identity {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    Identity {
        ca_pem: certificate.pem(),
        chain: vec![certificate.der().clone()],
        key: key.serialize_der(),
        spki: rcgen::PublicKeyData::subject_public_key_info(&key),
    }
}

pub fn server_config(identity: &Identity, versions: &[&'static rustls::SupportedProtocolVersion]) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap().with_no_client_auth();
    let key = PrivatePkcs8KeyDer::from(identity.key.clone());
    Arc::new(builder.with_single_cert(identity.chain.clone(), key.into()).unwrap())
}

/// An S3 server in this process: s3s over a folder, behind TLS 1.3.
pub struct S3Server {
    pub endpoint: String,
    pub ca_file: PathBuf,
    pub requests: Arc<AtomicUsize>,
    pub data: PathBuf,
    pub gate: Arc<gate::Gate>,
    _folder: tempfile::TempDir,
    _runtime: Runtime,
}

impl S3Server {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir_all(data.join("bucket")).unwrap();
        let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(&data).unwrap());
        let mut users = s3s::auth::SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY);
        users.register(gate::PRINTER_KEY.into(), gate::PRINTER_SECRET.into());
        service.set_auth(users);
        let gate = Arc::new(gate::Gate::default());
        let kept = gate.clone();
        let service = service.build();
        let identity = identity(&["localhost", "127.0.0.1"], |_| {});
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, &identity.ca_pem).unwrap();
        let acceptor = TlsAcceptor::from(server_config(&identity, &[&rustls::version::TLS13]));
        let runtime = runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let endpoint = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = requests.clone();
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, service, counted) = (acceptor.clone(), service.clone(), counted.clone());
                let gate = kept.clone();
                tokio::spawn(async move {
                    let Ok(socket) = acceptor.accept(socket).await else { return };
                    let counting = hyper::service::service_fn(move |request| {
                        counted.fetch_add(1, Ordering::Relaxed);
                        let (service, gate) = (service.clone(), gate.clone());
                        async move {
                            if let Some(refusal) = gate.refuses(&request) {
                                return Ok(refusal);
                            }
                            let (resource, locked) = (gate::Gate::resource(&request), gate.lock_of(&request));
                            let mut answer = hyper::service::Service::call(&service, request).await?;
                            gate.versioned(&resource, locked, &mut answer);
                            Ok::<_, s3s::HttpError>(answer)
                        }
                    });
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), counting).await;
                });
            }
        });
        Self { endpoint, ca_file, requests, data, gate, _folder: folder, _runtime: runtime }
    }

    pub fn url(&self, prefix: &str) -> String {
        format!("s3://bucket/{prefix}?endpoint={}&region=us-east-1", self.endpoint)
    }

    pub fn trust(&self) -> Trust {
        Trust::new(Some(self.ca_file.clone()), &[], false, false).unwrap()
    }

    pub fn cloud(&self, prefix: &str, account: AccountId) -> S3 {
        S3::new(&permit(), &s3_address(&self.url(prefix)), &self.trust(), &credentials(), account).unwrap()
    }
}

/// A TLS server that answers every connection with `handshake` alone, then the same bytes, over and over.
pub struct Rude {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    _runtime: Runtime,
}

impl Rude {
    /// Speaks TLS with `config`, reads a request's beginning, sends `reply`, then as often as `more` says more bytes, and closes.
    pub fn start(config: Option<Arc<ServerConfig>>, reply: &'static [u8], more: usize) -> Self {
        let runtime = runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let config = config.clone();
                tokio::spawn(async move {
                    match config {
                        Some(config) => {
                            if let Ok(stream) = TlsAcceptor::from(config).accept(socket).await {
                                answer(stream, reply, more).await;
                            }
                        }
                        None => answer(socket, reply, more).await,
                    }
                });
            }
        });
        Self { address, connections, _runtime: runtime }
    }
}

async fn answer(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, reply: &[u8], more: usize) {
    let mut block = vec![0; 65_536];
    let _ = stream.read(&mut block).await;
    let _ = stream.write_all(reply).await;
    block.fill(b'x');
    for _ in 0..more {
        if stream.write_all(&block).await.is_err() {
            return;
        }
    }
    let _ = stream.flush().await;
    let _ = stream.shutdown().await;
}

pub fn write(path: &Path, text: &str) -> PathBuf {
    std::fs::write(path, text).unwrap();
    path.to_owned()
}
