//! Passphrases: weak ones are refused with the reason, strong ones are made.

use zxcvbn::feedback::{Suggestion, Warning};

use crate::core::random::{self, NoRandomness, Random};
use crate::core::secret::SecretText;

/// The longest passphrase, in bytes.
pub const MAX_LEN: usize = 1024;

/// Whatever is shorter than so many characters is weak, whichever they are.
const MIN_CHARS: usize = 8;

/// Why a passphrase is weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// It is longer than [`MAX_LEN`].
    TooLong,
    /// It has fewer than 8 characters.
    TooShort,
    /// It stands on lists of common passwords, or is like one that does.
    Common,
    /// It is one word.
    OneWord,
    /// It is made of names.
    Names,
    /// Its keys lie side by side.
    Keys,
    /// It says the same again and again.
    Repeats,
    /// It counts or spells on: abc, 6543.
    Sequence,
    /// It is a date or a year.
    Dates,
    /// Capitals, numbers for letters or words read backwards are all that make it other than a common one.
    Disguised,
    /// It is too short for anything else to matter.
    TooLittle,
}

/// Refuses passphrases that zxcvbn gives less than 3 of 4 points: fewer than 10^8 guesses.
pub fn check(passphrase: &SecretText) -> Result<(), Weak> {
    let text = passphrase.expose();
    if text.len() > MAX_LEN {
        return Err(Weak::TooLong);
    }
    // zxcvbn's work grows with the square of the length, and what follows adds nothing
    let looked_at: String = text.chars().take(100).collect();
    let estimate = zxcvbn::zxcvbn(&looked_at, &["printkeep", "printer", "klipper", "octoprint", "creality"]);
    let is_short = text.chars().count() < MIN_CHARS;
    if estimate.score() >= zxcvbn::Score::Three && !is_short {
        return Ok(());
    }
    let feedback = estimate.feedback();
    let warned = feedback.and_then(|feedback| feedback.warning()).map(of_warning);
    let short = is_short.then_some(Weak::TooShort);
    let advised = || feedback.and_then(|feedback| feedback.suggestions().first()).map(|advice| of_advice(*advice));
    Err(warned.or(short).or_else(advised).unwrap_or(Weak::TooLittle))
}

fn of_warning(warning: Warning) -> Weak {
    use Warning as W;
    match warning {
        W::StraightRowsOfKeysAreEasyToGuess | W::ShortKeyboardPatternsAreEasyToGuess => Weak::Keys,
        W::RepeatsLikeAaaAreEasyToGuess | W::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Weak::Repeats,
        W::ThisIsATop10Password
        | W::ThisIsATop100Password
        | W::ThisIsACommonPassword
        | W::ThisIsSimilarToACommonlyUsedPassword => Weak::Common,
        W::SequencesLikeAbcAreEasyToGuess => Weak::Sequence,
        W::RecentYearsAreEasyToGuess | W::DatesAreOftenEasyToGuess => Weak::Dates,
        W::AWordByItselfIsEasyToGuess => Weak::OneWord,
        W::NamesAndSurnamesByThemselvesAreEasyToGuess | W::CommonNamesAndSurnamesAreEasyToGuess => Weak::Names,
    }
}

fn of_advice(advice: Suggestion) -> Weak {
    use Suggestion as S;
    match advice {
        S::UseAFewWordsAvoidCommonPhrases | S::NoNeedForSymbolsDigitsOrUppercaseLetters | S::AddAnotherWordOrTwo => {
            Weak::TooLittle
        }
        S::CapitalizationDoesntHelpVeryMuch
        | S::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase
        | S::ReversedWordsArentMuchHarderToGuess
        | S::PredictableSubstitutionsDontHelpVeryMuch => Weak::Disguised,
        S::UseALongerKeyboardPatternWithMoreTurns => Weak::Keys,
        S::AvoidRepeatedWordsAndCharacters => Weak::Repeats,
        S::AvoidSequences => Weak::Sequence,
        S::AvoidRecentYears | S::AvoidYearsThatAreAssociatedWithYou | S::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            Weak::Dates
        }
    }
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
        for weak in ["password", "printkeep1", "qwertyuiop", "aaaaaaaaaaaa", "klipper2024"] {
            assert!(check(&SecretText::new(weak.into())).is_err(), "{weak}");
        }
        assert_eq!(check(&SecretText::new("qwertyuiop".into())), Err(Weak::Common));
        assert_eq!(check(&SecretText::new("aaaaaaaaaaaa".into())), Err(Weak::Repeats));
        for short in ["", "q", "x9!Kz#7"] {
            assert_eq!(check(&SecretText::new(short.into())), Err(Weak::TooShort), "{short}");
        }
        for n in 0..50 {
            assert_eq!(check(&suggest(&Counting::new(n)).unwrap()), Ok(()));
        }
        assert_eq!(check(&SecretText::new("correct horse battery staple lamp".into())), Ok(()));
    }
}
