//! A message annotated octet by octet, as a person would do it by hand.

mod debris;
pub mod diagnosis;
pub mod node;
pub mod render;
mod uart;
