//! Frames, application units and ciphers: thin calls into the emitting side of the core.

pub(crate) mod axdr;
pub(crate) mod cipher;
pub(crate) mod frame;
pub(crate) mod sml;
pub(crate) mod text;
