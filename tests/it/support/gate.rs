//! What stands before the S3 server of these tests: it evaluates a bucket policy (the printed document itself) for everybody but the
//! owner, notes what was refused, and keeps locked objects as object lock does.

use std::collections::BTreeMap;
use std::sync::Mutex;

use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use serde_json::Value;

/// Whose credentials the printer has, and how the policy calls them.
pub const PRINTER_KEY: &str = "AKTEST00000000000002";
pub const PRINTER_SECRET: &str = "test-secret-0000000000000000000000000002";
pub const PRINTER: &str = "arn:aws:iam::123456789012:user/printer";

/// An earlier version of what lies at a path; no bytes for a delete marker.
struct Was {
    path: String,
    bytes: Option<Vec<u8>>,
    time: jiff::Timestamp,
}

#[derive(Default)]
pub struct Gate {
    policy: Mutex<Option<Value>>,
    refused: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
    /// Until when objects are kept, once the bucket has object lock.
    locks: Mutex<Option<BTreeMap<String, jiff::Timestamp>>>,
    pub puts: Mutex<Vec<HeaderMap>>,
    /// Where objects lie, once the bucket has versioning; what was replaced or removed, newest last; and since when objects stand there.
    versions: Mutex<Option<std::path::PathBuf>>,
    history: Mutex<Vec<Was>>,
    written: Mutex<BTreeMap<String, jiff::Timestamp>>,
}

impl Gate {
    pub fn set_policy(&self, policy: &Value) {
        *self.policy.lock().unwrap() = Some(policy.clone());
    }

    /// Everything that was refused since this was last asked: action and resource.
    pub fn refused(&self) -> Vec<String> {
        std::mem::take(&mut self.refused.lock().unwrap())
    }

    /// Every action and resource since this was last asked.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    pub fn with_object_lock(&self) {
        *self.locks.lock().unwrap() = Some(BTreeMap::new());
    }

    pub fn with_versioning(&self, data: &std::path::Path) {
        *self.versions.lock().unwrap() = Some(data.to_owned());
    }

    /// Keeps what a request replaces or removes; answers what is asked about earlier versions.
    fn history(&self, method: &Method, uri: &Uri) -> Option<Response<s3s::Body>> {
        let data = self.versions.lock().unwrap().clone()?;
        let (mut history, mut written) = (self.history.lock().unwrap(), self.written.lock().unwrap());
        let path = uri.path().trim_start_matches('/');
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let now = jiff::Timestamp::now();
        if *method == Method::PUT || *method == Method::DELETE && !query.contains_key("versionId") {
            let time = written.get(path).copied().unwrap_or_default();
            history.extend(std::fs::read(data.join(path)).ok().map(|bytes| Was { path: path.into(), bytes: Some(bytes), time }));
            written.insert(path.to_owned(), now);
            if *method == Method::DELETE {
                history.push(Was { path: path.into(), bytes: None, time: now });
            }
            return None;
        }
        let body = if query.contains_key("versions") {
            listing(&data, path.trim_end_matches('/'), &query, &history, &written).into_bytes()
        } else {
            match query.get("versionId")?.as_str() {
                "now" => return None,
                old => history[old.strip_prefix('h')?.parse::<usize>().unwrap()].bytes.clone().unwrap(),
            }
        };
        Some(Response::builder().header("content-length", body.len()).body(s3s::Body::from(body)).unwrap())
    }

    /// Lets every lock run out.
    pub fn time_passes(&self) {
        for until in self.locks.lock().unwrap().iter_mut().flat_map(|locks| locks.values_mut()) {
            *until = jiff::Timestamp::UNIX_EPOCH;
        }
    }

    /// The refusal of a request, if it is refused.
    pub fn refuses<B>(&self, request: &Request<B>) -> Option<Response<s3s::Body>> {
        let asked = Asked::of(request.method(), request.uri(), request.headers());
        for action in &asked.actions {
            let line = format!("{action} {} {}", asked.resource, asked.context.get("s3:prefix").map_or("", String::as_str));
            self.asked.lock().unwrap().push(line.trim_end().to_owned());
        }
        if *request.method() == Method::PUT {
            self.puts.lock().unwrap().push(request.headers().clone());
        }
        if asked.key == PRINTER_KEY {
            let policy = self.policy.lock().unwrap();
            for action in &asked.actions {
                if !policy.as_ref().is_some_and(|policy| allows(policy, PRINTER, action, &asked.resource, &asked.context)) {
                    let prefix = asked.context.get("s3:prefix").map_or("", String::as_str);
                    self.refused.lock().unwrap().push(format!("{action} {} {prefix}", asked.resource).trim_end().to_owned());
                    return Some(denied());
                }
            }
        }
        if let Some(answer) = self.history(request.method(), request.uri()) {
            return Some(answer);
        }
        let locks = self.locks.lock().unwrap();
        match locks.as_ref() {
            None if request.headers().contains_key("x-amz-object-lock-mode") => {
                Some(error(StatusCode::BAD_REQUEST, "InvalidRequest"))
            }
            Some(locks) if asked.actions == ["s3:DeleteObjectVersion"] => {
                locks.get(&asked.resource).filter(|until| **until > jiff::Timestamp::now()).map(|_| denied())
            }
            _ => None,
        }
    }

    /// What a request locks, once it was done.
    pub fn lock_of<B>(&self, request: &Request<B>) -> Option<(String, jiff::Timestamp)> {
        let until = request.headers().get("x-amz-object-lock-retain-until-date")?.to_str().ok()?.parse().ok()?;
        let asked = Asked::of(request.method(), request.uri(), request.headers());
        Some((asked.resource, until))
    }

    /// What a bucket with object lock adds to answers.
    pub fn versioned(&self, resource: &str, locked: Option<(String, jiff::Timestamp)>, answer: &mut Response<s3s::Body>) {
        let mut locks = self.locks.lock().unwrap();
        let Some(locks) = locks.as_mut().filter(|_| answer.status().is_success()) else { return };
        locks.extend(locked);
        answer.headers_mut().insert("x-amz-version-id", HeaderValue::from_static("v1"));
        if let Some(until) = locks.get(resource) {
            let until = HeaderValue::from_str(&until.to_string()).unwrap();
            answer.headers_mut().insert("x-amz-object-lock-retain-until-date", until);
        }
    }

    pub fn resource<B>(request: &Request<B>) -> String {
        Asked::of(request.method(), request.uri(), request.headers()).resource
    }
}

