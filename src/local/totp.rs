//! A second factor on this device: one-time codes (TOTP, RFC 6238: SHA-1, 6 digits, 30 s), for what cannot be undone.
//!
//! The secret lies sealed under a key of this device, beside the last step whose code was taken (none is taken twice) and the wrong
//! codes in a row. It is a factor against somebody with the passphrase who sits at the terminal, not against whoever can read the
//! device's own keys.

use std::path::{Path, PathBuf};

use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::core::codec::{Reader, Writer};
use crate::core::random::Random;
use crate::core::secret::Secret;
use crate::local::home::{DiskError, read_small};
use crate::local::wait_since::WaitSince;
use crate::local::{local_seal, shred};

/// Bytes of a secret, as RFC 4226 recommends.
pub const SECRET_LEN: usize = 20;
/// Wrong codes in a row that are free.
const FREE: u32 = 3;
/// The longest wait behind wrong codes, in seconds.
const LONGEST: i64 = 15 * 60;
const NAME: &[u8] = b"totp";

/// Why a code was not taken.
#[derive(Debug)]
pub enum TotpError {
    /// It is not the code of now.
    Wrong,
    /// It was used before; the next one comes within 30 seconds.
    Used,
    /// After several wrong ones nothing is taken for so many seconds.
    Wait(u64),
    /// The secret is damaged or gone.
    Lost(PathBuf),
    /// The disk failed.
    Disk(DiskError),
    /// There are no random bytes.
    Randomness,
}

impl std::fmt::Display for TotpError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wrong => f.write_str("this is not the code of now"),
            Self::Used => f.write_str("this code was used before; wait for the next one"),
            Self::Wait(seconds) => write!(f, "too many wrong codes; the next is taken in {seconds} s"),
            Self::Lost(path) => write!(f, "the secret of the one-time codes is damaged or gone: {}", path.display()),
            Self::Disk(error) => error.fmt(f),
            Self::Randomness => f.write_str("the system gives no random bytes"),
        }
    }
}

impl std::error::Error for TotpError {}

impl From<DiskError> for TotpError {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

/// What is kept between codes.
struct Kept {
    secret: Zeroizing<Vec<u8>>,
    last: u64,
    failures: u32,
    since: WaitSince,
}

/// One account's one-time codes on this device.
pub struct Codes<'a> {
    folder: &'a Path,
    key: Secret<32>,
}

impl<'a> Codes<'a> {
    /// Those in an account's folder, under a key of the device.
    pub fn new(folder: &'a Path, key: Secret<32>) -> Self {
        Self { folder, key }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("totp.sealed")
    }

    /// Takes a secret into use, once its first code shows that the owner's app has it.
    pub fn enable(&self, secret: &Secret<SECRET_LEN>, code: &str, now: i64, random: &dyn Random) -> Result<(), TotpError> {
        let kept = Kept { secret: Zeroizing::new(secret.expose().to_vec()), last: 0, failures: 0, since: WaitSince::default() };
        let step = totp(&kept.secret).and_then(|totp| totp.check(code, seconds(now))).ok_or(TotpError::Wrong)?;
        self.keep(&Kept { last: step, ..kept }, random)
    }

    /// Takes a code, once. Wrong ones cost time: three are free, then 30 seconds, doubled up to 15 minutes.
    pub fn check(&self, code: &str, now: i64, random: &dyn Random) -> Result<(), TotpError> {
        let mut kept = self.kept()?;
        if let Some(left) = kept.since.left(wait_after(kept.failures), now) {
            self.keep(&kept, random)?;
            return Err(TotpError::Wait(left));
        }
        let step = totp(&kept.secret).and_then(|totp| totp.check(code, seconds(now)));
        let outcome = match step {
            Some(step) if step > kept.last => {
                kept = Kept { last: step, failures: 0, ..kept };
                Ok(())
            }
            found => {
                kept = Kept { failures: kept.failures.saturating_add(1), since: WaitSince::now(now), ..kept };
                Err(if found.is_some() { TotpError::Used } else { TotpError::Wrong })
            }
        };
        // counted before it is told
        self.keep(&kept, random)?;
        outcome
    }

    /// Forgets the secret.
    pub fn disable(&self) -> Result<(), TotpError> {
        Ok(shred::file(&self.path())?)
    }

    fn kept(&self) -> Result<Kept, TotpError> {
        let lost = || TotpError::Lost(self.path());
        let sealed = read_small(&self.path(), 4096)?.ok_or_else(lost)?;
        let bytes = local_seal::open(&self.key, NAME, &sealed).ok_or_else(lost)?;
        let mut input = Reader::new(&bytes);
        let mut read = || {
            let secret = Zeroizing::new(input.take(SECRET_LEN)?.to_vec());
            let (last, failures) = (input.u64()?, input.u32()?);
            let since = WaitSince::decode(&mut input)?;
            input.finish()?;
            Ok::<_, crate::core::codec::Bad>(Kept { secret, last, failures, since })
        };
        read().map_err(|_| lost())
    }

