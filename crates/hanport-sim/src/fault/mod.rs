//! Faults: what goes wrong on the way from a meter to its reader, each with a time window and a
//! probability.
//!
//! ```text
//! list     other scales, other texts, odd lines
//! cipher   wrong keys, counters that step back
//! frame    broken checks, lost segments, shared flags
//! octets   bit errors, bursts, lost and doubled octets, silence
//! ```
//!
//! Every fault of a plan draws from its own generator.

pub(crate) mod frame;
pub(crate) mod octets;
pub mod uart;

use std::fmt;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $stage:ident, $costs:ident;)*) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FaultId {
            $($(#[doc = $doc])+ $name,)*
        }

        impl FaultId {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Where on the way it strikes.
            pub(crate) const fn stage(self) -> Stage {
                match self { $(Self::$name => Stage::$stage,)* }
            }

            /// What it costs the reader.
            pub const fn cost(self) -> Cost {
                match self { $(Self::$name => Cost::$costs,)* }
            }
        }
    };
}

/// What a fault costs a reader that does everything right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// The message it strikes.
    Message,
    /// Nothing: every message still reads.
    Nothing,
    /// The message it strikes, or not: that depends on chance.
    Perhaps,
}

/// Where on the way a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Cipher,
    Frame,
    List,
    Octets,
}

faults! {
    /// The ciphered header stands in front of plaintext.
    AlreadyPlain = "already_plain", Cipher, Perhaps;
    /// Currents change from 0.01 A to mA.
    AmpMilli = "amp_mA", List, Perhaps;
    /// The frame check fails.
    BadFcs = "bad_fcs", Frame, Message;
    /// The header check fails, the frame check fits.
    BadHcsGoodFcs = "bad_hcs_good_fcs", Frame, Message;
    /// Independent bit errors; the probability is that of one bit.
    BitFlip = "bitflip", Octets, Perhaps;
    /// A line that is no line, under a valid checksum.
    BrokenLine = "broken_line", List, Nothing;
    /// Octets of every message change because the bus sags under load.
    BrownOut = "brown_out", Octets, Perhaps;
    /// 5 to 50 ms of random octets over the message.
    Burst = "burst", Octets, Perhaps;
    /// No digits behind the exclamation mark.
    CrcAbsent = "crc_absent", Frame, Nothing;
    /// Checksum digits in lower case.
    CrcLower = "crc_lower", Frame, Nothing;
    /// Checksum digits without leading zeros.
    CrcUnpadded = "crc_unpadded", Frame, Nothing;
    /// Every 0A becomes 0D 0A, as a bridge in text mode does.
    CrlfMangle = "crlf_mangle", Octets, Perhaps;
    /// Two flags between frames.
    DoubleFlag = "double_flag", Frame, Nothing;
    /// Octets go missing.
    DropBytes = "drop_bytes", Octets, Perhaps;
    /// Octets come twice.
    DupBytes = "dup_bytes", Octets, Perhaps;
    /// The whole message comes twice.
    Duplicate = "duplicate", Octets, Nothing;
    /// The ciphertext contains the marks of a telegram.
    EmbeddedBang = "embedded_bang", Cipher, Nothing;
    /// Registers change from 10 Wh to 1 Wh.
    EnergyOneWh = "energy_1Wh", List, Perhaps;
    /// The hourly list repeats clock and registers of the hour before.
    HourRepeated = "hour_repeated", List, Nothing;
    /// A text message of 2048 digits.
    HugeText = "huge_text", List, Nothing;
    /// The invocation counter leaps ahead.
    IcJump = "ic_jump", Cipher, Nothing;
    /// The invocation counter stays.
    IcRepeat = "ic_repeat", Cipher, Perhaps;
    /// The invocation counter starts again.
    IcReset = "ic_reset", Cipher, Perhaps;
    /// The system title stands where the meter number was.
    IdOverwritten = "id_overwritten", List, Nothing;
    /// FF and 00 between messages.
    IdleNoise = "idle_noise", Octets, Perhaps;
    /// Line feeds alone; the checksum was computed with carriage returns.
    LfOnly = "lf_only", Frame, Perhaps;
    /// Line feeds alone, and the checksum fits them.
    LfOnlyChecked = "lf_only_checked", Frame, Nothing;
    /// A segment or block in the middle is missing.
    LostSegment = "lost_segment", Frame, Message;
    /// The meter authenticates with a key the reader was not given.
    MissingAk = "missing_ak", Cipher, Perhaps;
    /// The first frame is one octet longer than its length field can say.
    OverflowLength = "overflow_L", Frame, Nothing;
    /// Values that contain 7E.
    PayloadFlags = "payload_7e", List, Nothing;
    /// Supply and meter stop for the window; the message being sent breaks off.
    PowerCut = "power_cut", Octets, Perhaps;
    /// Blocks come twice, or the transfer starts again.
    ReorderBlocks = "reorder_gbt", Frame, Nothing;
    /// One flag between two frames that follow one another.
    SharedFlag = "shared_flag", Frame, Nothing;
    /// A frame without information in front.
    ShortFrame = "short_frame", Frame, Nothing;
    /// Nothing is sent.
    Silence = "silence", Octets, Message;
    /// Encryption and authentication key change places.
    SwappedKeys = "swapped_keys", Cipher, Perhaps;
    /// A payload whose right frame check is 0000.
    TrueZeroFcs = "true_zero_fcs", Frame, Nothing;
    /// The message ends early.
    Truncate = "truncate", Octets, Message;
    /// Codes that nobody knows.
    UnknownCodes = "unknown_obis", List, Nothing;
    /// Voltages in whole volts.
    VoltInt = "volt_int", List, Perhaps;
    /// Voltages in hundredths of a volt.
    VoltTimes100 = "volt_x100", List, Perhaps;
    /// The meter encrypts with a key the reader was not given.
    WrongKey = "wrong_key", Cipher, Message;
    /// Header and frame check are 0000.
    ZeroChecksum = "zero_checksum", Frame, Nothing;
}

