//! The ledger of one meter: four accounts, fed with samples, giving entries.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::account::Account;
use super::interval::Interval;
use super::judge::{Expected, Verdict};
use super::register::{Official, PerRegister, Register, RegisterValue};
use super::running::Running;
use crate::time::UtcMillis;

/// A time of the meter further from the time of receiving is not used for power: 15 minutes.
const TRUSTED_MS: i64 = 900_000;
/// A register time older than this at receiving is not used: 25 hours.
const OLDEST_MS: i64 = 25 * 3_600_000;

/// The number of a meter, at most 31 octets of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MeterId {
    len: u8,
    text: [u8; 31],
}

impl MeterId {
    /// From text; what does not fit is cut off. `None` for an empty one.
    pub fn new(text: &str) -> Option<Self> {
        let mut end = text.len().min(31);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let kept = text.as_bytes().get(..end)?;
        let mut id = Self { len: u8::try_from(end).ok()?, text: [0; 31] };
        id.text.get_mut(..end)?.copy_from_slice(kept);
        (end > 0).then_some(id)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let kept = self.text.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(kept).unwrap_or_default()
    }
}

impl fmt::Display for MeterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for MeterId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MeterId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| D::Error::custom("empty meter number"))
    }
}

/// What the ledger needs of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// When it arrived.
    pub received: UtcMillis,
    /// When the powers were measured, by the best clock there is.
    pub at: UtcMillis,
    /// Powers in milliwatts, where the message carries them.
    pub power_mw: PerRegister<Option<i64>>,
    /// When the registers stood so.
    pub registers_at: UtcMillis,
    /// Registers, where the message carries them.
    pub registers: PerRegister<Option<RegisterValue>>,
    /// The meter's number, where the message carries it.
    pub meter: Option<MeterId>,
}

/// Something unusual about registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// The meter's clock and the receiver's disagree on the time between two readings; what was
    /// booked between them is estimated.
    ClockStepped,
    /// Registers begin anew, and so does the meter's number.
    MeterExchanged,
    /// The meter's number changed. Whether the meter did, its registers tell.
    MeterIdChanged,
    /// A register cannot be true as it stands; a second reading is waited for.
    RegisterDoubted,
    /// A register jumped up by more than can have flowed, and begins anew there.
    RegisterJumped,
    /// A register counted far more than was measured; what was booked is estimated.
    RegisterOutran,
    /// A list was sent again instead of a new one; the next one settles both.
    RegisterRepeated,
    /// The user changed the scale of the registers, and they begin anew.
    RegisterRescaled,
    /// A register fell, and begins anew there.
    RegisterReset,
    /// A register counted ten times what was measured, again and again: its scale is wrong.
    RegisterTenTimes,
    /// A register counted a tenth of what was measured: its scale is wrong.
    RegisterTenth,
    /// A register went through the end of its digits.
    RegisterWrapped,
}

impl IncidentKind {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClockStepped => "clock_stepped",
            Self::MeterExchanged => "meter_exchanged",
            Self::MeterIdChanged => "meter_id_changed",
            Self::RegisterDoubted => "register_doubted",
            Self::RegisterJumped => "register_jumped",
            Self::RegisterOutran => "register_outran",
            Self::RegisterRepeated => "register_repeated",
            Self::RegisterRescaled => "register_rescaled",
            Self::RegisterReset => "register_reset",
            Self::RegisterTenTimes => "register_ten_times",
            Self::RegisterTenth => "register_tenth",
            Self::RegisterWrapped => "register_wrapped",
        }
    }
}

/// Something unusual, when and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The instant it concerns.
    pub at: UtcMillis,
    /// When the message arrived that told it.
    pub received: UtcMillis,
    /// The register it concerns; `None` for the meter as a whole.
    pub register: Option<Register>,
    /// What it is.
    pub kind: IncidentKind,
}

/// What the ledger writes down. The entries of one message and the ledger after it belong into
/// one transaction: then nothing is settled twice or lost, whenever the machine stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Something unusual.
    Incident(Incident),
    /// A quarter, provisional or settled. A settled one comes once.
    Interval(Interval),
    /// An official reading to be kept: the first, and the first in every quarter.
    Register(Register, Official),
}