    fn keep(&self, kept: &Kept, random: &dyn Random) -> Result<(), TotpError> {
        let mut out = Writer::new();
        out.raw(&kept.secret);
        out.u64(kept.last);
        out.u32(kept.failures);
        kept.since.encode(&mut out);
        let plain = Zeroizing::new(out.into_vec());
        let sealed = local_seal::seal(&self.key, NAME, &plain, random).map_err(|_| TotpError::Randomness)?;
        Ok(shred::replace(&self.path(), &sealed)?)
    }
}

/// So many wrong ones in a row: how long the next must wait after the last, in seconds.
fn wait_after(failures: u32) -> i64 {
    match failures.saturating_sub(FREE).min(6) {
        0 => 0,
        over => (15_i64 << over).min(LONGEST),
    }
}

fn seconds(now: i64) -> u64 {
    u64::try_from(now).unwrap_or(0)
}

fn totp(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(secret).with_account_name("printkeep").build().ok()
}

/// The address that an app scans or takes typed (Key Uri Format): it holds the secret.
pub fn address(secret: &Secret<SECRET_LEN>, account: &str) -> Option<Zeroizing<String>> {
    let built = Builder::new().with_secret(secret.expose().as_slice()).with_account_name(account).with_issuer(Some("Printkeep"));
    built.build().ok()?.to_url().ok().map(Zeroizing::new)
}

/// The address as a QR code of block characters, light on dark as most terminals are; for a terminal at least 60 columns wide.
pub fn picture(address: &str) -> Option<String> {
    use qrcode::render::unicode::Dense1x2;
    let code = qrcode::QrCode::with_error_correction_level(address.as_bytes(), qrcode::EcLevel::L).ok()?;
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Dark).light_color(Dense1x2::Light).quiet_zone(true).build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    fn code(secret: &Secret<SECRET_LEN>, now: i64) -> String {
        totp(secret.expose()).unwrap().generate(seconds(now)).to_string()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, the last six of its eight digits
        let secret = Secret::filled_by(|to| to.copy_from_slice(b"12345678901234567890"));
        for (time, digits) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(code(&secret, time), digits);
        }
        let address = address(&secret, "default").unwrap();
        assert!(address.starts_with("otpauth://totp/") && address.contains("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{}", *address);
    }

    #[test]
    fn a_code_is_taken_once_and_wrong_ones_cost_time() {
        let folder = tempfile::tempdir().unwrap();
        let (random, secret) = (Counting::new(1), Secret::filled_by(|to| to.copy_from_slice(b"abcdefghijklmnopqrst")));
        let codes = Codes::new(folder.path(), Secret::filled_by(|to| to.fill(7)));
        let now = 1_800_000_000;
        assert!(matches!(codes.enable(&secret, "000000", now, &random), Err(TotpError::Wrong)));
        assert!(matches!(codes.check(&code(&secret, now), now, &random), Err(TotpError::Lost(_))));
        codes.enable(&secret, &code(&secret, now), now, &random).unwrap();
        // the one that proved it is used up
        assert!(matches!(codes.check(&code(&secret, now), now, &random), Err(TotpError::Used)));
        let later = now + 60;
        codes.check(&code(&secret, later), later, &random).unwrap();
        assert!(matches!(codes.check(&code(&secret, later), later, &random), Err(TotpError::Used)));
        for _ in 0..3 {
            assert!(matches!(codes.check("123 456 no", later, &random), Err(TotpError::Wrong)));
        }
        let right = code(&secret, later + 29);
        assert!(matches!(codes.check(&right, later + 29, &random), Err(TotpError::Wait(1))));
        // a clock that is set back by an hour, or by years, skips no wait
        for back in [later - 3600, 0] {
            assert!(matches!(codes.check(&code(&secret, back), back, &random), Err(TotpError::Wait(30))));
            assert!(matches!(codes.check(&code(&secret, back), back + 10, &random), Err(TotpError::Wait(20))));
        }
        // nor does setting it right again shorten one
        assert!(matches!(codes.check(&right, later + 29, &random), Err(TotpError::Wait(1))));
        let free = later + 90;
        codes.check(&code(&secret, free), free, &random).unwrap();
        // nobody swaps or edits it
        let mut bytes = std::fs::read(codes.path()).unwrap();
        bytes[40] ^= 1;
        std::fs::write(codes.path(), bytes).unwrap();
        assert!(matches!(codes.check(&code(&secret, free), free, &random), Err(TotpError::Lost(_))));
        codes.disable().unwrap();
        assert!(!codes.path().exists(), "the secret stays behind");
        codes.disable().unwrap();
    }
}