impl FaultId {
    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.name() == name)
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A fault in a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What happens.
    pub id: FaultId,
    /// From when, ns since the start of the scenario.
    pub from_ns: u64,
    /// Until before when.
    pub until_ns: u64,
    /// Of a message being struck; of a single bit for bit errors.
    pub probability: f64,
}

impl Fault {
    /// For ever, with this probability.
    pub const fn with_probability(id: FaultId, probability: f64) -> Self {
        Self { id, from_ns: 0, until_ns: u64::MAX, probability }
    }

    /// For ever, on every message.
    pub const fn always(id: FaultId) -> Self {
        Self::with_probability(id, 1.0)
    }

    /// On every message of a window.
    pub const fn within(id: FaultId, from_ns: u64, until_ns: u64) -> Self {
        Self { id, from_ns, until_ns, probability: 1.0 }
    }

    /// Whether `at` lies in its window.
    pub const fn covers(&self, at: u64) -> bool {
        self.from_ns <= at && at < self.until_ns
    }
}

/// A set of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultSet(u64);

impl FaultSet {
    /// Adds one.
    pub const fn add(&mut self, id: FaultId) {
        self.0 |= 1 << id as u8;
    }

    /// Whether it is in the set.
    pub const fn has(self, id: FaultId) -> bool {
        self.0 & (1 << id as u8) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in the set.
    pub fn iter(self) -> impl Iterator<Item = FaultId> {
        FaultId::ALL.iter().copied().filter(move |id| self.has(*id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_fault_and_sets_keep_apart() {
        assert!(FaultId::ALL.len() <= 64);
        for id in FaultId::ALL {
            assert_eq!(FaultId::from_name(id.name()), Some(*id));
            let mut set = FaultSet::default();
            set.add(*id);
            assert_eq!(set.iter().collect::<Vec<_>>(), vec![*id]);
        }
    }
}
