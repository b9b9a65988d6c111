//! The one network client: made only with the owner's consent, for one store, bounded in time and size.
//!
//! No redirects, no system proxy, no cookies, no compression; requests carry no version, device or system in any header.
//!
//! ```compile_fail
//! let client = printkeep::provider::http::Client::new(&endpoint, &trust);
//! ```

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use reqwest::header::{HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Method, StatusCode, Url};

use crate::consent::{Permit, Purpose};
use crate::provider::PlaceError;
use crate::provider::address::Trust;
use crate::provider::tls;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may be silent.
const IDLE: Duration = Duration::from_secs(30);

/// A client for one store.
pub struct Client {
    inner: reqwest::Client,
}

/// An answer, read whole within its limit.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the body was cut at the limit.
    pub cut: bool,
}

impl Client {
    /// A client that trusts what the store's trust says; the permit is the owner's yes to network use.
    pub fn new(permit: &Permit, endpoint: &Url, trust: &Trust) -> Result<Self, PlaceError> {
        if permit.purpose() != Purpose::Network {
            return Err(PlaceError::Refused("there is no consent to network use".into()));
        }
        let config = tls::config(endpoint, trust).map_err(PlaceError::NotTrusted)?;
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static("printkeep"));
        let built = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .default_headers(headers)
            .connect_timeout(CONNECT)
            .read_timeout(IDLE)
            .pool_max_idle_per_host(4)
            .build();
        built
            .map(|inner| Self { inner })
            .map_err(|error| PlaceError::Local(format!("no network client can be made: {}", plain(error))))
    }

    /// Sends a request and reads at most `limit` bytes of the answer. Takes at most a minute and a second for each 16 KiB.
    pub async fn send(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Option<Bytes>,
        limit: usize,
    ) -> Result<Answer, PlaceError> {
        let size = body.as_ref().map_or(0, Bytes::len) + limit;
        let whole = Duration::from_secs(60 + (size / 16_384) as u64);
        let mut request = self.inner.request(method, url).headers(headers).timeout(whole);
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.map_err(sort)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut stream = response.bytes_stream();
        let (mut body, mut cut) = (Vec::new(), false);
        while let Some(part) = stream.next().await {
            let part = part.map_err(sort)?;
            let room = limit - body.len();
            body.extend_from_slice(&part[..part.len().min(room)]);
            if part.len() > room {
                cut = true;
                break;
            }
        }
        Ok(Answer { status, headers, body, cut })
    }
}

/// What an error of the client means: who can act. The URL, which may be signed, is never told.
fn sort(error: reqwest::Error) -> PlaceError {
    if let Some(told) = tls::wrong_date(&error) {
        return told;
    }
    let text = plain(error);
    let untrusted = [
        "invalid peer certificate",
        "certificate",
        "HandshakeFailure",
        "ProtocolVersion",
        "received fatal alert",
        "peer is incompatible",
    ];
    if untrusted.iter().any(|sign| text.contains(sign)) {
        return PlaceError::NotTrusted(text);
    }
    if text.contains("invalid HTTP") || text.contains("message head") || text.contains("corrupt message") {
        return PlaceError::Nonsense(text);
    }
    PlaceError::Unreachable(text)
}

/// An error and its causes without the URL.
fn plain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        let next = inner.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = inner.source();
    }
    text
}
