//! gzip: `miniz_oxide` packs, the frame around it (RFC 1952) is written here.
//!
//! Random digits repeat nothing worth a reference, so that only Huffman's code is asked for: some
//! 3.5 bits for a digit, and no search. Of a stream whatever went in comes out at once.

use miniz_oxide::deflate::core::{
    CompressionStrategy, CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
};

/// Deflate, no name, no date, an unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The table of the checksum, a byte at a time. (The crate for it has tables of 16 KB, and asks
/// the processor what it can.)
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

/// A gzip file that grows: bytes go in, and what they become comes out.
pub(crate) struct Gzip {
    packer: Box<CompressorOxide>,
    header: &'static [u8],
    crc: u32,
    len: u32,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        let huffman = create_comp_flags_from_zip_params(1, 0, CompressionStrategy::HuffmanOnly as i32);
        Self { packer: Box::new(CompressorOxide::new(huffman)), header: &HEADER, crc: u32::MAX, len: 0 }
    }

    /// Takes in bytes and returns what they become.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        for &byte in bytes {
            self.crc = CRC[usize::from(self.crc as u8 ^ byte)] ^ self.crc >> 8;
        }
        self.len = self.len.wrapping_add(bytes.len() as u32);
        self.packed(bytes, TDEFLFlush::Sync)
    }

    /// The end of the file.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let mut end = self.packed(&[], TDEFLFlush::Finish);
        end.extend((!self.crc).to_le_bytes());
        end.extend(self.len.to_le_bytes());
        end
    }

    fn packed(&mut self, bytes: &[u8], flush: TDEFLFlush) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.header.len() + bytes.len() / 2 + 64);
        out.extend_from_slice(std::mem::take(&mut self.header));
        compress_to_output(&mut self.packer, bytes, flush, |packed| {
            out.extend_from_slice(packed);
            true
        });
        out
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
    fn gzip_reads_what_was_packed_in_any_pieces() {
        let digits = pi_spigot::pi::chudnovsky_digits(20_000);
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
