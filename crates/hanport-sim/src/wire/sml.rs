//! SML: messages and the transport around them.

use hanport_core::family::sml_writer::{Clock, Entry, SmlWriter};
use hanport_core::link::sml::{Checksum, emit};

/// The three messages of a push. `transaction` counts the messages.
pub(crate) fn messages(
    transaction: u32,
    file: &[u8],
    server: &[u8],
    uptime: u32,
    entries: &[Entry<'_>],
) -> Vec<u8> {
    super::written(1024, |out| {
        let mut writer = SmlWriter::new(out, Checksum::X25);
        writer.open(transaction, file, server)?;
        let clock = Clock::SecondIndex(uptime);
        writer.get_list(transaction.wrapping_add(1), server, clock, entries)?;
        writer.close(transaction.wrapping_add(2))
    })
}

/// The transport around messages.
pub(crate) fn transport(messages: &[u8]) -> Vec<u8> {
    super::written(messages.len() * 2 + 32, |out| emit(messages, Checksum::X25, out))
}
