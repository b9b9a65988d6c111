//! An SFTP server in this process over a temporary folder: with OpenSSH's extensions or without, and with bad manners.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use printkeep::core::name::AccountId;
use printkeep::provider::address::{Address, Trust};
use printkeep::provider::credentials::{CredentialKind, Credentials};
use printkeep::provider::sftp::Sftp;
use russh::keys::{Algorithm, HashAlg, PrivateKey, PublicKey, key::safe_rng};
use russh::server::{Auth, ChannelOpenHandle, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use russh_sftp::protocol::{Attrs, Data, FileAttributes, Handle, Name, OpenFlags, Packet, Status, StatusCode, Version};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::support::server::{permit, runtime};

pub const PASSWORD: &str = "pass word \u{fc}";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Links, syncs, tells how full it is.
    OpenSsh,
    /// Nothing beyond the draft.
    Bare,
    /// Says after so many writes that the connection is lost, once.
    Loses(usize),
    /// Fails every write.
    Full,
}

pub struct SftpServer {
    pub port: u16,
    pub fingerprint: String,
    pub data: PathBuf,
    /// Writes that were answered.
    pub writes: Arc<AtomicUsize>,
    /// Connections that were accepted.
    pub connections: Arc<AtomicUsize>,
    /// A private key that is let in, in PEM.
    pub key: String,
    _folder: tempfile::TempDir,
    _runtime: Runtime,
}

#[derive(Clone)]
struct Shared {
    manner: Manner,
    writes: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
    allowed: PublicKey,
}

impl SftpServer {
    pub fn start(manner: Manner) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        let host = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
        let user = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
        let fingerprint = host.public_key().fingerprint(HashAlg::Sha256).to_string();
        let key = user.to_openssh(Default::default()).unwrap().to_string();
        let config = Arc::new(russh::server::Config {
            keys: vec![host],
            auth_rejection_time: std::time::Duration::ZERO,
            ..Default::default()
        });
        let writes = Arc::new(AtomicUsize::new(0));
        let shared = Shared { manner, writes: writes.clone(), lost: Arc::default(), allowed: user.public_key().clone() };
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, runtime) = (connections.clone(), runtime());
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let door = Door { shared: shared.clone(), channels: HashMap::new() };
                let config = config.clone();
                tokio::spawn(async move {
                    if let Ok(session) = russh::server::run_stream(config, socket, door).await {
                        let _ = session.await;
                    }
                });
            }
        });
        Self { port, fingerprint, data, writes, connections, key, _folder: folder, _runtime: runtime }
    }

    pub fn url(&self) -> String {
        format!("sftp://pi@127.0.0.1:{}{}/a%20b", self.port, self.data.display())
    }

    pub fn place(&self, account: AccountId) -> Sftp {
        self.place_of(account, std::slice::from_ref(&self.fingerprint), &self.key)
    }

    pub fn place_of(&self, account: AccountId, pins: &[String], secret: &str) -> Sftp {
        let Address::Sftp(address) = Address::parse(&self.url()).unwrap() else { panic!() };
        let trust = Trust::new(None, pins, false, false).unwrap();
        let credentials = Credentials::parse(secret, CredentialKind::Ssh).unwrap();
        Sftp::new(&permit(), &address, &trust, credentials, account).unwrap()
    }
}

