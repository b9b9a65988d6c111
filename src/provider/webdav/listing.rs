//! What a PROPFIND answers (RFC 4918), taken in as it comes: one response at a time, each bounded; no entities but the five of
//! XML, no document types, no nesting that costs memory.

use crate::provider::ProviderError;
use crate::provider::address::servers::decoded;
use crate::provider::reason::Reason;

/// The longest tag, in bytes.
const MAX_TAG: usize = 4096;
/// The longest text between tags, in bytes.
const MAX_TEXT: usize = 8 * 1024;

/// What a server tells of one name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// Its path, percent signs undone.
    pub path: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Whether it is a folder.
    pub folder: bool,
}

/// Reads responses out of bytes as they come.
#[derive(Default)]
pub struct Responses {
    state: State,
    tag: Vec<u8>,
    quote: Option<u8>,
    text: Vec<u8>,
    current: Option<Response>,
    done: bool,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Tag,
    Comment,
    Data,
}

fn no_listing() -> Reason {
    Reason::BadAnswer { protocol: "WebDAV".into() }
}

fn nonsense<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Nonsense(no_listing()))
}

impl Responses {
    /// Takes bytes in; `found` is called for each response that is whole.
    pub fn push(&mut self, bytes: &[u8], found: &mut dyn FnMut(Response)) -> Result<(), ProviderError> {
        for &byte in bytes {
            match self.state {
                State::Text if byte == b'<' => {
                    self.state = State::Tag;
                    self.tag.clear();
                }
                State::Text => self.add_text(byte)?,
                State::Tag => self.in_tag(byte, found)?,
                State::Comment | State::Data => self.in_block(byte)?,
            }
        }
        Ok(())
    }

    /// Whether the answer came whole.
    pub fn finish(&self) -> Result<(), ProviderError> {
        if self.done { Ok(()) } else { Err(ProviderError::Unreachable(Reason::CutShort {})) }
    }

    fn add_text(&mut self, byte: u8) -> Result<(), ProviderError> {
        if self.text.len() == MAX_TEXT {
            return nonsense();
        }
        self.text.push(byte);
        Ok(())
    }

    fn in_tag(&mut self, byte: u8, found: &mut dyn FnMut(Response)) -> Result<(), ProviderError> {
        match (self.quote, byte) {
            (Some(quote), _) if byte == quote => self.quote = None,
            (None, b'"' | b'\'') => self.quote = Some(byte),
            (None, b'>') => {
                self.state = State::Text;
                let tag = std::mem::take(&mut self.tag);
                let done = self.close_tag(&tag, found);
                self.tag = tag;
                return done;
            }
            _ => {}
        }
        if self.tag.len() == MAX_TAG {
            return nonsense();
        }
        self.tag.push(byte);
        match self.tag.as_slice() {
            b"!--" => self.begin_block(State::Comment),
            b"![CDATA[" => self.begin_block(State::Data),
            b"!D" | b"!E" => return nonsense(),
            _ => {}
        }
        Ok(())
    }

    fn begin_block(&mut self, state: State) {
        self.state = state;
        self.tag.clear();
    }

    /// Within a comment or plain data; the last bytes are kept in `tag` to see its end.
    fn in_block(&mut self, byte: u8) -> Result<(), ProviderError> {
        let end: &[u8] = if self.state == State::Comment { b"-->" } else { b"]]>" };
        self.tag.push(byte);
        if self.tag == end {
            self.state = State::Text;
            self.tag.clear();
        } else if self.tag.len() == end.len() {
            let first = self.tag.remove(0);
            if self.state == State::Data {
                self.add_text(first)?;
            }
        }
        Ok(())
    }

