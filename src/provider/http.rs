//! The one network client: made only with the owner's consent, for one store, bounded in time and size.
//!
//! No redirects, no system proxy, no cookies, no compression; requests carry no version, device or system in any header.
//!
//! ```compile_fail
//! let client = printkeep::provider::http::Client::new(&endpoint, &trust);
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};
use reqwest::{Method, StatusCode, Url};

use crate::consent::{Item, Permit};
use crate::provider::address::Trust;
use crate::provider::limit::Gate;
use crate::provider::patience::{Arrival, IDLE, MOST_AT_ONCE, SLOWEST};
use crate::provider::quiet::Quiet;
use crate::provider::reason::Reason;
use crate::provider::{ProviderError, tls};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How much of a body goes at once where there is a limit, in bytes.
const BLOCK: usize = 8 * 1024;

/// How much is read of an answer that refuses, in bytes.
const MAX_REFUSAL: usize = 16 * 1024;

/// A client for one store.
pub struct Client {
    inner: reqwest::Client,
    gate: Option<Arc<Gate>>,
    quiet: Quiet,
}

/// What is asked of a server.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The URL, signed where the place signs URLs.
    pub url: Url,
    /// The headers, beside those that every request bears.
    pub headers: HeaderMap,
    /// The body, if any.
    pub body: Option<Bytes>,
    /// The most that is read of the answer, in bytes.
    pub limit: usize,
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
    pub fn new(permit: &Permit, endpoint: &Url, trust: &Trust) -> Result<Self, ProviderError> {
        if permit.item() != Item::Network {
            return Err(ProviderError::Refused(Reason::NoConsent {}));
        }
        // to this machine itself nothing is encrypted, and nobody's word is needed
        let config = if endpoint.scheme() == "http" { tls::nobody() } else { tls::config(endpoint, trust) };
        let config = config.map_err(ProviderError::NotTrusted)?;
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
            // a link that is dead while a body is sent is noticed by what nobody acknowledges
            .tcp_user_timeout(IDLE)
            .pool_max_idle_per_host(4)
            .build();
        built
            .map(|inner| Self { inner, gate: None, quiet: Quiet::default() })
            .map_err(|error| ProviderError::Local(Reason::NoClient { said: plain(error) }))
    }

    /// The same, within a limit on what it sends and receives.
    pub fn within(mut self, gate: Option<Arc<Gate>>) -> Self {
        self.gate = gate;
        self
    }

    /// What its bytes go through, where there is a limit.
    pub fn gate(&self) -> Option<Arc<Gate>> {
        self.gate.clone()
    }

    /// Sends a request and reads at most so many bytes of the answer as its limit says. Each step is bounded in time.
    pub async fn send(&self, request: Request) -> Result<Answer, ProviderError> {
        let limit = request.limit;
        let response = self.begin(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        // what refuses says why, however little was asked for
        let limit = if status.is_success() { limit } else { limit.max(MAX_REFUSAL) };
        let (mut stream, mut arrival) = (response.bytes_stream(), Arrival::default());
        let (mut body, mut cut) = (Vec::new(), false);
        while let Some(part) = self.part_of(&mut stream, &mut arrival).await? {
            let room = limit - body.len();
            body.extend_from_slice(&part[..part.len().min(room)]);
            if part.len() > room {
                cut = true;
                break;
            }
        }
        Ok(Answer { status, headers, body, cut })
    }

    /// The same for an answer that is taken in as it comes, where it has the status `wanted`: memory stays flat, however long it
    /// is. Other answers are read like any.
    pub async fn stream(
        &self,
        request: Request,
        wanted: StatusCode,
        take: &mut (dyn FnMut(&[u8]) -> Result<(), ProviderError> + Send),
    ) -> Result<Answer, ProviderError> {
        let limit = request.limit;
        let response = self.begin(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let (mut stream, mut arrival) = (response.bytes_stream(), Arrival::default());
        let (mut body, mut read) = (Vec::new(), 0);
        while let Some(part) = self.part_of(&mut stream, &mut arrival).await? {
            read += part.len();
            if read > limit {
                return Err(ProviderError::Nonsense(Reason::LongAnswer {}));
            }
            if status == wanted {
                take(&part)?;
            } else {
                let room = MAX_REFUSAL - body.len().min(MAX_REFUSAL);
                body.extend_from_slice(&part[..part.len().min(room)]);
            }
        }
        Ok(Answer { status, headers, body, cut: false })
    }

    async fn begin(&self, request: Request) -> Result<reqwest::Response, ProviderError> {
        let Request { method, url, headers, body, limit } = request;
        self.quiet.pass().await?;
        let sent = body.as_ref().map_or(0, Bytes::len);
        let whole = self.patience(sent) + self.patience(limit);
        let mut request = self.inner.request(method, url).headers(headers).timeout(whole);
        request = match (body, &self.gate) {
            (None, _) => request,
            (Some(body), None) => request.body(body),
            // a body that comes in parts has no length of its own
            (Some(body), Some(gate)) => {
                request.header(CONTENT_LENGTH, sent).body(reqwest::Body::wrap_stream(slowly(gate.clone(), body)))
            }
        };
        let response = tokio::time::timeout(self.patience(sent), request.send()).await;
        response.map_err(|_| ProviderError::Unreachable(Reason::Silent {}))?.map_err(sort).inspect(|response| self.hear(response))
    }

    /// A server that is busy may say when to come again.
    fn hear(&self, response: &reqwest::Response) {
        let is_busy = matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let said = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        if let Some(said) = said.filter(|_| is_busy) {
            self.quiet.hear(said, jiff::Timestamp::now().as_second());
        }
    }

    /// How long so many bytes may take on the slowest link, within the limit; a server that only thinks has 30 seconds.
    fn patience(&self, bytes: usize) -> Duration {
        let limited = self.gate.as_ref().map_or(Duration::ZERO, |gate| gate.time_of(bytes));
        IDLE + Duration::from_secs((bytes / SLOWEST) as u64) + limited * MOST_AT_ONCE
    }

    /// The next part of an answer.
    async fn part_of(
        &self,
        stream: &mut (impl Stream<Item = reqwest::Result<Bytes>> + Unpin),
        arrival: &mut Arrival,
    ) -> Result<Option<Bytes>, ProviderError> {
        let part = arrival.within(stream.next()).await?;
        let Some(part) = part.transpose().map_err(sort)? else { return Ok(None) };
        arrival.read += part.len();
        if let Some(gate) = &self.gate {
            gate.turn(part.len()).await;
        }
        Ok(Some(part))
    }
}

/// A body in small parts, each in its turn.
fn slowly(gate: Arc<Gate>, body: Bytes) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    stream::unfold((gate, body), |(gate, mut rest)| async move {
        if rest.is_empty() {
            return None;
        }
        let part = rest.split_to(rest.len().min(BLOCK));
        gate.turn(part.len()).await;
        Some((Ok(part), (gate, rest)))
    })
}

