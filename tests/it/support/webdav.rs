//! A WebDAV server in this process, in memory: honest, or with one of the bad manners that real ones have.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use md5::{Digest, Md5};
use printkeep::core::name::{AccountId, hex};
use printkeep::local::os_random::SystemRandom;
use printkeep::provider::address::{Address, Trust};
use printkeep::provider::credentials::{CredentialKind, Credentials};
use printkeep::provider::webdav::WebDav;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::support::server::{identity, permit, runtime, server_config};

pub const USER: &str = "mu sche\u{e9}";
pub const PASSWORD: &str = "pass word: \u{fc}";

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Honest,
    /// Answers a range with the whole.
    IgnoresRange,
    /// Moves over what is there.
    Replaces,
    /// Loses the last byte of what it confirmed.
    LosesBytes,
    Full,
    ReadOnly,
    /// The first so many writes meet a lock.
    Locked(usize),
    /// A listing that never ends.
    Endless,
    Redirects,
    /// Ends a listing in the middle.
    CutsListings,
    /// Moves, and closes the connection without a word, once.
    LosesAnswers,
    /// Refuses to make a folder that another request made in that moment, as Apache does.
    Races,
    /// Is busy when the first write comes, and says when to come again.
    Busy(&'static str),
}

/// How it asks who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    Nobody,
    Basic,
    Sha256,
    Md5,
}

/// None is a folder.
type Files = BTreeMap<String, Option<Vec<u8>>>;

pub struct DavServer {
    pub url: String,
    pub ca_file: PathBuf,
    pub files: Arc<Mutex<Files>>,
    /// Requests by method, in the order in which they came.
    pub asked: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
    _runtime: Runtime,
}

struct Server {
    manner: Manner,
    auth: Auth,
    files: Arc<Mutex<Files>>,
    asked: Arc<Mutex<Vec<String>>>,
    troubled: AtomicUsize,
}

type Answer = Result<Response<Full<Bytes>>, std::io::Error>;

fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    Ok(Response::builder().status(status).body(Full::new(body.into())).unwrap())
}

