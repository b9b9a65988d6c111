//! The recovery kit: 24 words (BIP 39, English) that open the account on any machine, on a page to print.

use bip39::Mnemonic;

use crate::core::name::AccountId;
use crate::core::secret::Secret;

/// Where the account lies, for whoever restores it on a new machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The address, without credentials.
    pub address: String,
    /// The options that say whom to trust there, as they are typed.
    pub trust: String,
    /// Whether it needs credentials, too.
    pub credentials: bool,
}

/// What a recovery kit holds.
pub struct Kit {
    /// Whose kit it is.
    pub account: AccountId,
    /// What its words encode.
    pub entropy: Secret<32>,
}

impl Kit {
    /// The page to keep. `places` tells where the sealed objects lie, without credentials.
    pub fn page(&self, date: &str, fingerprint: &str, places: &[Place]) -> Option<zeroize::Zeroizing<String>> {
        let words = Mnemonic::from_entropy(self.entropy.expose()).ok()?;
        let mut page = zeroize::Zeroizing::new(String::with_capacity(4096));
        page.push_str("PRINTKEEP RECOVERY KIT\n======================\n\n");
        page.push_str("Whoever holds this page and reaches your backup can read it. Print it or copy it to a stick,\n");
        page.push_str("keep it where you keep your passport, and delete the file from the machine that made it.\n\n");
        for (label, value) in [("Account:", self.account.to_string().as_str()), ("Fingerprint:", fingerprint), ("Made on:", date)]
        {
            page.push_str(&format!("{label:<13}{value}\n"));
        }
        places.iter().for_each(|place| page.push_str(&format!("{:<13}{}\n", "Backup in:", place.address)));
        page.push_str("\nRecovery words:\n\n");
        for (number, word) in words.words().enumerate() {
            page.push_str(&format!("  {:>2}. {word:<10}", number + 1));
            if number % 4 == 3 {
                page.push('\n');
            }
        }
        page.push_str("\nTo restore on a new machine:\n\n");
        page.push_str(&instructions(places));
        Some(page)
    }

    /// The same page as HTML to print, with a QR code beside the words for whoever types badly. The code holds what `parse` reads.
    pub fn sheet(&self, date: &str, fingerprint: &str, places: &[Place]) -> Option<zeroize::Zeroizing<String>> {
        let page = self.page(date, fingerprint, places)?;
        let words = Mnemonic::from_entropy(self.entropy.expose()).ok()?;
        let mut said = zeroize::Zeroizing::new(format!("Account: {}\n", self.account));
        words.words().enumerate().for_each(|(number, word)| said.push_str(&format!("{}. {word} ", number + 1)));
        let code = qrcode::QrCode::new(said.trim_end().as_bytes()).ok()?;
        let drawn = zeroize::Zeroizing::new(code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(300, 300).build());
        let drawn = drawn.split_once("<svg").map_or("", |(_, rest)| rest);
        let mut sheet = zeroize::Zeroizing::new(String::with_capacity(page.len() + drawn.len() + 1024));
        sheet
            .push_str("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Printkeep recovery kit</title>\n");
        sheet.push_str(
            "<style>body{margin:2cm}pre{font:11pt/1.4 monospace}svg{width:7cm;height:7cm}</style></head><body>\n<pre>\n",
        );
        page.chars().for_each(|c| match c {
            '&' => sheet.push_str("&amp;"),
            '<' => sheet.push_str("&lt;"),
            c => sheet.push(c),
        });
        sheet.push_str("</pre>\n<svg");
        sheet.push_str(drawn);
        sheet.push_str("\n<pre>The code holds the account and the words above.</pre>\n</body></html>\n");
        Some(sheet)
    }

    /// Reads a page, or a file that holds just the 24 words. Words are found by their numbers on a page, so that nothing else on
    /// it matters; a mistyped word or a wrong order fails the checksum.
    pub fn parse(text: &str) -> Result<(Option<AccountId>, Secret<32>), KitError> {
        let account = text.lines().find_map(|line| line.strip_prefix("Account:")).and_then(|id| AccountId::parse(id.trim()));
        let numbered = numbered_words(text);
        let words = if numbered.is_empty() { text.split_whitespace().map(str::to_lowercase).collect() } else { numbered };
        if words.len() != 24 {
            return Err(KitError::Count(words.len()));
        }
        let joined = zeroize::Zeroizing::new(words.join(" "));
        let words = Mnemonic::parse_in_normalized(bip39::Language::English, &joined).map_err(|error| match error {
            bip39::Error::UnknownWord(at) => KitError::Unknown(at + 1),
            _ => KitError::Checksum,
        })?;
        let (entropy, length) = words.to_entropy_array();
        let entropy = zeroize::Zeroizing::new(entropy);
        Secret::copied_from(&entropy[..length]).map(|entropy| (account, entropy)).ok_or(KitError::Checksum)
    }
}

