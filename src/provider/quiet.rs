//! A server that asks to be left alone for a while (`Retry-After`, RFC 9110 §10.2.3): nothing more is asked of it until then.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::provider::ProviderError;
use crate::provider::reason::Reason;

/// So long is waited at a time; a server that asks for more is told to the owner as one that is away.
pub const MOST: Duration = Duration::from_secs(60);

/// Until when a server is left alone, for all requests to it.
#[derive(Default)]
pub struct Quiet(Mutex<Option<Instant>>);

impl Quiet {
    /// Takes up what a server asks for; `now` is what the clock says, in seconds since 1970. What makes no sense is passed over.
    pub fn hear(&self, retry_after: &str, now: i64) {
        // longer than a day is for ever, for a run
        let Some(wait) = asked(retry_after, now).map(|wait| wait.min(Duration::from_secs(24 * 3600))) else { return };
        let until = Instant::now() + wait;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(known.map_or(until, |known| known.max(until)));
    }

    /// Waits until the server may be asked again.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`] where that is longer than [`MOST`].
    pub async fn pass(&self) -> Result<(), ProviderError> {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = known else { return Ok(()) };
        let left = until.saturating_duration_since(Instant::now());
        if left > MOST {
            return Err(ProviderError::Unreachable(Reason::LeftAlone { seconds: left.as_secs().to_string() }));
        }
        sleep_until(until).await;
        Ok(())
    }
}

/// How long a server asks to be left alone: seconds, or an HTTP date.
fn asked(retry_after: &str, now: i64) -> Option<Duration> {
    let text = retry_after.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second();
    Some(Duration::from_secs(u64::try_from(until.saturating_sub(now)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read_and_nonsense_is_none() {
        let now = 784_111_777;
        for (text, wait) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(asked(text, now), wait.map(Duration::from_secs), "{text:?}");
        }
    }

    #[test]
    fn what_is_short_is_waited_for_and_what_is_long_is_told() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (quiet, begun) = (Quiet::default(), Instant::now());
            quiet.pass().await.unwrap();
            assert_eq!(begun.elapsed(), Duration::ZERO);
            quiet.hear("30", 0);
            quiet.hear("5", 0);
            quiet.pass().await.unwrap();
            // the clock of timers goes by milliseconds
            assert!((30..31).contains(&begun.elapsed().as_secs()), "the longer one holds: {:?}", begun.elapsed());
            quiet.hear("61", 0);
            let told = quiet.pass().await.unwrap_err();
            assert!(told.is_transient() && told.to_string().contains("61 s"), "{told}");
            quiet.hear("18446744073709551615", 0);
            assert!(quiet.pass().await.is_err());
        });
    }
}
