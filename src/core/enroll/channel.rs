//! From a short code to a channel that nobody between can read or change: SPAKE2, proof both ways, then AES-256-GCM.
//!
//! SPAKE2 over edwards25519 (the `spake2` crate's, SHA-256) gives both sides 32 bytes that agree only where the codes do; whoever does
//! not know the code gets one guess a run and nothing to try others on afterwards. All keys are HKDF of these bytes with the
//! transcript, BLAKE3 of both first frames, as salt. Each direction has a key and counts its messages.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use spake2::{Ed25519Group, Identity, Password, Spake2};
use zeroize::Zeroizing;

use super::frame::{Frame, HELLO, PROOF};
use crate::core::keys::derive;
use crate::core::random::{self, NoRandomness, Random};
use crate::core::recipient::Drawn;
use crate::core::seal::Refused;
use crate::core::secret::{Secret, SecretText};

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: 40 bits, of which a stranger may try one.
const CODE: usize = 8;

/// A one-time code: 8 characters of Crockford's base 32.
pub struct Code(SecretText);

impl Code {
    /// A new random one.
    pub fn random(random: &dyn Random) -> Result<Self, NoRandomness> {
        let drawn: [u8; CODE] = random::bytes(random)?;
        Ok(Self(SecretText::new(drawn.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect())))
    }

    /// Reads what was typed: case, spaces and hyphens do not matter, and O, I, L are read as 0 and 1.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        });
        let code: Zeroizing<String> = Zeroizing::new(plain.take(CODE + 1).collect());
        let known = code.bytes().all(|byte| DIGITS.contains(&byte));
        (code.len() == CODE && known).then(|| Self(SecretText::new(code.to_string())))
    }

    /// As it is shown, in two groups.
    pub fn to_text(&self) -> String {
        let (first, second) = self.0.expose().split_at(CODE / 2);
        format!("{first}-{second}")
    }
}

/// Which end of a channel this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The device that lets another in.
    Host,
    /// The new device.
    Guest,
}

/// The first step: what is sent before anything is known of the other side.
pub struct Greeting {
    side: Side,
    state: Spake2<Ed25519Group>,
    hello: Vec<u8>,
}

impl Greeting {
    /// Begins a run; each needs a new one.
    pub fn start(side: Side, code: &Code, random: &dyn Random) -> Result<Self, NoRandomness> {
        let password = Password::new(code.0.expose().as_bytes());
        let (guest, host) = (Identity::new(b"printkeep/1 enroll guest"), Identity::new(b"printkeep/1 enroll host"));
        let mut drawn = Drawn::new(random)?;
        let (state, message) = match side {
            Side::Guest => Spake2::start_a_with_rng(&password, &guest, &host, &mut drawn),
            Side::Host => Spake2::start_b_with_rng(&password, &guest, &host, &mut drawn),
        };
        let message: [u8; HELLO] = message.try_into().map_err(|_| NoRandomness)?;
        if drawn.is_overdrawn() {
            return Err(NoRandomness);
        }
        Ok(Self { side, state, hello: Frame::Hello(message).encode() })
    }

    /// The frame to send.
    pub fn hello(&self) -> &[u8] {
        &self.hello
    }

    /// Takes the other side's first frame.
    pub fn agree(self, theirs: &[u8]) -> Result<Agreed, Refused> {
        let Frame::Hello(message) = Frame::decode(theirs)? else {
            return Err(Refused::Malformed("a message out of turn"));
        };
        let agreed = self.state.finish(&message).map_err(|_| Refused::Malformed("no message of a key exchange"))?;
        let agreed = Zeroizing::new(agreed);
        let (guest, host) = match self.side {
            Side::Guest => (self.hello.as_slice(), theirs),
            Side::Host => (theirs, self.hello.as_slice()),
        };
        let mut hasher = blake3::Hasher::new();
        for part in [&b"printkeep/1 enroll"[..], guest, host] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let transcript = *hasher.finalize().as_bytes();
        let key = |label: &[u8]| -> Secret<32> { derive(&agreed, &transcript, &[b"printkeep/1 enroll ", label]) };
        let (own, other): (&[u8], &[u8]) = match self.side {
            Side::Guest => (b"guest", b"host"),
            Side::Host => (b"host", b"guest"),
        };
        let direction = |who: &[u8]| Direction::new(&key(&[who, b" key"].concat()));
        Ok(Agreed {
            proof: key(&[own, b" proof"].concat()),
            expected: key(&[other, b" proof"].concat()),
            channel: Channel { out: direction(own), back: direction(other), transcript },
        })
    }
}

/// Both sides have keys; whether they are the same is still to be proved.
pub struct Agreed {
    proof: Secret<32>,
    expected: Secret<32>,
    channel: Channel,
}

impl Agreed {
    /// What proves to the other side that this one knows the code. The host sends it only once the guest's was right.
    pub fn proof(&self) -> [u8; PROOF] {
        *self.proof.expose()
    }

