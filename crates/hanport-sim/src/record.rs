//! What the simulator hands out: the octets of one message, when they leave, and the truth.

use hanport_core::datetime::DateTime;
use hanport_core::number::Number;
use hanport_core::obis::Obis;
use hanport_core::quantity::Quantity;

use crate::fault::FaultSet;
use crate::house::Sample;
use crate::house::register::Registers;

/// One message of the simulated meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When the meter decided to send, ns since the start of the scenario.
    pub t_send_ns: u64,
    /// When the first octet leaves: later where the line was still busy.
    pub t_first_byte_ns: u64,
    /// The octets as a reader at the end of the line gets them.
    pub bytes: Vec<u8>,
    /// What the message was made from.
    pub truth: Truth,
    /// Which faults had a hand in it.
    pub faults: FaultSet,
}

/// What a message could express, written down by the list builder while it built the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Which of the meter's lists this is.
    pub list: &'static str,
    /// The numbers in the order of the list, as this meter quantises them.
    pub facts: Vec<Fact>,
    /// Texts other than those below.
    pub texts: Vec<(Obis, String)>,
    /// Time in the header, or of the telegram.
    pub time: Option<DateTime>,
    /// Clock element that belongs to the registers.
    pub energy_time: Option<DateTime>,
    /// Name of the list.
    pub list_id: Option<String>,
    /// Number of the meter.
    pub meter_id: Option<String>,
    /// Type of the meter.
    pub meter_model: Option<String>,
    /// Invoke id, where there is one.
    pub invoke: Option<u32>,
    /// Invocation counter, where the message is ciphered.
    pub counter: Option<u32>,
    /// What the meter measured, unrounded.
    pub sample: Sample,
    /// Its registers when it measured, unrounded.
    pub registers: Registers,
}

/// One number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its code, whether or not the code itself is sent.
    pub obis: Obis,
    /// The number in base units.
    pub number: Number,
    /// When it was captured, where the message says so for this number.
    pub at: Option<DateTime>,
}

impl Fact {
    /// The canonical name; `None` for codes without one.
    pub fn name(&self) -> Option<String> {
        Quantity::from_obis(self.obis).map(|quantity| quantity.to_string())
    }
}

impl Truth {
    /// The first number under a code, by its groups C, D and E.
    pub fn number(&self, c: u8, d: u8, e: u8) -> Option<Number> {
        self.facts.iter().find(|fact| fact.obis.cde() == (c, d, e)).map(|fact| fact.number)
    }
}