/// The versions below a prefix as S3 lists them: by key, the newest first, a few to a page.
fn listing(
    data: &std::path::Path,
    bucket: &str,
    query: &BTreeMap<String, String>,
    history: &[Was],
    written: &BTreeMap<String, jiff::Timestamp>,
) -> String {
    let mut files = Vec::new();
    let mut folders = vec![data.join(bucket)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => files.push(entry.path().strip_prefix(data).unwrap().to_str().unwrap().to_owned()),
            }
        }
    }
    let wanted = format!("{bucket}/{}", query["prefix"]);
    let mut paths: Vec<&String> = files.iter().chain(history.iter().map(|was| &was.path)).collect();
    paths.sort();
    paths.dedup();
    let mut all = Vec::new();
    for path in paths.into_iter().filter(|path| path.starts_with(&wanted)) {
        let key = path.split_once('/').unwrap().1;
        let one = |word: &str, id: String, time: &jiff::Timestamp, latest: bool| {
            let text = format!(
                "<{word}><Key>{key}</Key><VersionId>{id}</VersionId><IsLatest>{latest}</IsLatest><LastModified>{time}</LastModified></{word}>"
            );
            (key.to_owned(), id, text)
        };
        let there = files.contains(path);
        if there {
            all.push(one("Version", "now".into(), written.get(path).unwrap_or(&jiff::Timestamp::UNIX_EPOCH), true));
        }
        for (at, was) in history.iter().enumerate().filter(|(_, was)| was.path == *path).rev() {
            let latest = !there && all.last().is_none_or(|(last, ..)| last != key);
            let word = if was.bytes.is_some() { "Version" } else { "DeleteMarker" };
            all.push(one(word, format!("h{at}"), &was.time, latest));
        }
    }
    let after = query.get("key-marker").zip(query.get("version-id-marker"));
    let from = after.map_or(0, |(key, id)| all.iter().position(|(k, i, _)| k == key && i == id).unwrap() + 1);
    let page: Vec<_> = all[from..].iter().take(7).collect();
    let more = match page.last() {
        Some((key, id, _)) if from + page.len() < all.len() => format!(
            "<IsTruncated>true</IsTruncated><NextKeyMarker>{key}</NextKeyMarker><NextVersionIdMarker>{id}</NextVersionIdMarker>"
        ),
        _ => "<IsTruncated>false</IsTruncated>".into(),
    };
    format!("<ListVersionsResult>{more}{}</ListVersionsResult>", page.iter().map(|(.., text)| text.as_str()).collect::<String>())
}

