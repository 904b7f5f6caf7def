//! What a simulated meter talks to.

use std::io;

/// How a line behaves when nobody takes what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The sender waits: nothing is lost. For runs as fast as possible.
    Wait,
    /// The octets are lost, as on a wire. For runs by the clock.
    Wire,
}

/// Somewhere octets go.
pub trait Outlet {
    /// Sends octets in order. Where the outlet is a wire ([`Flow::Wire`]), octets that nobody
    /// takes are lost and counted, and that is no error.
    fn send(&mut self, octets: &[u8]) -> io::Result<()>;

    /// Octets lost so far because nobody took them.
    fn lost(&self) -> u64 {
        0
    }

    /// Nothing more will come: hands on what is held back.
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
