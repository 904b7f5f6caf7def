//! What the user says about the meter when the message alone cannot decide.

use crate::manufacturer::Manufacturer;

/// What the user says about the meter when the message alone cannot decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Currents without a stated scale count 10 mA.
    Current10Ma,
    /// Currents without a stated scale count 1 mA, as in meters with current transformers.
    CurrentMa,
    /// Energy registers without a stated scale count 10 Wh.
    Energy10Wh,
    /// Energy registers without a stated scale count 1 Wh.
    EnergyWh,
    /// The meter is of this make: its scales hold where the list neither states them nor says
    /// whose it is.
    Family(Manufacturer),
}

impl Hint {
    /// All hints with the names people write.
    pub const ALL: [(&'static str, Self); 10] = [
        ("current-10ma", Self::Current10Ma),
        ("current-ma", Self::CurrentMa),
        ("energy-10wh", Self::Energy10Wh),
        ("energy-wh", Self::EnergyWh),
        ("aidon", Self::Family(Manufacturer::Aidon)),
        ("iskraemeco", Self::Family(Manufacturer::Iskraemeco)),
        ("kaifa", Self::Family(Manufacturer::Kaifa)),
        ("kamstrup", Self::Family(Manufacturer::Kamstrup)),
        ("landis-gyr", Self::Family(Manufacturer::LandisGyr)),
        ("sagemcom", Self::Family(Manufacturer::Sagemcom)),
    ];

    /// The hint of that name; case matters not. `None` for other words.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text))
            .map(|(_, hint)| hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_other_words_refused() {
        assert_eq!(Hint::from_text("Energy-Wh"), Some(Hint::EnergyWh));
        assert_eq!(Hint::from_text("kaifa"), Some(Hint::Family(Manufacturer::Kaifa)));
        assert_eq!(Hint::from_text("energy"), None);
    }
}
