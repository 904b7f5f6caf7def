//! Everything known of one meter now, and what follows from a message.
//!
//! ```text
//!  Input ---> apply ---> Effects: live values, intervals, registers, events
//!   message     |  settings   multipliers of transformers            (settings)
//!   fault       |  clock      when it was measured                   (crate::time)
//!   tick        |  live       value, time, origin, how fresh         (live)
//!               |  derive     what follows from the values           (derive, net)
//!               |  ledger     registers and power to quarter-hours   (crate::energy)
//!               |  port       good, late, bad, silent                (port)
//! ```
//!
//! Pure: the same inputs give the same effects, on any machine, at any time. Ticks make values
//! stale and the port late; [`Meter::deadline`] tells when one is due.

pub mod derive;
pub mod effect;
pub mod input;
pub mod live;
pub mod meter;
pub mod net;
pub mod port;
pub mod registers;
pub mod settings;

pub use effect::Effect;
pub use input::{Input, Message};
pub use live::{Live, LiveValue, Origin};
pub use meter::{Memory, Meter};
pub use net::Net;
pub use port::{Port, PortStatus};
pub use settings::{Multipliers, Settings};