/// The books of one meter. Serialise it to stop and go on later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    meter: Option<MeterId>,
    accounts: PerRegister<Account>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

impl Ledger {
    /// Empty books.
    pub fn new() -> Self {
        Self {
            meter: None,
            accounts: PerRegister {
                active_import: Account::new(Register::ActiveImport),
                active_export: Account::new(Register::ActiveExport),
                reactive_import: Account::new(Register::ReactiveImport),
                reactive_export: Account::new(Register::ReactiveExport),
            },
        }
    }

    /// Takes a message. Pure: the same samples give the same entries.
    ///
    /// Nothing is booked while the receiver's clock is not set, that is before 2020.
    pub fn apply(&mut self, sample: &Sample, out: &mut Vec<Entry>) {
        if !sample.received.is_sane() {
            return;
        }
        self.meet(sample, out);
        let near = |at: UtcMillis| {
            if at.since(sample.received).saturating_abs() > TRUSTED_MS {
                sample.received
            } else {
                at
            }
        };
        let at = near(sample.at);
        for register in Register::ALL {
            if let Some(mw) = *sample.power_mw.of(register) {
                self.accounts.of_mut(register).power(at, mw);
            }
        }
        self.read(sample, out);
        for register in Register::ALL {
            self.accounts.of_mut(register).announce(at, out);
        }
    }

    /// The quarters of a register that are not settled, as they stand now, in order.
    pub fn open(&self, register: Register) -> impl Iterator<Item = Interval> {
        self.accounts.of(register).open()
    }

    /// Watt-hours that registers back in the quarter of the last reading, which is open. The
    /// settled intervals and this add up to the difference of the last and the first reading.
    pub const fn booked_wh(&self, register: Register) -> i64 {
        self.accounts.of(register).booked_wh()
    }

    /// The register as it would read now; `None` before its first official reading.
    pub const fn running(&self, register: Register) -> Option<&Running> {
        self.accounts.of(register).running()
    }

    /// The meter's number as last seen.
    pub const fn meter(&self) -> Option<&MeterId> {
        self.meter.as_ref()
    }

    /// The scale of the registers changes, by the user's settings or because it was found to be
    /// wrong: the next readings are new beginnings, as after an exchange.
    pub fn rescale(&mut self) {
        for register in Register::ALL {
            self.accounts.of_mut(register).expect(Expected::OtherScale);
        }
    }

    fn meet(&mut self, sample: &Sample, out: &mut Vec<Entry>) {
        let Some(meter) = sample.meter else { return };
        if self.meter.replace(meter).is_none_or(|before| before == meter) {
            return;
        }
        for register in Register::ALL {
            self.accounts.of_mut(register).expect(Expected::OtherNumber);
        }
        out.push(Entry::Incident(Incident {
            at: sample.at,
            received: sample.received,
            register: None,
            kind: IncidentKind::MeterIdChanged,
        }));
    }

    fn read(&mut self, sample: &Sample, out: &mut Vec<Entry>) {
        // a register cannot be read before it stands so
        let age = sample.received.since(sample.registers_at);
        let sound = (-TRUSTED_MS..=OLDEST_MS).contains(&age);
        let at = if sound { sample.registers_at } else { sample.received };
        let official = |value| Official { at, received: sample.received, value };
        // a repeated list repeats all of its registers, also those that stood still anyway
        let is_repeated = |account: &Account, official: &Official| {
            account.stands_still(official) && account.judge(official) == Some(Verdict::Repeated)
        };
        let repeated = Register::ALL.iter().any(|&register| {
            let value = *sample.registers.of(register);
            value.is_some_and(|v| is_repeated(self.accounts.of(register), &official(v)))
        });
        for register in Register::ALL {
            let Some(value) = *sample.registers.of(register) else { continue };
            let official = official(value);
            let account = self.accounts.of_mut(register);
            if repeated && account.stands_still(&official) && !is_repeated(account, &official) {
                continue;
            }
            account.official(official, out);
        }
    }
}

#[cfg(test)]
mod tests;