    fn close_tag(&mut self, tag: &[u8], found: &mut dyn FnMut(Response)) -> Result<(), ProviderError> {
        let closing = tag.first() == Some(&b'/');
        let name = tag.strip_prefix(b"/").unwrap_or(tag);
        let end = name.iter().position(|b| b.is_ascii_whitespace() || *b == b'/').unwrap_or(name.len());
        let local = name[..end].rsplit(|b| *b == b':').next().unwrap_or_default();
        match (local, closing, &mut self.current) {
            (b"response", false, None) => self.current = Some(Response::default()),
            (b"response", true, Some(_)) => found(self.current.take().unwrap_or_default()),
            (b"multistatus", true, None) => self.done = true,
            (b"multistatus", false, None) if tag.ends_with(b"/") => self.done = true,
            (b"collection", false, Some(response)) => response.folder = true,
            (b"getcontentlength", true, Some(response)) => {
                response.size = std::str::from_utf8(&self.text).ok().and_then(|text| text.trim().parse().ok());
            }
            (b"href", true, Some(response)) if response.path.is_empty() => {
                let text = unescaped(&self.text).and_then(|text| decoded(text.trim()));
                response.path = text.ok_or_else(|| ProviderError::Nonsense(no_listing()))?;
            }
            (b"response", ..) => return nonsense(),
            _ => {}
        }
        self.text.clear();
        Ok(())
    }
}

/// Text with XML's own entities undone; none when there are others.
fn unescaped(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('&');
    out.push_str(parts.next()?);
    for part in parts {
        let (entity, rest) = part.split_once(';')?;
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => match (entity.strip_prefix("#x"), entity.strip_prefix('#')) {
                (Some(digits), _) => char::from_u32(u32::from_str_radix(digits, 16).ok()?)?,
                (_, Some(digits)) => char::from_u32(digits.parse().ok()?)?,
                _ => return None,
            },
        });
        out.push_str(rest);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const APACHE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
<!-- <D:response> > -->
<D:response xmlns:lp1="DAV:" note="a > b">
<D:href>/dav/a%20b/</D:href>
<D:propstat><D:prop><lp1:resourcetype><D:collection/></lp1:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><g0:getcontentlength/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>
</D:response>
<D:response><D:href>/dav/a%20b/x&amp;&#x79;</D:href><D:propstat><D:prop><lp1:resourcetype/>
<lp1:getcontentlength>12345</lp1:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
<d:response><d:href><![CDATA[/dav/z]]></d:href></d:response>
</D:multistatus>"#;

    fn read(text: &[u8], step: usize) -> Result<Vec<Response>, ProviderError> {
        let (mut responses, mut found) = (Responses::default(), Vec::new());
        for part in text.chunks(step) {
            responses.push(part, &mut |response| found.push(response))?;
        }
        responses.finish().map(|()| found)
    }

    #[test]
    fn responses_are_read_however_they_come() {
        let folder = Response { path: "/dav/a b/".into(), size: None, folder: true };
        let file = Response { path: "/dav/a b/x&y".into(), size: Some(12345), folder: false };
        let bare = Response { path: "/dav/z".into(), size: None, folder: false };
        for step in [1, 2, 7, 10_000] {
            assert_eq!(read(APACHE.as_bytes(), step).unwrap(), [folder.clone(), file.clone(), bare.clone()]);
        }
    }

    #[test]
    fn what_is_cut_short_or_grows_without_end_is_told() {
        for end in 0..APACHE.len() - 1 {
            assert!(read(&APACHE.as_bytes()[..end], 64).is_err(), "{end}");
        }
        let long = format!("<multistatus><response><href>{}", "x".repeat(100_000));
        let tag = format!("<multistatus {}", "x".repeat(100_000));
        let nested = "<response>".repeat(10);
        let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><multistatus/>";
        let entity = "<multistatus><response><href>/&evil;</href></response></multistatus>";
        for bad in [long.as_str(), &tag, &nested, bomb, entity] {
            assert!(matches!(read(bad.as_bytes(), 1000), Err(ProviderError::Nonsense(_))), "{}", &bad[..40]);
        }
    }
}
