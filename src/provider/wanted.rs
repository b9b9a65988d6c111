//! How much a place may give for an object: what is asked for, never more than it announced, and never more than objects of its type
//! have. It is made from a name alone, so that no place is asked without a bound:
//!
//! ```compile_fail
//! use printkeep::provider::Wanted;
//! fn everything() -> Wanted {
//!     Wanted { range: None, most: u64::MAX }
//! }
//! ```
//!
//! ```
//! use printkeep::core::name::ObjectName;
//! use printkeep::provider::Wanted;
//! fn a_list_of_devices() -> Wanted {
//!     Wanted::announced(&ObjectName::Roster(1), 4096)
//! }
//! ```

use crate::core::codec::clamp_usize;
use crate::core::name::ObjectName;
use crate::provider::reason::Reason;
use crate::provider::{ProviderError, Range};

/// What is read of an object, and the most that is taken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    range: Option<Range>,
    most: u64,
}

impl Wanted {
    /// All of an object that the place announced to have this size.
    pub fn announced(name: &ObjectName, size: u64) -> Self {
        Self { range: None, most: size.min(name.max_size() as u64) }
    }

    /// All of an object of which nothing was announced: as much as any of its type has.
    pub fn whole(name: &ObjectName) -> Self {
        Self::announced(name, u64::MAX)
    }

    /// A part of an object, within what any of its type has.
    pub fn part(name: &ObjectName, range: Range) -> Self {
        let most = name.max_size() as u64;
        let length = range.length.min(most.saturating_sub(range.offset)).max(1);
        Self { range: Some(Range { length, ..range }), most: length }
    }

    /// A part, or all of which nothing was announced.
    pub fn of(name: &ObjectName, range: Option<Range>) -> Self {
        range.map_or_else(|| Self::whole(name), |range| Self::part(name, range))
    }

    /// The part, where it is one.
    pub fn range(&self) -> Option<Range> {
        self.range
    }

    /// The most that is taken, in bytes.
    pub fn most(&self) -> usize {
        clamp_usize(self.most)
    }

    /// What a place gave, where it keeps within the bound; else its fault, which names the object.
    pub fn held_to(&self, name: &ObjectName, given: Result<Vec<u8>, ProviderError>) -> Result<Vec<u8>, ProviderError> {
        match given {
            Ok(bytes) if bytes.len() as u64 > self.most => Err(self.exceeded(name)),
            Err(ProviderError::Nonsense(Reason::LongAnswer {})) => Err(self.exceeded(name)),
            given => given,
        }
    }

    /// That a place has more under this name than it may give.
    pub fn exceeded(&self, name: &ObjectName) -> ProviderError {
        ProviderError::Nonsense(Reason::MoreThanAnnounced { object: name.to_string(), bytes: self.most.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::name::{DeviceId, ObjectId};

    #[test]
    fn no_place_gives_more_than_it_announced_nor_more_than_its_type_has() {
        let name = ObjectName::Head(DeviceId::from_bytes([1; 16]), 7);
        let given = |wanted: Wanted, size: usize| wanted.held_to(&name, Ok(vec![0; size])).map(|bytes| bytes.len());
        assert_eq!(given(Wanted::announced(&name, 400), 400), Ok(400));
        let told = given(Wanted::announced(&name, 400), 401).unwrap_err();
        assert!(matches!(&told, ProviderError::Nonsense(_)) && told.to_string().contains(&name.to_string()), "{told}");
        assert_eq!(Wanted::announced(&name, u64::MAX).most(), name.max_size());
        assert_eq!(Wanted::whole(&name).most(), name.max_size());
        let pack = ObjectName::Pack(ObjectId::from_bytes([1; 16]));
        for (offset, length, most) in [(0, 10, 10), (0, u64::MAX, pack.max_size()), (u64::MAX, u64::MAX, 1)] {
            assert_eq!(Wanted::part(&pack, Range { offset, length }).most(), most, "{offset} {length}");
        }
    }
}
