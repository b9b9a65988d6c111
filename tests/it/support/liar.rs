//! An S3 server on loopback that keeps what it is given, and lies as a test says: names that nobody made, bytes that nobody sent.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What is shown of a prefix beside what is there, a page at a time: keys and sizes; none where there are no more.
type MakesUp = dyn Fn(&str, usize) -> Option<Vec<(String, u64)>> + Send + Sync;
/// What lies under a key that nobody wrote.
type Gives = dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync;

/// A lie.
pub struct Lie {
    /// Whether what is there is given all the same.
    pub spares: bool,
    pub makes_up: Box<MakesUp>,
    pub gives: Box<Gives>,
}

#[derive(Default)]
struct State {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    lie: Mutex<Option<Arc<Lie>>>,
    requests: AtomicU64,
    /// How often what was asked for, by method and folder.
    asked: Mutex<BTreeMap<String, u64>>,
    /// How often the bytes under a key were asked for.
    read: Mutex<BTreeMap<String, u64>>,
    sent: AtomicU64,
}

/// The server.
pub struct Liar {
    port: u16,
    state: Arc<State>,
}

impl Liar {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, state) = (listener.local_addr().unwrap().port(), Arc::<State>::default());
        let kept = state.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let state = kept.clone();
                std::thread::spawn(move || serve(&state, socket));
            }
        });
        Self { port, state }
    }

    pub fn url(&self) -> String {
        format!("s3://bucket/p?endpoint=http://127.0.0.1:{}&region=us-east-1", self.port)
    }

    /// Begins to lie; or, without a lie, tells the truth again.
    pub fn lies(&self, lie: Option<Lie>) {
        *self.state.lie.lock().unwrap() = lie.map(Arc::new);
        self.counted();
    }

    /// Requests, and bytes of bodies that went out, since this was last asked.
    pub fn counted(&self) -> (u64, u64) {
        (self.state.requests.swap(0, Ordering::Relaxed), self.state.sent.swap(0, Ordering::Relaxed))
    }

    /// How often what was asked for, by method and folder, since this was last asked.
    pub fn asked(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.state.asked.lock().unwrap())
    }

    /// How often the bytes of an object were asked for since this was last asked of any.
    pub fn read(&self, name: &str) -> u64 {
        let read = std::mem::take(&mut *self.state.read.lock().unwrap());
        read.iter().filter(|(key, _)| key.ends_with(name)).map(|(_, times)| times).sum()
    }

    /// The keys that it holds.
    pub fn keys(&self) -> Vec<String> {
        self.state.objects.lock().unwrap().keys().cloned().collect()
    }
}

fn serve(state: &State, socket: TcpStream) {
    let mut input = BufReader::new(socket.try_clone().unwrap());
    socket.set_nodelay(true).unwrap();
    let mut output = socket;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut parts = line.split(' ');
        let (method, target) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            if input.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        if input.read_exact(&mut body).is_err() {
            return;
        }
        state.requests.fetch_add(1, Ordering::Relaxed);
        let (status, told, bytes) = answer(state, &method, &target, body);
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {told}\r\n\r\n");
        if output.write_all(head.as_bytes()).is_err() {
            return;
        }
        for part in bytes.chunks(16 * 1024) {
            if output.write_all(part).is_err() {
                return;
            }
            state.sent.fetch_add(part.len() as u64, Ordering::Relaxed);
        }
    }
}

fn answer(state: &State, method: &str, target: &str, body: Vec<u8>) -> (u16, usize, Vec<u8>) {
    let url = url::Url::parse(&format!("http://x{target}")).unwrap();
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let key = url.path().trim_start_matches("/bucket").trim_start_matches('/').to_owned();
    let folder =
        query.get("prefix").unwrap_or(&key).splitn(3, '/').nth(2).unwrap_or_default().split('/').next().unwrap().to_owned();
    let what = if query.contains_key("list-type") { "LIST" } else { method };
    *state.asked.lock().unwrap().entry(format!("{what} {folder}")).or_default() += 1;
    if what == "GET" {
        *state.read.lock().unwrap().entry(key.clone()).or_default() += 1;
    }
    let lie = state.lie.lock().unwrap().clone();
    let mut objects = state.objects.lock().unwrap();
    match method {
        "GET" if query.contains_key("list-type") => {
            let page = listing(&objects, lie.as_deref(), &query).into_bytes();
            (200, page.len(), page)
        }
        "PUT" => {
            objects.insert(key, body);
            (200, 0, Vec::new())
        }
        "DELETE" => {
            objects.remove(&key);
            (204, 0, Vec::new())
        }
        _ => {
            let spared = lie.as_ref().filter(|lie| lie.spares).and_then(|_| objects.get(&key).cloned());
            let made_up = spared.or_else(|| lie.and_then(|lie| (lie.gives)(&key)));
            match made_up.or_else(|| objects.get(&key).cloned()) {
                Some(bytes) if method == "HEAD" => (200, bytes.len(), Vec::new()),
                Some(bytes) => (200, bytes.len(), bytes),
                None => {
                    let told = b"<Error><Code>NoSuchKey</Code></Error>".to_vec();
                    (404, told.len(), if method == "HEAD" { Vec::new() } else { told })
                }
            }
        }
    }
}

fn listing(objects: &BTreeMap<String, Vec<u8>>, lie: Option<&Lie>, query: &BTreeMap<String, String>) -> String {
    let prefix = query.get("prefix").map_or("", String::as_str);
    let page: usize = query.get("continuation-token").map_or(0, |token| token.parse().unwrap());
    let mut names = Vec::new();
    if page == 0 {
        let ours = objects.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        names.extend(ours.map(|(key, bytes)| (key.clone(), bytes.len() as u64)));
    }
    let made_up = lie.and_then(|lie| (lie.makes_up)(prefix, page));
    let goes_on = made_up.is_some();
    names.extend(made_up.unwrap_or_default());
    let mut text = format!(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name><MaxKeys>1000</MaxKeys><IsTruncated>{goes_on}</IsTruncated>"
    );
    for (key, size) in names {
        text.push_str(&format!(
            "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"x\"</ETag><Size>{size}</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>"
        ));
    }
    if goes_on {
        text.push_str(&format!("<NextContinuationToken>{}</NextContinuationToken>", page + 1));
    }
    text + "</ListBucketResult>"
}
