//! Passphrases: weak ones are refused with the reason, strong ones are made.

use crate::core::random::{self, NoRandomness, Random};
use crate::core::secret::SecretText;

/// The longest passphrase, in bytes.
pub const MAX_LEN: usize = 1024;

/// Why a passphrase is weak, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weak(pub String);

impl std::fmt::Display for Weak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Refuses passphrases that zxcvbn gives less than 3 of 4 points: fewer than 10^8 guesses.
pub fn check(passphrase: &SecretText) -> Result<(), Weak> {
    let text = passphrase.expose();
    if text.len() > MAX_LEN {
        return Err(Weak(format!("it is longer than {MAX_LEN} bytes")));
    }
    // zxcvbn's work grows with the square of the length, and what follows adds nothing
    let looked_at: String = text.chars().take(100).collect();
    let estimate = zxcvbn::zxcvbn(&looked_at, &["printkeep", "printer", "klipper", "octoprint", "creality"]);
    if estimate.score() >= zxcvbn::Score::Three {
        return Ok(());
    }
    let feedback = estimate.feedback();
    let warning = feedback.and_then(|f| f.warning()).map(|w| w.to_string());
    let advice = feedback.and_then(|f| f.suggestions().first()).map(|s| s.to_string());
    let reason = warning.or(advice).unwrap_or_else(|| "it can be guessed".into());
    Err(Weak(reason.trim_end_matches('.').to_lowercase()))
}

/// Six random words of BIP 39's list: 66 bits.
pub fn suggest(random: &dyn Random) -> Result<SecretText, NoRandomness> {
    let list = bip39::Language::English.word_list();
    let drawn: [u8; 12] = random::bytes(random)?;
    let words: Vec<&str> =
        drawn.chunks_exact(2).map(|pair| list[usize::from(u16::from_le_bytes([pair[0], pair[1]]) % 2048)]).collect();
    Ok(SecretText::new(words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    #[test]
    fn weak_passphrases_are_refused_and_offered_ones_are_strong() {
        for weak in ["", "password", "printkeep1", "qwertyuiop", "aaaaaaaaaaaa", "klipper2024"] {
            assert!(check(&SecretText::new(weak.into())).is_err(), "{weak}");
        }
        for n in 0..50 {
            assert_eq!(check(&suggest(&Counting::new(n)).unwrap()), Ok(()));
        }
        assert_eq!(check(&SecretText::new("correct horse battery staple lamp".into())), Ok(()));
    }
}
