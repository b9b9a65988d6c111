//! Objects that are signed: sealed and opened the same way for every kind, so that no kind forgets a check.
//!
//! What is sealed is the body and, behind it, the signature (64) over account, place and body, under the kind's own label.

use super::codec::Writer;
use super::keys::WriterKeys;
use super::name::{AccountId, DeviceId, ObjectId, ObjectName};
use super::random::{NoRandomness, Random};
use super::seal::{self, Refused, Sealed, To, With};
use super::sign::{SIGNATURE_LEN, SigningKey, VerifyingKey};

/// What devices sign.
pub(super) trait Signed: Sized {
    /// What its signatures are for: one for another kind is none for this.
    const LABEL: &'static str;

    /// Reads what was signed.
    fn read(body: &[u8]) -> Result<Self, Refused>;

    /// Which device says that it signed it.
    fn device(&self) -> &DeviceId;

    /// Whether it belongs under this name.
    fn lies_at(&self, name: &ObjectName) -> bool;
}

/// Signs a body for its place and seals it.
pub(super) fn seal(
    label: &'static str,
    mut body: Writer,
    name: ObjectName,
    (keys, to): (&WriterKeys, To),
    signer: &SigningKey,
    random: &dyn Random,
) -> Result<Sealed, NoRandomness> {
    let signature = signer.sign(label, &bound(keys.account(), name.place(), body.as_slice()));
    body.raw(&signature);
    seal::seal(keys, name, to, body.as_slice(), random)
}

/// Opens what lies under `name`; `key_of` gives the verifying key of a device of the roster.
pub(super) fn open<T: Signed>(
    with: &With<'_>,
    account: AccountId,
    name: &ObjectName,
    bytes: &[u8],
    key_of: &dyn Fn(&DeviceId) -> Option<VerifyingKey>,
) -> Result<T, Refused> {
    let opened = seal::open(with, name, bytes)?;
    let (body, signature) = split_signature(opened.bytes())?;
    let value = T::read(body)?;
    if !value.lies_at(name) {
        return Err(Refused::OtherPlace);
    }
    let key = key_of(value.device()).ok_or(Refused::Unsigned)?;
    let signed = key.verifies(T::LABEL, &bound(account, name.place(), body), signature);
    if signed { Ok(value) } else { Err(Refused::Unsigned) }
}

/// Splits a signature off the end.
pub(super) fn split_signature(bytes: &[u8]) -> Result<(&[u8], &[u8]), Refused> {
    bytes.split_at_checked(bytes.len().wrapping_sub(SIGNATURE_LEN)).ok_or(Refused::Malformed("it is too short for its signature"))
}

/// What a signature covers: whose and where it is besides what it says.
pub(super) fn bound(account: AccountId, place: ObjectId, body: &[u8]) -> Vec<u8> {
    [account.as_bytes().as_slice(), place.as_bytes(), body].concat()
}
