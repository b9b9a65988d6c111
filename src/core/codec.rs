//! Bytes in, values out, with a limit on everything: the one reader and writer under every format.
//!
//! Numbers are little endian; `varint` is unsigned LEB128 in its shortest form, at most 10 bytes; `bytes` is a varint length
//! and that many bytes.

/// Why bytes were refused: what was wrong, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bad(pub &'static str);

impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Bad {}

/// Reads from a slice and never past it.
#[derive(Clone)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are left.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Bad> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(Bad("it ends too early"))?;
        self.0 = tail;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(Bad("it ends too early"))?;
        self.0 = tail;
        Ok(*head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Bad> {
        self.array::<1>().map(|[b]| b)
    }

    /// A little-endian `u16`.
    pub fn u16(&mut self) -> Result<u16, Bad> {
        self.array().map(u16::from_le_bytes)
    }

    /// A little-endian `u32`.
    pub fn u32(&mut self) -> Result<u32, Bad> {
        self.array().map(u32::from_le_bytes)
    }

    /// A little-endian `u64`.
    pub fn u64(&mut self) -> Result<u64, Bad> {
        self.array().map(u64::from_le_bytes)
    }

    /// An unsigned LEB128 number in its shortest form.
    pub fn varint(&mut self) -> Result<u64, Bad> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Bad("a number is out of range"));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(Bad("a number is not in its shortest form")) } else { Ok(value) };
            }
        }
        Err(Bad("a number is out of range"))
    }

    /// A count or size of at most `limit`.
    pub fn count(&mut self, limit: usize) -> Result<usize, Bad> {
        let value = self.varint()?;
        usize::try_from(value).ok().filter(|n| *n <= limit).ok_or(Bad("a count is over its limit"))
    }

    /// The same as 32 bits; more than these hold is over any limit.
    pub fn count_u32(&mut self, limit: usize) -> Result<u32, Bad> {
        u32::try_from(self.count(limit)?).map_err(|_| Bad("a count is over its limit"))
    }

    /// Length-prefixed bytes, at most `limit` of them.
    pub fn bytes(&mut self, limit: usize) -> Result<&'a [u8], Bad> {
        let n = self.count(limit)?;
        self.take(n)
    }

    /// Nothing may be left.
    pub fn finish(&self) -> Result<(), Bad> {
        if self.0.is_empty() { Ok(()) } else { Err(Bad("bytes follow its end")) }
    }
}

/// A length as 32 bits; one that they do not hold becomes the largest, which is over every limit, and never a smaller one.
pub fn clamp_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A size as this machine counts memory; one that is larger than all of it (on 32 bits) becomes the largest, and never a smaller one.
pub fn clamp_usize(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// Writes what `Reader` reads.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    /// A little-endian `u16`.
    pub fn u16(&mut self, value: u16) {
        self.raw(&value.to_le_bytes());
    }

    /// A little-endian `u32`.
    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    /// A little-endian `u64`.
    pub fn u64(&mut self, value: u64) {
        self.raw(&value.to_le_bytes());
    }

    /// An unsigned LEB128 number.
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    /// Length-prefixed bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.raw(bytes);
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was written.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// What was written, taken over.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }

    /// Forgets what was written and keeps the room.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varints_read_back(value: u64) {
            let mut out = Writer::new();
            out.varint(value);
            let mut input = Reader::new(out.as_slice());
            prop_assert_eq!(input.varint(), Ok(value));
            prop_assert!(input.is_empty());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, limit in 0usize..64) {
            let mut input = Reader::new(&bytes);
            while input.bytes(limit).is_ok() && !input.is_empty() {}
            let _ = Reader::new(&bytes).varint();
        }
    }

    #[test]
    fn numbers_have_one_form() {
        assert!(Reader::new(&[0x80, 0x00]).varint().is_err());
        assert!(Reader::new(&[0xff; 11]).varint().is_err());
        assert!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).varint().is_err());
    }
}
