//! Fields of a protobuf message as they stand in a file, so that what is not understood can be kept.

use prost::bytes::{Buf, BufMut};
use prost::encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint};

/// One field of a message.
pub(crate) struct Field<'m> {
    pub(crate) number: u32,
    /// With its key.
    pub(crate) whole: &'m [u8],
    /// The bytes of a length-delimited field; of others nothing.
    pub(crate) content: &'m [u8],
}

impl<'m> Field<'m> {
    /// `None` where the bytes are no message.
    pub(crate) fn all(message: &'m [u8]) -> Option<Vec<Self>> {
        let mut fields = Vec::new();
        let mut rest = message;
        while rest.has_remaining() {
            let start = rest;
            let (number, kind) = decode_key(&mut rest).ok()?;
            let content = match kind {
                WireType::LengthDelimited => {
                    let length = usize::try_from(decode_varint(&mut rest).ok()?).ok()?;
                    take(&mut rest, length)?
                }
                WireType::Varint => {
                    decode_varint(&mut rest).ok()?;
                    &[]
                }
                WireType::ThirtyTwoBit => take(&mut rest, 4).map(|_| &[][..])?,
                WireType::SixtyFourBit => take(&mut rest, 8).map(|_| &[][..])?,
                WireType::StartGroup | WireType::EndGroup => return None,
            };
            fields.push(Self { number, whole: &start[..start.len() - rest.len()], content });
        }
        Some(fields)
    }
}

fn take<'m>(rest: &mut &'m [u8], length: usize) -> Option<&'m [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

/// Appends a length-delimited field.
pub(crate) fn put(out: &mut Vec<u8>, number: u32, content: &[u8]) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(content.len() as u64, out);
    out.put_slice(content);
}
