//! What a new account is made of, and the fingerprint by which two people compare one.

use crate::core::name::AccountId;
use crate::core::secret::SecretText;
use crate::core::slot::Cost;
use crate::store::home::{AccountName, Home};

/// The account's fingerprint: four groups of four characters of Crockford's base 32.
pub fn fingerprint(account: AccountId, signing: &[u8; 32]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let hash = blake3::hash(&[account.as_bytes().as_slice(), signing].concat());
    let mut bits = u128::from_be_bytes(std::array::from_fn(|i| hash.as_bytes()[i]));
    let mut groups = vec![String::new(); 4];
    for group in &mut groups {
        for _ in 0..4 {
            group.push(char::from(DIGITS[(bits >> 123) as usize]));
            bits <<= 5;
        }
    }
    groups.join("-")
}

/// What a new account is made of.
pub struct NewAccount<'a> {
    /// Where it will lie.
    pub home: &'a Home,
    /// What it is called here.
    pub name: AccountName,
    /// What this device is called.
    pub device_name: String,
    /// The owner's passphrase; without one only the recovery kit opens the account.
    pub passphrase: Option<&'a SecretText>,
    /// What trying a passphrase costs.
    pub cost: Cost,
    /// The account that a recovery kit's page names, where one joins.
    pub kit_account: Option<AccountId>,
}