fn denied() -> Response<s3s::Body> {
    error(StatusCode::FORBIDDEN, "AccessDenied")
}

fn error(status: StatusCode, code: &str) -> Response<s3s::Body> {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    Response::builder().status(status).body(s3s::Body::from(body)).unwrap()
}

/// A request as a policy sees it.
struct Asked {
    key: String,
    actions: Vec<&'static str>,
    resource: String,
    context: BTreeMap<&'static str, String>,
}

impl Asked {
    fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let has = |name: &str| query.contains_key(name);
        let path = uri.path().trim_start_matches('/');
        let object = path.split_once('/').is_some_and(|(_, key)| !key.is_empty());
        let mut context = BTreeMap::new();
        let mut actions = match (method.as_str(), object) {
            (_, false) if has("uploads") => vec!["s3:ListBucketMultipartUploads"],
            (_, false) => vec!["s3:ListBucket"],
            ("GET", true) if has("uploadId") => vec!["s3:ListMultipartUploadParts"],
            ("GET" | "HEAD", true) => vec!["s3:GetObject"],
            ("PUT" | "POST", true) => vec!["s3:PutObject"],
            ("DELETE", true) if has("uploadId") => vec!["s3:AbortMultipartUpload"],
            ("DELETE", true) if has("versionId") => vec!["s3:DeleteObjectVersion"],
            ("DELETE", true) => vec!["s3:DeleteObject"],
            _ => vec!["s3:Unknown"],
        };
        if headers.contains_key("x-amz-object-lock-mode") {
            actions.push("s3:PutObjectRetention");
            let until = headers.get("x-amz-object-lock-retain-until-date").and_then(|date| date.to_str().ok()?.parse().ok());
            let until: jiff::Timestamp = until.unwrap_or(jiff::Timestamp::MAX);
            let days = (until.as_second() - jiff::Timestamp::now().as_second()).div_euclid(86_400);
            context.insert("s3:object-lock-remaining-retention-days", days.to_string());
        }
        if actions[0] == "s3:PutObject" {
            let part = has("partNumber") || has("uploads");
            context.insert("s3:ObjectCreationOperation", (!part).to_string());
            if let Some(condition) = headers.get("if-none-match") {
                context.insert("s3:if-none-match", condition.to_str().unwrap().to_owned());
            }
        }
        context.extend(query.get("prefix").map(|prefix| ("s3:prefix", prefix.clone())));
        let key = query.get("X-Amz-Credential").and_then(|who| who.split('/').next()).unwrap_or_default().to_owned();
        let path = path.trim_end_matches('/');
        Self { key, actions, resource: format!("arn:aws:s3:::{path}"), context }
    }
}

/// Whether a policy allows something: a statement says so, and none forbids it.
pub fn allows(policy: &Value, who: &str, action: &str, resource: &str, context: &BTreeMap<&str, String>) -> bool {
    assert_eq!(policy["Version"], "2012-10-17");
    let fits = |statement: &&Value| {
        some(&statement["Principal"]["AWS"], |one| one == who || one == "*")
            && some(&statement["Action"], |one| wild(one, action))
            && some(&statement["Resource"], |one| wild(one, resource))
            && conditions(&statement["Condition"], context)
    };
    let effects: Vec<_> =
        policy["Statement"].as_array().unwrap().iter().filter(fits).map(|s| s["Effect"].as_str().unwrap()).collect();
    effects.contains(&"Allow") && !effects.contains(&"Deny")
}

/// Whether a value, or one of several, is as asked.
fn some(value: &Value, is: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| is(value.as_str().unwrap())),
        value => is(value.as_str().unwrap()),
    }
}

fn conditions(all: &Value, context: &BTreeMap<&str, String>) -> bool {
    let Value::Object(all) = all else { return true };
    all.iter().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, wanted)| {
            let found = context.get(key.as_str());
            match operator.as_str() {
                "Null" => some(wanted, |wanted| (wanted == "true") == found.is_none()),
                "StringLike" => found.is_some_and(|found| some(wanted, |wanted| wild(wanted, found))),
                "Bool" => found.is_some_and(|found| some(wanted, |wanted| wanted == found)),
                "NumericLessThanEqualsIfExists" => found
                    .is_none_or(|found| some(wanted, |wanted| found.parse::<i64>().unwrap() <= wanted.parse::<i64>().unwrap())),
                other => panic!("an operator that these tests do not know: {other}"),
            }
        })
    })
}

/// `*` stands for any text, `?` for one character.
pub fn wild(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}