struct Door {
    shared: Shared,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl russh::server::Handler for Door {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        Ok(if user == "pi" && password == PASSWORD { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let known = user == "pi" && key.public_key.key_data() == self.shared.allowed.key_data();
        Ok(if known { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(&mut self, id: ChannelId, name: &str, session: &mut Session) -> Result<(), Self::Error> {
        assert_eq!(name, "sftp");
        session.channel_success(id)?;
        let channel = self.channels.remove(&id).unwrap();
        let files = Files { shared: self.shared.clone(), open: HashMap::new(), listings: HashMap::new(), next: 0 };
        russh_sftp::server::run(channel.into_stream(), files).await;
        Ok(())
    }
}

struct Files {
    shared: Shared,
    open: HashMap<String, File>,
    listings: HashMap<String, Vec<russh_sftp::protocol::File>>,
    next: u64,
}

fn sort(error: std::io::Error) -> StatusCode {
    match error.kind() {
        ErrorKind::NotFound => StatusCode::NoSuchFile,
        ErrorKind::PermissionDenied => StatusCode::PermissionDenied,
        _ => StatusCode::Failure,
    }
}

fn fine(id: u32) -> Status {
    Status { id, status_code: StatusCode::Ok, error_message: String::new(), language_tag: String::new() }
}

fn attributes(told: &fs::Metadata) -> FileAttributes {
    FileAttributes { size: Some(told.len()), permissions: Some(told.mode()), ..FileAttributes::empty() }
}

impl Files {
    fn file(&self, handle: &str) -> Result<&File, StatusCode> {
        self.open.get(handle).ok_or(StatusCode::Failure)
    }

    fn handle(&mut self) -> String {
        self.next += 1;
        self.next.to_string()
    }
}

impl russh_sftp::server::Handler for Files {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn init(&mut self, _: u32, _: HashMap<String, String>) -> Result<Version, StatusCode> {
        let mut version = Version::new();
        if self.shared.manner != Manner::Bare {
            for name in ["hardlink@openssh.com", "fsync@openssh.com"] {
                version.extensions.insert(name.into(), "1".into());
            }
        }
        Ok(version)
    }

    async fn open(&mut self, id: u32, path: String, flags: OpenFlags, _: FileAttributes) -> Result<Handle, StatusCode> {
        let file = fs::OpenOptions::from(flags).open(path).map_err(sort)?;
        let handle = self.handle();
        self.open.insert(handle.clone(), file);
        Ok(Handle { id, handle })
    }

    async fn close(&mut self, id: u32, handle: String) -> Result<Status, StatusCode> {
        self.open.remove(&handle);
        self.listings.remove(&handle);
        Ok(fine(id))
    }

    /// Gives less than it was asked for, as servers may.
    async fn read(&mut self, id: u32, handle: String, offset: u64, len: u32) -> Result<Data, StatusCode> {
        let mut data = vec![0; (len as usize).min(20_000)];
        let read = self.file(&handle)?.read_at(&mut data, offset).map_err(sort)?;
        data.truncate(read);
        if read == 0 { Err(StatusCode::Eof) } else { Ok(Data { id, data }) }
    }

    async fn write(&mut self, id: u32, handle: String, offset: u64, data: Vec<u8>) -> Result<Status, StatusCode> {
        let written = self.shared.writes.fetch_add(1, Ordering::Relaxed);
        match self.shared.manner {
            Manner::Full => return Err(StatusCode::Failure),
            Manner::Loses(after) if written >= after && self.shared.lost.fetch_add(1, Ordering::Relaxed) == 0 => {
                return Err(StatusCode::ConnectionLost);
            }
            _ => {}
        }
        self.file(&handle)?.write_all_at(&data, offset).map_err(sort)?;
        Ok(fine(id))
    }

    async fn lstat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        Ok(Attrs { id, attrs: attributes(&fs::symlink_metadata(path).map_err(sort)?) })
    }

    async fn stat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        Ok(Attrs { id, attrs: attributes(&fs::metadata(path).map_err(sort)?) })
    }

    async fn fstat(&mut self, id: u32, handle: String) -> Result<Attrs, StatusCode> {
        Ok(Attrs { id, attrs: attributes(&self.file(&handle)?.metadata().map_err(sort)?) })
    }

    async fn opendir(&mut self, id: u32, path: String) -> Result<Handle, StatusCode> {
        let mut found = vec![russh_sftp::protocol::File::new(".", FileAttributes::empty())];
        for entry in fs::read_dir(path).map_err(sort)?.flatten() {
            let name = entry.file_name().into_string().unwrap();
            found.push(russh_sftp::protocol::File::new(name, attributes(&entry.metadata().map_err(sort)?)));
        }
        let handle = self.handle();
        self.listings.insert(handle.clone(), found);
        Ok(Handle { id, handle })
    }

    async fn readdir(&mut self, id: u32, handle: String) -> Result<Name, StatusCode> {
        let listing = self.listings.get_mut(&handle).ok_or(StatusCode::Failure)?;
        let files: Vec<_> = listing.drain(..listing.len().min(7)).collect();
        if files.is_empty() { Err(StatusCode::Eof) } else { Ok(Name { id, files }) }
    }

    async fn mkdir(&mut self, id: u32, path: String, _: FileAttributes) -> Result<Status, StatusCode> {
        fs::create_dir(path).map_err(sort)?;
        Ok(fine(id))
    }

    async fn remove(&mut self, id: u32, path: String) -> Result<Status, StatusCode> {
        fs::remove_file(path).map_err(sort)?;
        Ok(fine(id))
    }

    /// Refuses where something is there, as the draft wants it.
    async fn rename(&mut self, id: u32, from: String, to: String) -> Result<Status, StatusCode> {
        fs::hard_link(&from, to).map_err(sort)?;
        fs::remove_file(from).map_err(sort)?;
        Ok(fine(id))
    }

    async fn extended(&mut self, id: u32, request: String, data: Vec<u8>) -> Result<Packet, StatusCode> {
        let mut texts = Vec::new();
        let mut rest = data.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let (text, after) = after.split_at(u32::from_be_bytes(*length) as usize);
            texts.push(String::from_utf8(text.to_vec()).unwrap());
            rest = after;
        }
        match request.as_str() {
            "hardlink@openssh.com" => fs::hard_link(&texts[0], &texts[1]).map_err(sort)?,
            "fsync@openssh.com" => self.file(&texts[0])?.sync_all().map_err(sort)?,
            _ => return Err(StatusCode::OpUnsupported),
        }
        Ok(Packet::Status(fine(id)))
    }
}