/// What a new machine types, in the form of a shell.
fn instructions(places: &[Place]) -> String {
    let first = places.first().cloned().unwrap_or_default();
    let address = if first.address.is_empty() { "STORE".to_owned() } else { quoted(&first.address) };
    let trust = if first.trust.is_empty() { String::new() } else { format!(" {}", first.trust) };
    let credentials = if first.credentials { " --credentials-file CREDENTIALS" } else { "" };
    let mut said = format!("  printkeep setup --join {address}{trust}{credentials} --recovery-kit THIS-FILE\n");
    said.push_str("  printkeep restore latest --to FOLDER --recovery-kit THIS-FILE\n");
    if first.credentials {
        said.push_str("\nCREDENTIALS is a file with what lets you in there: `printkeep setup --help` tells its form.\n");
    }
    said
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Words behind `1.` to `24.`, in the order of their numbers.
fn numbered_words(text: &str) -> Vec<String> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let number =
        |token: &str| token.strip_suffix('.').and_then(|digits| digits.parse::<u8>().ok()).filter(|n| (1..=24).contains(n));
    let mut found: Vec<(u8, String)> =
        tokens.windows(2).filter_map(|pair| number(pair[0]).map(|n| (n, pair[1].to_lowercase()))).collect();
    found.sort_by_key(|(n, _)| *n);
    found.into_iter().map(|(_, word)| word).collect()
}

/// Why a text is no recovery kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KitError {
    /// Not 24 words, but so many.
    Count(usize),
    /// The word of this number is none of the list.
    Unknown(usize),
    /// The words are right and their order or one of them is not.
    Checksum,
}

impl std::fmt::Display for KitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "a recovery kit has 24 words, and this has {count}"),
            Self::Unknown(number) => write!(f, "word {number} of the recovery kit is not one of the list; check its spelling"),
            Self::Checksum => f.write_str("the words of the recovery kit do not fit together; check their order and spelling"),
        }
    }
}

impl std::error::Error for KitError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Counting;

    #[test]
    fn a_printed_sheet_reads_back() {
        let account = AccountId::from_bytes([7; 16]);
        let kit = Kit { account, entropy: Secret::random(&Counting::new(82)).unwrap() };
        let sheet = kit
            .sheet(
                "2026-11-25",
                "ABCD-EFGH",
                &[Place { address: "s3://b/p?endpoint=https://h&region=eu".into(), ..Place::default() }],
            )
            .unwrap();
        assert!(sheet.contains("<svg") && sheet.contains("h&amp;region"));
        let (found, entropy) = Kit::parse(&sheet).unwrap();
        assert!(found == Some(account) && entropy == kit.entropy);
    }

    #[test]
    fn a_page_reads_back_and_mistakes_are_named() {
        let account = AccountId::from_bytes([7; 16]);
        let kit = Kit { account, entropy: Secret::random(&Counting::new(81)).unwrap() };
        let page = kit
            .page(
                "2026-11-24",
                "ABCD-EFGH",
                &[Place { address: "s3://bucket/prefix".into(), trust: "--system-roots".into(), credentials: true }],
            )
            .unwrap();
        let (found, entropy) = Kit::parse(&page).unwrap();
        assert!(found == Some(account) && entropy == kit.entropy);
        let typed =
            "printkeep setup --join 's3://bucket/prefix' --system-roots --credentials-file CREDENTIALS --recovery-kit THIS-FILE";
        assert!(page.contains(typed), "{}", *page);
        let words = numbered_words(&page);
        assert!(Kit::parse(&words.join("\n")).is_ok_and(|(_, entropy)| entropy == kit.entropy));
        assert_eq!(Kit::parse(&words[1..].join(" ")).err(), Some(KitError::Count(23)));
        let mut wrong = words.clone();
        wrong[4] = "printkeep".into();
        assert_eq!(Kit::parse(&wrong.join(" ")).err(), Some(KitError::Unknown(5)));
        let mut swapped = words;
        swapped.swap(0, 1);
        assert_eq!(Kit::parse(&swapped.join(" ")).err(), Some(KitError::Checksum));
    }
}
