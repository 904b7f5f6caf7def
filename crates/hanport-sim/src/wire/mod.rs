//! Frames, application units and ciphers: thin calls into the emitting side of the core, for
//! which the buffers are taken care of here.

pub(crate) mod axdr;
pub(crate) mod cipher;
pub(crate) mod frame;
pub(crate) mod sml;
pub(crate) mod text;

use hanport_core::emit::Writer;

/// What `write` writes into a buffer of `capacity` octets; nothing where it refuses.
fn written<E>(capacity: usize, write: impl FnOnce(&mut Writer<'_>) -> Result<(), E>) -> Vec<u8> {
    let mut buffer = vec![0; capacity];
    let mut writer = Writer::new(&mut buffer);
    let len = write(&mut writer).map_or(0, |()| writer.len());
    debug_assert!(len > 0, "a list is longer than its buffer");
    buffer.truncate(len);
    buffer
}
