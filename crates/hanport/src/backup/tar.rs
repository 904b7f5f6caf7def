//! Several files in one: the tape archive of POSIX.1-1988 (ustar), which every system can open.
//!
//! ```text
//! +-- 512 octets --+-- content --+-- zeros up to 512 --+ ... +-- 1024 zeros --+
//!   0 name (100)  100 mode (8)  108 owner, group (16)  124 size (12)  136 time (12)
//!   148 checksum (8)  156 kind (1)  257 "ustar\0" "00"          numbers are octal text
//! ```

use std::io::{self, Read, Write};

const BLOCK: usize = 512;
/// The largest size that fits into eleven octal digits.
const LARGEST: u64 = 0o777_7777_7777;

/// Writes files one after the other.
pub(super) struct Writer<'w> {
    out: &'w mut dyn Write,
    seconds: u64,
}

impl<'w> Writer<'w> {
    /// All files get this time, in seconds since 1970.
    pub(super) fn new(out: &'w mut dyn Write, seconds: u64) -> Self {
        Self { out, seconds }
    }

    /// Writes a file of exactly `size` octets.
    pub(super) fn put(&mut self, name: &str, size: u64, content: &mut dyn Read) -> io::Result<()> {
        self.out.write_all(&header(name, size, self.seconds)?)?;
        let copied = io::copy(&mut content.take(size), self.out)?;
        if copied != size {
            return Err(io::Error::other(format!("{name} became shorter while it was read")));
        }
        self.out.write_all(zeros(size))
    }

    /// Ends the archive.
    pub(super) fn finish(self) -> io::Result<()> {
        self.out.write_all(&[0; 2 * BLOCK])
    }
}

/// What fills up the last block.
fn zeros(size: u64) -> &'static [u8] {
    const ZEROS: [u8; BLOCK] = [0; BLOCK];
    let used = usize::try_from(size % 512).unwrap_or(0);
    ZEROS.get(..(BLOCK - used) % BLOCK).unwrap_or_default()
}

fn header(name: &str, size: u64, seconds: u64) -> io::Result<[u8; BLOCK]> {
    if name.len() > 99 || size > LARGEST || seconds > LARGEST {
        return Err(io::Error::other(format!("{name} is too large for an archive (8 GB)")));
    }
    let mut header = [0u8; BLOCK];
    let fields: [(usize, String); 9] = [
        (0, name.to_owned()),
        (100, "0000600".to_owned()),
        (108, "0000000".to_owned()),
        (116, "0000000".to_owned()),
        (124, format!("{size:011o}")),
        (136, format!("{seconds:011o}")),
        (148, " ".repeat(8)),
        (156, "0".to_owned()),
        (257, "ustar\u{0}00".to_owned()),
    ];
    for (at, text) in fields {
        put(&mut header, at, text.as_bytes());
    }
    let sum = checksum(&header);
    put(&mut header, 148, format!("{sum:06o}\u{0} ").as_bytes());
    Ok(header)
}

fn put(header: &mut [u8; BLOCK], at: usize, text: &[u8]) {
    if let Some(place) = header.get_mut(at..at + text.len()) {
        place.copy_from_slice(text);
    }
}

fn checksum(header: &[u8; BLOCK]) -> u32 {
    let count =
        |(at, octet): (usize, &u8)| u32::from(if (148..156).contains(&at) { b' ' } else { *octet });
    header.iter().enumerate().map(count).sum()
}

/// Reads files one after the other.
pub(super) struct Reader<'r> {
    input: &'r mut dyn Read,
    /// Octets until the next header.
    rest: u64,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) size: u64,
}

impl<'r> Reader<'r> {
    pub(super) fn new(input: &'r mut dyn Read) -> Self {
        Self { input, rest: 0 }
    }

    /// The next file; `None` at the end. What was not read of the one before is passed over.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let rest = core::mem::take(&mut self.rest);
        if io::copy(&mut (&mut *self.input).take(rest), &mut io::sink())? != rest {
            return Err(cut());
        }
        let mut header = [0u8; BLOCK];
        self.input.read_exact(&mut header).map_err(|_| cut())?;
        if header.iter().all(|octet| *octet == 0) {
            return Ok(None);
        }
        let entry =
            parse(&header).ok_or_else(|| io::Error::other("it is no archive, or damaged"))?;
        self.rest = entry.size + u64::try_from(zeros(entry.size).len()).unwrap_or(0);
        Ok(Some(entry))
    }

    /// The content of the file that [`next`](Self::next) gave, into `out`.
    pub(super) fn content(&mut self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        let copied = io::copy(&mut (&mut *self.input).take(entry.size), out)?;
        self.rest -= copied.min(self.rest);
        if copied == entry.size { Ok(()) } else { Err(cut()) }
    }
}

fn cut() -> io::Error {
    io::Error::other("it ends too early: it was not copied as a whole")
}

fn parse(header: &[u8; BLOCK]) -> Option<Entry> {
    let field = |at: usize, length: usize| -> Option<&str> {
        let field = header.get(at..at + length)?;
        let end = field.iter().position(|octet| *octet == 0).unwrap_or(length);
        core::str::from_utf8(field.get(..end)?).ok()
    };
    let octal = |at: usize, length: usize| u64::from_str_radix(field(at, length)?.trim(), 8).ok();
    let plain = matches!(header.get(156), Some(0 | b'0'));
    if octal(148, 8)? != u64::from(checksum(header)) || !plain {
        return None;
    }
    let size = octal(124, 12)?;
    (size <= LARGEST).then_some(Entry { name: field(0, 100)?.to_owned(), size })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut octets = Vec::new();
        let mut writer = Writer::new(&mut octets, 1_700_000_000);
        for (name, content) in files {
            writer.put(name, content.len() as u64, &mut content.as_slice()).unwrap();
        }
        writer.finish().unwrap();
        octets
    }

    fn read(octets: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut input = octets;
        let mut reader = Reader::new(&mut input);
        let mut files = Vec::new();
        while let Some(entry) = reader.next()? {
            let mut content = Vec::new();
            reader.content(&entry, &mut content)?;
            files.push((entry.name, content));
        }
        Ok(files)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(files in prop::collection::vec(("[a-z.]{1,20}", prop::collection::vec(any::<u8>(), 0..1500)), 0..4)) {
            let octets = archive(&files);
            prop_assert_eq!(octets.len() % BLOCK, 0);
            prop_assert_eq!(read(&octets).unwrap(), files);
        }

        #[test]
        fn no_octets_are_too_odd(octets in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read(&octets);
        }

        #[test]
        fn a_cut_archive_is_told(cut in 0usize..2048) {
            let octets = archive(&[("a".to_owned(), vec![7; 600])]);
            let cut = cut.min(octets.len() - 1025);
            prop_assert!(read(&octets[..cut]).is_err());
        }
    }

    #[test]
    fn the_tool_of_the_system_can_open_it() {
        let folder = tempfile::tempdir().unwrap();
        let files = [("one.txt".to_owned(), b"hello".to_vec()), ("two".to_owned(), vec![0; 513])];
        let path = folder.path().join("a.tar");
        std::fs::write(&path, archive(&files)).unwrap();
        let done = std::process::Command::new("tar")
            .args(["-xf", "a.tar"])
            .current_dir(folder.path())
            .status()
            .unwrap();
        assert!(done.success());
        assert_eq!(std::fs::read(folder.path().join("one.txt")).unwrap(), b"hello");
        assert_eq!(std::fs::read(folder.path().join("two")).unwrap().len(), 513);
    }
}
