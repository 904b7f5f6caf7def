//! Energy: official registers and measured power become quarter-hours that add up.
//!
//! One [`Account`](account::Account) keeps one register (active or reactive, import or export)
//! of one meter; a [`Ledger`] is the four of them. **Only registers book energy;
//! power only shapes it.** So the quarters between two official readings always add up to their
//! difference, whatever the power samples missed.
//!
//! ```text
//!            11:00     11:15     11:30     11:45     12:00     12:15    UTC
//! register     :   R1    :         :         :         :   R2    :         official readings
//! power        :...#######:#########:###....##:#########:########:##..     # = sampled
//!              :    |     :         :         :         :    |   :
//! intervals    [booked|  open window: one slot a quarter |    ] :
//!               before|                                  |      :
//!               R1    |slot      slot      slot      slot|slot  |slot ...
//!                     |energy, time covered, of power since R1  |
//!
//! R2 arrives:  R2 - R1 is shared out over the parts between R1 and R2
//!              weight of a part = power measured in it
//!                               + fill power x time without samples in it
//!              shares are whole watt-hours by largest remainder (share.rs)
//!              11:00 11:15 11:30 11:45 are settled and never change again
//!              12:00 keeps what was booked before R2, and stays open
//! ```
//!
//! The data of an account, and what bounds it:
//!
//! - `last`: the newest official reading that was believed. Everything before it is settled or
//!   stands in `booked`.
//! - `booked`: the interval that contains `last`: watt-hours booked so far, time backed by
//!   registers, time whose energy is known.
//! - `shape`: a queue of slots, one for a quarter that has power samples after `last`, at most
//!   [`OPEN_QUARTERS`](shape::OPEN_QUARTERS); and a short trail of the running sum, to cut a slot
//!   at the instant of a register that arrives late.
//! - `running`: the register as it would read now.
//! - `doubt`: a reading that cannot be true as it stands, waiting for a second one.
//!
//! Registers are floored to whole watt-hours before they are subtracted. The differences
//! telescope, so a register of finer resolution loses nothing over time.
//!
//! All of it serialises: a restored ledger continues as if it had never stopped. Entries and the
//! snapshot after them belong into one transaction.
//!
//! - [`register`]: which registers there are, and what an official reading is
//! - [`interval`]: the quarter-hour, its value and its quality
//! - [`share`]: whole watt-hours by largest remainder
//! - [`fill`]: how much of a difference belongs to each part of the time between
//! - [`shape`]: power since the last register
//! - [`running`]: the register between two official readings
//! - [`judge`]: whether a reading is believed, and as what
//! - [`scale`]: whether a register counts in the unit it is taken to count in
//! - [`booked`]: the quarter that is being booked
//! - [`account`]: one register's books
//! - [`ledger`]: the four accounts of a meter
//! - [`mod@sums`]: hours, days, months and years
//! - [`recent`]: the running hour, day and month, at hand
//! - [`correction`]: what the user says against it, on record
//! - [`mod@shown`]: what was kept, with the corrections laid over it

pub mod account;
pub mod booked;
pub mod correction;
pub mod fill;
pub mod interval;
pub mod judge;
pub mod ledger;
pub mod recent;
pub mod register;
pub mod running;
pub mod scale;
pub mod shape;
pub mod share;
pub mod shown;
pub mod sums;

pub use correction::{Change, Correction, CorrectionId};
pub use interval::{Edges, Interval, Quality, QuarterHour, Standing};
pub use ledger::{Entry, Incident, IncidentKind, Ledger, MeterId, Sample};
pub use recent::Recent;
pub use register::{Official, PerRegister, Register, RegisterValue};
pub use running::Running;
pub use sums::{Period, Sum, sums};
