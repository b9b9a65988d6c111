//! Asking a service on this very machine, such as Moonraker: one request, bounded in time and size, never beyond loopback.
//!
//! A loopback connection is a socket like any other, so it takes the owner's yes to network use.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::consent::{Item, Permit};
use crate::provider::ProviderError;
use crate::provider::reason::Reason;

/// How long it may take to connect.
const CONNECT: Duration = Duration::from_millis(500);
/// How long the whole answer may take.
const WHOLE: Duration = Duration::from_secs(3);
/// The longest answer, in bytes.
pub const MAX_ANSWER: usize = 256 * 1024;

/// The body of a good answer to `GET path`.
pub fn get(permit: &Permit, port: u16, path: &str) -> Result<Vec<u8>, ProviderError> {
    if permit.item() != Item::Network {
        return Err(ProviderError::Refused(Reason::NoConsent {}));
    }
    let (leash, until) = (permit.leash(), Instant::now() + WHOLE);
    if leash.is_pulled() {
        return Err(ProviderError::Withdrawn);
    }
    let lost = |error: std::io::Error| ProviderError::Unreachable(Reason::of_system(&error));
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), CONNECT).map_err(lost)?;
    stream.set_write_timeout(Some(CONNECT)).map_err(lost)?;
    // HTTP/1.0: the answer comes in one piece, and ends with the connection
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(lost)?;
    let (mut answer, mut block) = (Vec::new(), [0; 4096]);
    loop {
        if leash.is_pulled() {
            return Err(ProviderError::Withdrawn);
        }
        let left = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(200));
        if left.is_zero() {
            return Err(ProviderError::Unreachable(Reason::Silent {}));
        }
        stream.set_read_timeout(Some(left)).map_err(lost)?;
        match stream.read(&mut block) {
            Ok(0) => break,
            Ok(read) if answer.len() + read > MAX_ANSWER => return Err(ProviderError::Nonsense(Reason::LongAnswer {})),
            Ok(read) => answer.extend_from_slice(&block[..read]),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(lost(error)),
        }
        if is_whole(&answer) {
            break;
        }
    }
    body(&answer).map(<[u8]>::to_vec).ok_or_else(|| ProviderError::Nonsense(Reason::BadAnswer { protocol: "HTTP".into() }))
}

/// Head and body of an answer.
fn parts(answer: &[u8]) -> Option<(&str, &[u8])> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((std::str::from_utf8(&answer[..end]).ok()?, &answer[end + 4..]))
}

fn length(head: &str) -> Option<usize> {
    let line = head.lines().find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")));
    line?.1.trim().parse().ok()
}

fn is_whole(answer: &[u8]) -> bool {
    parts(answer).is_some_and(|(head, body)| length(head).is_some_and(|length| body.len() >= length))
}

/// The body of an answer with status 200 that came whole and in one piece; else none.
pub fn body(answer: &[u8]) -> Option<&[u8]> {
    let (head, body) = parts(answer)?;
    let mut first = head.lines().next()?.split(' ');
    let good = first.next()?.starts_with("HTTP/1.") && first.next()? == "200";
    let in_pieces = head.lines().any(|line| line.to_ascii_lowercase().starts_with("transfer-encoding"));
    if !good || in_pieces {
        return None;
    }
    match length(head) {
        Some(length) => body.get(..length),
        None => Some(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_a_good_whole_answer_has_a_body() {
        assert_eq!(body(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}x"), Some(b"{}".as_slice()));
        assert_eq!(body(b"HTTP/1.0 200 OK\r\n\r\n{}"), Some(b"{}".as_slice()));
        for bad in [
            &b""[..],
            b"HTTP/1.1 401 Unauthorized\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            b"SSH-2.0-OpenSSH\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n",
        ] {
            assert_eq!(body(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_an_answer_panic(rest: Vec<u8>) {
            let _ = body(&rest);
            let _ = body(&[b"HTTP/1.1 200 OK\r\ncontent-length: ", rest.as_slice()].concat());
        }
    }
}
