//! Frames between two devices, as they lie on the wire: kind 1, then what that kind holds. Nothing in them is believed by itself.

use crate::core::codec::Reader;
use crate::core::seal::Refused;

/// Bytes of a message of the key exchange.
pub const HELLO: usize = 33;
/// Bytes of a proof.
pub const PROOF: usize = 32;
/// The longest frame, in bytes.
pub const MAX_FRAME: usize = 1024 * 1024;

const MAGIC: [u8; 5] = *b"PKEN\x01";

/// One frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// The first of each side: magic `PKEN`, version 1, a message of the key exchange.
    Hello([u8; HELLO]),
    /// That the sender knows the code.
    Proof([u8; PROOF]),
    /// A sealed message.
    Sealed(&'a [u8]),
    /// Another device is being enrolled.
    Busy,
    /// The code was another.
    WrongCode,
}

impl<'a> Frame<'a> {
    /// The bytes that `decode` reads.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello(message) => [&[1][..], &MAGIC, message].concat(),
            Self::Proof(proof) => [&[2][..], proof].concat(),
            Self::Sealed(sealed) => [&[3], *sealed].concat(),
            Self::Busy => vec![4],
            Self::WrongCode => vec![5],
        }
    }

    /// Reads a frame.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Refused> {
        let mut input = Reader::new(bytes);
        let frame = match input.u8()? {
            1 => {
                let magic: [u8; 5] = input.array()?;
                if magic[..4] != MAGIC[..4] {
                    return Err(Refused::NotAnObject);
                }
                if magic != MAGIC {
                    return Err(Refused::UnknownVersion);
                }
                Self::Hello(input.array()?)
            }
            2 => Self::Proof(input.array()?),
            3 => Self::Sealed(input.take(input.len())?),
            4 => Self::Busy,
            5 => Self::WrongCode,
            _ => return Err(Refused::Malformed("a message of an unknown kind")),
        };
        input.finish()?;
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_read_back() {
        for frame in [Frame::Hello([7; HELLO]), Frame::Proof([8; PROOF]), Frame::Sealed(b"x"), Frame::Busy, Frame::WrongCode] {
            assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }
        assert_eq!(Frame::decode(b"\x01HTTP\x01"), Err(Refused::NotAnObject));
        assert_eq!(Frame::decode(b"\x01PKEN\x02"), Err(Refused::UnknownVersion));
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_frame_panic(bytes: Vec<u8>) {
            if let Ok(frame) = Frame::decode(&bytes) {
                prop_assert_eq!(frame.encode(), bytes);
            }
        }
    }
}