impl Answer {
    /// The body, when it came whole.
    pub fn whole(self) -> Result<Vec<u8>, ProviderError> {
        if self.cut {
            return Err(ProviderError::Nonsense(Reason::LongAnswer {}));
        }
        match self.length() {
            Some(size) if size != self.body.len() as u64 => Err(ProviderError::Unreachable(Reason::CutShort {})),
            _ => Ok(self.body),
        }
    }

    /// What `Content-Length` says.
    pub fn length(&self) -> Option<u64> {
        self.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }
}

/// What an error of the client means: who can act. The URL, which may be signed, is never told.
fn sort(error: reqwest::Error) -> ProviderError {
    if let Some(told) = tls::wrong_date(&error) {
        return told;
    }
    if let Some(told) = tls::not_trusted(&error).or_else(|| of_connection(&error)) {
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
        return ProviderError::NotTrusted(text.into());
    }
    if text.contains("invalid HTTP") || text.contains("message head") || text.contains("corrupt message") {
        return ProviderError::Nonsense(text.into());
    }
    ProviderError::Unreachable(text.into())
}

/// What the system says of a connection that did not come about or broke.
fn of_connection(error: &reqwest::Error) -> Option<ProviderError> {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(system) = inner.downcast_ref::<std::io::Error>()
            && let known = Reason::of_system(system)
            && known.id().is_some()
        {
            return Some(ProviderError::Unreachable(known));
        }
        // the client's own word for a name that leads nowhere has no type
        if inner.to_string().starts_with("dns error") {
            let host = error.url().and_then(|url| url.host_str()).unwrap_or_default().to_owned();
            return Some(ProviderError::Unreachable(Reason::NoSuchHost { host }));
        }
        cause = inner.source();
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentContext, Decision, Language, Ledger, Policy, Surface};
    use crate::provider::limit::Rate;

    fn client(limit: Option<&str>) -> Client {
        let mut ledger = Ledger::under(Some(Policy::built_in().into()));
        let asked = ConsentContext { language: Language::English, surface: Surface::CommandLine, time: 0 };
        ledger.push(ledger.decide(Item::Network, Decision::Granted, asked, [0; 16]).unwrap()).unwrap();
        let trust = Trust::new(None, &[], true, false).unwrap();
        let client = Client::new(&ledger.permit(Item::Network).unwrap(), &Url::parse("https://x").unwrap(), &trust).unwrap();
        client.within(Gate::of(limit.and_then(Rate::parse)))
    }

    /// A pack of 4 MiB over 64 kbit/s, or within a limit of 10 KB/s beside seven others, is not given up.
    #[test]
    fn slow_links_are_waited_for_and_silence_is_not() {
        assert_eq!(client(None).patience(0), IDLE);
        assert!(client(None).patience(4 << 20).as_secs() >= (4 << 20) / 8192);
        assert!(client(Some("10 KB/s")).patience(4 << 20).as_secs() >= 8 * (4 << 20) / 10_000);
    }

    /// What becomes of an answer of so many bytes that comes in parts of `part` bytes, one every `pause`; and how long it was waited for.
    fn arrives(size: usize, part: usize, pause: Duration) -> (Result<usize, ProviderError>, Duration) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let parts = stream::unfold(size, |left| async move {
                tokio::time::sleep(pause).await;
                (left > 0).then(|| (Ok(Bytes::from(vec![7; part.min(left)])), left - part.min(left)))
            });
            let (client, mut parts, mut arrival) = (client(None), std::pin::pin!(parts), Arrival::default());
            let begun = tokio::time::Instant::now();
            let done = loop {
                match client.part_of(&mut parts, &mut arrival).await {
                    Ok(Some(_)) => {}
                    Ok(None) => break Ok(arrival.read),
                    Err(error) => break Err(error),
                }
            };
            (done, begun.elapsed())
        })
    }

    #[test]
    fn an_answer_that_trickles_is_given_up_and_a_slow_link_is_not() {
        let (done, waited) = arrives(32 << 20, 1, Duration::from_secs(5));
        let error = done.unwrap_err();
        assert!(error.is_transient() && error == ProviderError::Unreachable(Reason::TooSlow {}), "{error}");
        assert!(waited <= 2 * IDLE, "{waited:?}");
        // an eighth of 64 kbit/s, for all of an object
        assert_eq!(arrives(4 << 20, 2048, Duration::from_millis(1900)).0, Ok(4 << 20));
        assert_eq!(arrives(10, 10, 2 * IDLE).0, Err(ProviderError::Unreachable(Reason::FellSilent {})));
    }

    #[test]
    fn a_body_goes_in_parts_at_the_rate() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let begin = tokio::time::Instant::now();
            let gate = Gate::of(Rate::parse("10 KB/s")).unwrap();
            let body = Bytes::from(vec![7; 100_000]);
            let mut parts = std::pin::pin!(slowly(gate, body));
            let (mut sent, mut largest) = (0, 0);
            while let Some(part) = parts.next().await {
                let part = part.unwrap().len();
                (sent, largest) = (sent + part, largest.max(part));
                let most = begin.elapsed().as_secs_f64() * 10_000.0 + BLOCK as f64 + 1.0;
                assert!(sent as f64 <= most, "{sent} {most}");
            }
            assert_eq!((sent, largest), (100_000, BLOCK));
            assert!((9.0..11.0).contains(&begin.elapsed().as_secs_f64()));
        });
    }
}