    /// The channel, where the other side's proof is right: it knew the code.
    pub fn confirm(self, theirs: &[u8; PROOF]) -> Option<Channel> {
        Secret::copied_from(theirs).is_some_and(|theirs| theirs == self.expected).then_some(self.channel)
    }
}

/// Messages in order, each authenticated, in both directions.
pub struct Channel {
    out: Direction,
    back: Direction,
    transcript: [u8; 32],
}

impl Channel {
    /// What both sides saw before: a signature over it holds for this run only.
    pub fn transcript(&self) -> &[u8; 32] {
        &self.transcript
    }

    /// Seals the next message.
    pub fn seal(&mut self, plain: &[u8]) -> Result<Vec<u8>, Refused> {
        let nonce = self.out.next()?;
        self.out.cipher.encrypt(&nonce, plain).map_err(|_| Refused::Malformed("a message over its size limit"))
    }

    /// Opens the next message of the other side.
    pub fn open(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let nonce = self.back.next()?;
        self.back.cipher.decrypt(&nonce, sealed).map(Zeroizing::new).map_err(|_| Refused::Changed)
    }
}

struct Direction {
    cipher: Aes256Gcm,
    number: u64,
}

impl Direction {
    fn new(key: &Secret<32>) -> Self {
        Self { cipher: Aes256Gcm::new(key.expose().into()), number: 0 }
    }

    fn next(&mut self) -> Result<Nonce<aes_gcm::aead::consts::U12>, Refused> {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.number.to_be_bytes());
        self.number = self.number.checked_add(1).ok_or(Refused::Malformed("too many messages"))?;
        Ok(nonce.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    fn run(guest: &str, host: &str) -> (Option<Channel>, Option<Channel>) {
        let start = |side, code, seed| Greeting::start(side, &Code::parse(code).unwrap(), &Counting::new(seed)).unwrap();
        let (guest, host) = (start(Side::Guest, guest, 1), start(Side::Host, host, 2));
        let (to_host, to_guest) = (guest.hello().to_vec(), host.hello().to_vec());
        let (guest, host) = (guest.agree(&to_guest).unwrap(), host.agree(&to_host).unwrap());
        let (of_guest, of_host) = (guest.proof(), host.proof());
        (guest.confirm(&of_host), host.confirm(&of_guest))
    }

    #[test]
    fn the_same_code_makes_a_channel_and_another_makes_none() {
        let (guest, host) = run("ABCD-EFGH", "abcd efgh");
        let (mut guest, mut host) = (guest.unwrap(), host.unwrap());
        assert_eq!(guest.transcript(), host.transcript());
        for text in [b"one", b"two"] {
            let sealed = guest.seal(text).unwrap();
            assert_eq!(host.open(&sealed).unwrap().as_slice(), text);
        }
        let back = host.seal(b"back").unwrap();
        assert_eq!(guest.open(&back).unwrap().as_slice(), b"back");
        let (guest, host) = run("ABCD-EFGH", "ABCD-EFGJ");
        assert!(guest.is_none() && host.is_none());
    }

    #[test]
    fn a_message_that_was_changed_repeated_or_turned_back_is_refused() {
        let channels = || {
            let (guest, host) = run("00000000", "00000000");
            (guest.unwrap(), host.unwrap())
        };
        let (mut guest, mut host) = channels();
        let sealed = guest.seal(b"message").unwrap();
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone();
            bytes[at] ^= 1;
            assert!(channels().1.open(&bytes).is_err(), "{at}");
        }
        assert!(guest.open(&sealed).is_err(), "turned back");
        assert!(host.open(&sealed).is_ok());
        assert!(host.open(&sealed).is_err(), "repeated");
    }

    #[test]
    fn a_changed_greeting_makes_no_channel() {
        let code = Code::parse("ABCDEFGH").unwrap();
        let start = |side, seed| Greeting::start(side, &code, &Counting::new(seed)).unwrap();
        let (guest, host) = (start(Side::Guest, 1), start(Side::Host, 2));
        // somebody between runs both sides with a code of his own
        let other = Greeting::start(Side::Host, &Code::parse("ABCDEFGJ").unwrap(), &Counting::new(3)).unwrap();
        let (to_host, swapped) = (guest.hello().to_vec(), other.hello().to_vec());
        let (guest, host) = (guest.agree(&swapped).unwrap(), host.agree(&to_host).unwrap());
        assert!(host.confirm(&guest.proof()).is_none());
        assert!(start(Side::Guest, 4).agree(&to_host).is_err(), "two guests");
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        assert_eq!(Code::parse("o1il-abcz").unwrap().to_text(), "0111-ABCZ");
        for bad in ["", "ABCD-EFG", "ABCD-EFGHJ", "ABCD-EFGU", "ÄBCD-EFGH"] {
            assert!(Code::parse(bad).is_none(), "{bad}");
        }
        let shown = Code::random(&Counting::new(5)).unwrap().to_text();
        assert_eq!(Code::parse(&shown).unwrap().to_text(), shown);
    }
}
