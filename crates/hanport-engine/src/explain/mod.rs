//! A message annotated octet by octet, as a person would do it by hand.
//!
//! ```text
//! octets ---> session ------------------> names, values, faults   (heard)
//!    |                                          |
//!    +------> frames -> messages -> elements <--+
//!                (walk, frames, message, data, oms, telegram, sml)
//!                          |
//!                        nodes ---> lines of text                 (render)
//! ```
//!
//! The shape comes from the octets, by the same parsers that a session uses; names and values
//! come from the session itself. Input without any frame gets a [`Diagnosis`] instead.

mod data;
mod debris;
pub mod diagnosis;
mod frames;
mod heard;
mod message;
pub mod node;
mod oms;
pub mod render;
mod sml;
mod telegram;
mod uart;
mod walk;
mod words;

use hanport_core::cipher::suite0::KeyRing;
use hanport_core::fault::Fault;
use hanport_core::session::push::Options;

pub use self::diagnosis::Diagnosis;
pub use self::node::{Kind, Layer, Node};

/// Octets with everything that is known of them.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The octets and their nodes.
    pub layer: Layer,
    /// Messages that became readings.
    pub readings: usize,
    /// What a session says of the others.
    pub faults: Vec<Fault>,
    /// What the octets look like, where no frame in them is whole.
    pub diagnosis: Option<Diagnosis>,
}

/// Annotates `octets`, a message or a stream of them.
///
/// ```
/// use hanport_core::session::push::Options;
/// use hanport_engine::explain::{explain, render};
///
/// let octets = [0x7E, 0xA0, 0x07, 0x03, 0x05, 0x93, 0x1E, 0xE1, 0x7E];
/// let explanation = explain(&octets, &Options::default());
/// println!("{}", render::lines(&explanation.layer, &render::Plain));
/// ```
pub fn explain(octets: &[u8], options: &Options) -> Explanation {
    let heard = heard::Heard::listen(octets, options);
    let keys = KeyRing::new(options.encryption_key.as_ref(), options.authentication_key.as_ref());
    let (nodes, found) = walk::stream(octets, message::Context::new(&keys, &heard));
    let diagnosis = match found {
        // noise may look like the head of a frame now and then
        walk::Found::Damaged if passed_over(&nodes) * 2 < octets.len() => {
            Diagnosis::of_damaged(octets)
        }
        walk::Found::Damaged | walk::Found::Nothing => Some(Diagnosis::of(octets)),
        walk::Found::Whole => None,
    };
    Explanation {
        layer: Layer { name: String::new(), octets: octets.to_vec(), nodes },
        readings: heard.readings(),
        faults: heard.faults,
        diagnosis,
    }
}

/// Octets that belong to no frame, not even a damaged one.
fn passed_over(nodes: &[Node]) -> usize {
    let outside = nodes.iter().filter(|node| node.kind != Kind::Frame);
    outside.map(|node| node.range.len()).sum()
}

#[cfg(test)]
mod tests;
