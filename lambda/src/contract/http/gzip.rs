//! Text as a gzip file: `miniz_oxide` packs, `crc32fast` sums, and this adds the frame of RFC 1952.
//!
//! Random digits repeat nothing worth a reference, so only Huffman coding is asked for: 3.5 bits
//! per digit, without a search. `flate2` has no such setting: its fastest level takes as long, and
//! its files are 9 % larger (four million digits). Each push of a stream returns all of
//! its bytes.

use crc32fast::Hasher;
use miniz_oxide::deflate::core::{
    CompressionStrategy, CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
};

/// Deflate, no name, no date, an unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A gzip file that grows: bytes go in, and packed bytes come out.
pub(crate) struct Gzip {
    packer: Box<CompressorOxide>,
    header: &'static [u8],
    crc: Hasher,
    len: u32,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        let huffman = create_comp_flags_from_zip_params(1, 0, CompressionStrategy::HuffmanOnly as i32);
        let packer = Box::new(CompressorOxide::new(huffman));
        Self { packer, header: &HEADER, crc: Hasher::new(), len: 0 }
    }

    /// Takes in bytes and returns their packed form.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.crc.update(bytes);
        self.len = self.len.wrapping_add(bytes.len() as u32);
        self.packed(bytes, TDEFLFlush::Sync)
    }

    /// The end of the file.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let mut end = self.packed(&[], TDEFLFlush::Finish);
        end.extend(self.crc.finalize().to_le_bytes());
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

    /// The output of the gzip program.
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
        let digits = pi_spigot::pi::Algorithm::default().digits("20_000".parse().unwrap()).into_bytes();
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
