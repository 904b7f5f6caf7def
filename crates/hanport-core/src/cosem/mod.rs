//! Frames to objects: general block transfer, APDUs and their data.

pub mod apdu;
pub mod axdr;
mod compact;
mod float;
pub mod gbt;
pub mod length;
