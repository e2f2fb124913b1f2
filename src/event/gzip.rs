//! gzip for digits: one block of one fixed Huffman code, no search for repetitions.
//!
//! Random digits repeat nothing, so that a general compressor spends its time for what a code of
//! 3 or 4 bits for a digit gives at once: 3.5 bits on average, 0.05 above what any code can, at the
//! speed of a copy. Any other byte has 11 or 12 bits; there are few.
//!
//! ```text
//! 5 digits of 3 bits, 5 of 4        5/8 + 5/16       = 15/16
//! 9 others of 11 bits, 238 of 12    9/2^11 + 238/2^12 = 1/16     (246 bytes and the end of the block)
//! ```
//!
//! Sources: RFC 1951 (DEFLATE, dynamic codes), RFC 1952 (gzip).

/// The symbol that ends a block; those before it are bytes.
const END: usize = 256;

/// Bits of each symbol.
const LENGTHS: [u8; 257] = lengths();
/// Code of each symbol, its first bit lowest.
const CODES: [u16; 257] = codes();

const fn lengths() -> [u8; 257] {
    let mut lengths = [12; 257];
    let mut symbol = 0;
    while symbol < 9 {
        lengths[symbol] = 11;
        symbol += 1;
    }
    let mut digit = 0;
    while digit < 10 {
        lengths[b'0' as usize + digit] = if digit < 5 { 3 } else { 4 };
        digit += 1;
    }
    lengths
}

/// RFC 1951, section 3.2.2: codes of one length follow each other, shorter ones come first.
const fn codes() -> [u16; 257] {
    let mut codes = [0; 257];
    let (mut code, mut length) = (0_u16, 1);
    while length <= 12 {
        let mut symbol = 0;
        while symbol < 257 {
            if LENGTHS[symbol] == length {
                codes[symbol] = code.reverse_bits() >> (16 - length as u32);
                code += 1;
            }
            symbol += 1;
        }
        code <<= 1;
        length += 1;
    }
    codes
}

/// The table of the checksum, a byte at a time.
const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut value, mut bit) = (byte as u32, 0);
        while bit < 8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ value >> 1 } else { value >> 1 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

/// A gzip file that grows: bytes go in, and what is complete comes out.
#[derive(Clone, Debug)]
pub(super) struct Gzip {
    bits: u64,
    count: u32,
    crc: u32,
    len: u32,
    out: Vec<u8>,
}

impl Gzip {
    pub(super) fn new() -> Self {
        let mut gzip = Self { bits: 0, count: 0, crc: u32::MAX, len: 0, out: Vec::new() };
        // Deflate, no name, no date, an unknown system.
        gzip.out.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        gzip.block_header();
        gzip
    }

    /// The last block, its code by the lengths of its symbols: 257 for bytes, one for distances.
    fn block_header(&mut self) {
        /// The order in which lengths of lengths are written.
        const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        // Lengths of lengths: 1, 3, 4, 11, 12 occur (a distance of 1 bit is there, unused).
        let length_of = |length: u8| match length {
            12 => 1_u8,
            4 => 2,
            1 | 3 => 4,
            11 => 3,
            _ => 0,
        };
        // Their codes in order of length, as in `codes`, first bit lowest.
        let code_of = |length: u8| match length {
            12 => (0b0_u64, 1),
            4 => (0b01, 2),
            11 => (0b011, 3),
            1 => (0b0111, 4),
            _ => (0b1111, 4),
        };
        self.put(0b101, 3);
        self.put(0, 5);
        self.put(0, 5);
        self.put(19 - 4, 4);
        for length in ORDER {
            self.put(u64::from(length_of(length)), 3);
        }
        for length in LENGTHS.into_iter().chain([1]) {
            let (code, count) = code_of(length);
            self.put(code, count);
        }
    }

    fn put(&mut self, bits: u64, count: u32) {
        self.bits |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.bits as u8);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    /// Takes in bytes and returns what is complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.out.reserve(bytes.len() / 2 + 8);
        for &byte in bytes {
            self.crc = CRC[usize::from(self.crc as u8 ^ byte)] ^ self.crc >> 8;
            let symbol = usize::from(byte);
            self.put(u64::from(CODES[symbol]), u32::from(LENGTHS[symbol]));
        }
        self.len = self.len.wrapping_add(bytes.len() as u32);
        std::mem::take(&mut self.out)
    }

    /// The end of the file.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.put(u64::from(CODES[END]), u32::from(LENGTHS[END]));
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
        self.out.extend((!self.crc).to_le_bytes());
        self.out.extend(self.len.to_le_bytes());
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// What the gzip program makes of it.
    fn unpacked(file: &[u8]) -> Vec<u8> {
        let mut gzip =
            Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = gzip.stdin.take().unwrap();
        let file = file.to_vec();
        let writer = std::thread::spawn(move || input.write_all(&file));
        let output = gzip.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success());
        output.stdout
    }

    #[test]
    fn codes_fill_their_space() {
        let sum: u32 = LENGTHS.iter().map(|&length| 1 << (12 - length)).sum();
        assert_eq!(sum, 1 << 12, "neither too many codes nor one missing");
    }

    #[test]
    fn gzip_reads_what_was_packed_in_any_pieces() {
        let digits = crate::pi::chudnovsky_digits(20_000);
        let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
        for text in [b"".as_slice(), b"3", b"3.14159", br#"{"pi":"3.1"}"#, &bytes, &digits] {
            for piece in [1, 7, 100_000] {
                let mut gzip = Gzip::new();
                let mut file = Vec::new();
                text.chunks(piece).for_each(|part| file.extend(gzip.push(part)));
                file.extend(gzip.finish());
                assert!(unpacked(&file) == text, "{} bytes in pieces of {piece}", text.len());
            }
        }
        let mut gzip = Gzip::new();
        let size = gzip.push(&digits).len() + gzip.finish().len();
        assert!(size < 20_000 * 44 / 100 + 400, "{size} bytes");
    }
}