impl DavServer {
    pub fn start(manner: Manner, auth: Auth) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = identity(&["127.0.0.1"], |_| {});
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, &identity.ca_pem).unwrap();
        let acceptor = TlsAcceptor::from(server_config(&identity, &[&rustls::version::TLS13]));
        let runtime = runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("webdav://127.0.0.1:{}/dav/a%20b", listener.local_addr().unwrap().port());
        let files = Arc::new(Mutex::new(Files::from([("/dav".to_owned(), None)])));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Arc::new(Server { manner, auth, files: files.clone(), asked: asked.clone(), troubled: AtomicUsize::new(0) });
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, server) = (acceptor.clone(), server.clone());
                tokio::spawn(async move {
                    let Ok(socket) = acceptor.accept(socket).await else { return };
                    let service = hyper::service::service_fn(move |request| {
                        let server = server.clone();
                        async move { server.answer(request).await }
                    });
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { url, ca_file, files, asked, _folder: folder, _runtime: runtime }
    }

    pub fn trust(&self) -> Trust {
        Trust::new(Some(self.ca_file.clone()), &[], false, false).unwrap()
    }

    pub fn place(&self, account: AccountId) -> WebDav {
        self.place_of(account, USER, PASSWORD)
    }

    pub fn place_of(&self, account: AccountId, user: &str, password: &str) -> WebDav {
        let credentials = Credentials::parse(&format!("{user}\n{password}\n"), CredentialKind::Login).unwrap();
        let Address::WebDav(address) = Address::parse(&self.url).unwrap() else { panic!() };
        let random = Arc::new(SystemRandom::new());
        WebDav::new(&permit(), &address, &self.trust(), credentials, account, random).unwrap()
    }

    /// The methods asked for since the last call.
    pub fn methods(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn decoded(path: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap().trim_end_matches('/').to_owned()
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

impl Server {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let method = request.method().as_str().to_owned();
        let path = decoded(request.uri().path());
        let header = |name: &str| request.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        let (range, depth, overwrite) = (header("range"), header("depth"), header("overwrite"));
        let destination = header("destination").map(|d| decoded(&d[d.find("/dav").unwrap()..]));
        let known = self.knows(header("authorization").as_deref(), &method, request.uri().path());
        let body = request.into_body().collect().await.map_err(std::io::Error::other)?.to_bytes();
        self.asked.lock().unwrap().push(format!("{method}{}", if known { "" } else { " unknown" }));
        if !known {
            return self.challenge();
        }
        let writes = matches!(method.as_str(), "PUT" | "MOVE" | "MKCOL" | "DELETE");
        match self.manner {
            Manner::Full if method == "PUT" => return answer(507, ""),
            Manner::ReadOnly if writes => return answer(403, ""),
            Manner::Redirects => return answer(302, ""),
            Manner::Locked(times) if writes && self.troubled.fetch_add(1, Ordering::Relaxed) < times => return answer(423, ""),
            Manner::Busy(when) if writes && self.troubled.fetch_add(1, Ordering::Relaxed) == 0 => {
                let busy = Response::builder().status(503).header("retry-after", when);
                return Ok(busy.body(Full::new(Bytes::new())).unwrap());
            }
            _ => {}
        }
        let mut files = self.files.lock().unwrap();
        match method.as_str() {
            "PUT" if files.get(parent(&path)) != Some(&None) => answer(409, ""),
            "PUT" => {
                let mut bytes = body.to_vec();
                if self.manner == Manner::LosesBytes {
                    bytes.pop();
                }
                files.insert(path, Some(bytes));
                answer(201, "")
            }
            "MKCOL" if files.contains_key(&path) => answer(405, ""),
            "MKCOL" if files.get(parent(&path)) != Some(&None) => answer(409, ""),
            "MKCOL" => {
                files.insert(path, None);
                answer(if self.manner == Manner::Races { 403 } else { 201 }, "")
            }
            "MOVE" => {
                let to = destination.unwrap();
                if files.get(parent(&to)) != Some(&None) {
                    return answer(409, "");
                }
                if files.contains_key(&to) && overwrite.as_deref() == Some("F") && self.manner != Manner::Replaces {
                    return answer(412, "");
                }
                let Some(moved) = files.remove(&path) else { return answer(404, "") };
                files.insert(to, moved);
                if self.manner == Manner::LosesAnswers && self.troubled.fetch_add(1, Ordering::Relaxed) == 0 {
                    return Err(std::io::Error::other("the connection is lost"));
                }
                answer(201, "")
            }
            "DELETE" => answer(if files.remove(&path).is_some() { 204 } else { 404 }, ""),
            "GET" | "HEAD" => match files.get(&path) {
                Some(Some(bytes)) => self.give(bytes, range),
                _ => answer(404, ""),
            },
            "PROPFIND" => self.list(&files, &path, depth.as_deref()),
            _ => answer(405, ""),
        }
    }

    fn give(&self, bytes: &[u8], range: Option<String>) -> Answer {
        let Some(range) = range.filter(|_| self.manner != Manner::IgnoresRange) else { return answer(200, bytes.to_vec()) };
        let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        if first >= bytes.len() { answer(416, "") } else { answer(206, bytes[first..(last + 1).min(bytes.len())].to_vec()) }
    }

    fn list(&self, files: &Files, path: &str, depth: Option<&str>) -> Answer {
        if !files.contains_key(path) {
            return answer(404, "");
        }
        let inside = |name: &str| depth == Some("1") && parent(name) == path;
        let mut text = String::from("<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\">");
        for (name, file) in files.iter().filter(|(name, _)| *name == path || inside(name)) {
            let href = name.replace(' ', "%20");
            match file {
                None => text.push_str(&format!(
                    "<D:response><D:href>{href}/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype>\
                     </D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
                )),
                Some(bytes) => text.push_str(&format!(
                    "<D:response><D:href>{href}</D:href><D:propstat><D:prop><D:resourcetype/><D:getcontentlength>{}\
                     </D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>",
                    bytes.len()
                )),
            }
        }
        match self.manner {
            Manner::CutsListings => {}
            Manner::Endless => text.push_str(&"<D:response><D:href>/x</D:href></D:response>".repeat(600_000)),
            _ => text.push_str("</D:multistatus>"),
        }
        answer(207, text)
    }

    fn challenge(&self) -> Answer {
        let text = match self.auth {
            Auth::Basic => "Basic realm=\"files\"".to_owned(),
            Auth::Md5 => "Digest realm=\"files\", nonce=\"n1\", qop=\"auth\", opaque=\"o\"".to_owned(),
            Auth::Sha256 | Auth::Nobody => {
                "Digest realm=\"files\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256, Basic realm=\"files\"".to_owned()
            }
        };
        Ok(Response::builder().status(401).header("www-authenticate", text).body(Full::new(Bytes::new())).unwrap())
    }

    fn knows(&self, told: Option<&str>, method: &str, target: &str) -> bool {
        let Some(told) = told else { return self.auth == Auth::Nobody };
        if self.auth == Auth::Basic {
            let expected = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
            return told == format!("Basic {expected}");
        }
        let field = |name: &str| {
            let rest = &told[told.find(&format!(" {name}="))? + name.len() + 2..];
            Some(rest.split([',', '"']).find(|part| !part.is_empty())?.to_owned())
        };
        let hash = |text: String| match self.auth {
            Auth::Md5 => hex(&Md5::digest(text.as_bytes())),
            _ => hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref()),
        };
        let (Some(count), Some(fresh), Some(proof)) = (field("nc"), field("cnonce"), field("response")) else { return false };
        let secret = hash(format!("{USER}:files:{PASSWORD}"));
        let request = hash(format!("{method}:{target}"));
        proof == hash(format!("{secret}:n1:{count}:{fresh}:auth:{request}"))
    }
}
