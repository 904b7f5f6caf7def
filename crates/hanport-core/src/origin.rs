//! How a message came: framing, checksum, ciphering, and what was unusual about it.

/// The eight octets by which a ciphering meter names itself: maker code and serial number.
pub type SystemTitle = [u8; 8];

/// How the message was framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// A bare DLMS APDU, with or without the LLC octets.
    Dlms,
    /// A text telegram: DSMR P1 or IEC 62056-21.
    Dsmr,
    /// General block transfer over HDLC.
    Gbt,
    /// HDLC frames of type 3.
    Hdlc,
    /// Wired M-Bus long frames.
    Mbus,
    /// The SML transport.
    Sml,
}

impl Framing {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dlms => "dlms",
            Self::Dsmr => "dsmr",
            Self::Gbt => "gbt",
            Self::Hdlc => "hdlc",
            Self::Mbus => "mbus",
            Self::Sml => "sml",
        }
    }
}

/// What a checksum says about the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// The framing has no checksum, or the sender left it out.
    Absent,
    /// It was computed and fits.
    Valid,
    /// Header and frame check are zero: the sender does not compute them.
    Zero,
}

/// Whether the sender is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Authenticity {
    /// Not ciphered.
    Plain,
    /// Ciphered without tag, or the key to check the tag is not set.
    Unverified,
    /// The authentication tag was checked.
    Verified,
}

impl Authenticity {
    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Unverified => "unverified",
            Self::Verified => "verified",
        }
    }
}

/// How a message was ciphered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ciphering {
    /// The security control octet.
    pub control: u8,
    /// The sender's system title; zeros where the sender leaves it out.
    pub system_title: SystemTitle,
    /// The invocation counter.
    pub invocation_counter: u32,
}

/// Something unusual that does not make the values wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Oddity {
    /// The meter says that its clock is wrong.
    ClockInvalid,
    /// The invocation counter went back.
    CounterWentBack,
    /// A line of a telegram with a valid checksum could not be read.
    LineBroken,
    /// The two keys are set the wrong way round.
    KeysSwapped,
    /// The same ciphered message came again.
    Repeated,
    /// Two octets of a type tag are swapped, as one firmware does.
    TagSwapped,
    /// Octets follow the data that do not belong to it.
    TrailingOctets,
    /// The scale of a value was chosen because it is plausible, not because it was stated.
    ScaleAssumed,
}

/// A set of [`Oddity`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities(u16);

impl Oddities {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Adds one.
    pub const fn add(&mut self, oddity: Oddity) {
        self.0 |= 1 << oddity as u8;
    }

    /// Whether `oddity` is in the set.
    pub const fn has(self, oddity: Oddity) -> bool {
        self.0 & (1 << oddity as u8) != 0
    }
}
