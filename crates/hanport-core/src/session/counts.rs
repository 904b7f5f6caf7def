//! What a session has seen so far.

use crate::fault::Cause;

/// Counts since the session began. They only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that became readings.
    pub readings: u64,
    /// Faults told, by their class.
    pub faults: FaultCounts,
    /// Octets that belong to no message and no frame.
    pub skipped: u64,
    /// Frames that passed their checks and carry no data: polls, acknowledgements.
    pub quiet_frames: u64,
    /// Ciphered messages that came again.
    pub repeated: u64,
    /// Ciphered messages whose invocation counter went back.
    pub went_back: u64,
}

/// Faults by their class ([`Cause::class`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// The authentication tag does not fit.
    pub auth_failed: u64,
    /// Contradicts itself, unknown or too long.
    pub invalid: u64,
    /// Encrypted, and no key is set.
    pub needs_key: u64,
    /// Stretches without any framing.
    pub not_data: u64,
    /// Cut off, or a part is missing.
    pub truncated: u64,
    /// A checksum does not fit.
    pub wrong_crc: u64,
    /// The encryption key is wrong.
    pub wrong_key: u64,
}

impl FaultCounts {
    /// All faults together.
    pub const fn total(&self) -> u64 {
        self.auth_failed
            + self.invalid
            + self.needs_key
            + self.not_data
            + self.truncated
            + self.wrong_crc
            + self.wrong_key
    }

    pub(super) const fn add(&mut self, cause: &Cause) {
        let count = match cause {
            Cause::AuthenticationFailed => &mut self.auth_failed,
            Cause::FrameCheck { .. } | Cause::HeaderCheck { .. } | Cause::NoEnd { .. } => {
                &mut self.wrong_crc
            }
            Cause::NeedsKey => &mut self.needs_key,
            Cause::NoFrame { .. } => &mut self.not_data,
            Cause::PartMissing | Cause::Truncated { .. } => &mut self.truncated,
            Cause::Malformed
            | Cause::TooLong { .. }
            | Cause::TooManyValues(_)
            | Cause::UnknownList { .. }
            | Cause::Unsupported(_) => &mut self.invalid,
            Cause::WrongKey => &mut self.wrong_key,
        };
        *count += 1;
    }
}
