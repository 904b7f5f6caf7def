//! Units: the DLMS enumeration (IEC 62056-6-2, table of physical units) as far as meters use it.

use core::fmt;

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $symbol:literal;)*) => {
        /// A physical unit, always without prefix once a value has been read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Unit {
            $($(#[$doc])* $name = $code,)*
        }

        impl Unit {
            /// The unit with this DLMS code; codes outside the table are refused.
            pub const fn from_code(code: u8) -> Option<Self> {
                if code == Self::Gigajoule as u8 {
                    return None;
                }
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The symbol people write; empty for a plain count.
            pub const fn symbol(self) -> &'static str {
                match self {
                    $(Self::$name => $symbol,)*
                }
            }
        }
    };
}

units! {
    /// Years.
    Year = 1, "a";
    /// Months.
    Month = 2, "mo";
    /// Weeks.
    Week = 3, "wk";
    /// Days.
    Day = 4, "d";
    /// Hours.
    Hour = 5, "h";
    /// Minutes.
    Minute = 6, "min";
    /// Seconds.
    Second = 7, "s";
    /// Degrees of a phase angle.
    Degree = 8, "deg";
    /// Degrees Celsius.
    Celsius = 9, "degC";
    /// The local currency.
    Currency = 10, "currency";
    /// Metres.
    Metre = 11, "m";
    /// Metres a second.
    MetrePerSecond = 12, "m/s";
    /// Cubic metres.
    CubicMetre = 13, "m3";
    /// Cubic metres, corrected to standard conditions.
    CorrectedCubicMetre = 14, "m3";
    /// Cubic metres an hour.
    CubicMetrePerHour = 15, "m3/h";
    /// Litres.
    Litre = 19, "l";
    /// Kilograms.
    Kilogram = 20, "kg";
    /// Pascals.
    Pascal = 23, "Pa";
    /// Bars.
    Bar = 24, "bar";
    /// Joules.
    Joule = 25, "J";
    /// Joules an hour.
    JoulePerHour = 26, "J/h";
    /// Watts: active power.
    Watt = 27, "W";
    /// Volt-amperes: apparent power.
    VoltAmpere = 28, "VA";
    /// Reactive volt-amperes: reactive power.
    Var = 29, "var";
    /// Watt-hours: active energy.
    WattHour = 30, "Wh";
    /// Volt-ampere-hours: apparent energy.
    VoltAmpereHour = 31, "VAh";
    /// Reactive volt-ampere-hours: reactive energy.
    VarHour = 32, "varh";
    /// Amperes.
    Ampere = 33, "A";
    /// Coulombs.
    Coulomb = 34, "C";
    /// Volts.
    Volt = 35, "V";
    /// Hertz.
    Hertz = 44, "Hz";
    /// Pulses a watt-hour.
    PulsePerWattHour = 45, "imp/Wh";
    /// Pulses a reactive volt-ampere-hour.
    PulsePerVarHour = 46, "imp/varh";
    /// Volt-squared-hours.
    VoltSquaredHour = 48, "V2h";
    /// Ampere-squared-hours.
    AmpereSquaredHour = 49, "A2h";
    /// Kelvins.
    Kelvin = 52, "K";
    /// Per cent.
    Percent = 56, "%";
    /// Ampere-hours.
    AmpereHour = 57, "Ah";
    /// Decibel-milliwatts.
    DecibelMilliwatt = 70, "dBm";
    /// Gigajoules, the unit in which heat is metered and billed. It stands in no DLMS table and
    /// has no code on a wire.
    Gigajoule = 254, "GJ";
    /// A count or a ratio.
    Count = 255, "";
}

impl Unit {
    /// The unit that a text telegram prints, and the power of ten of its prefix:
    /// `kWh` is (watt-hour, 3).
    ///
    /// Heat is `GJ` or `MJ` and stays in gigajoules. Letters count in either case (`kvar`, `kVAr`), except that a small `m` is milli and a
    /// capital one mega where both can stand (`mA`, `MW`).
    pub fn from_text(text: &[u8]) -> Option<(Self, i8)> {
        match text {
            b"GJ" => return Some((Self::Gigajoule, 0)),
            b"MJ" => return Some((Self::Gigajoule, -3)),
            b"dm3" => return Some((Self::CubicMetre, -3)),
            _ => {}
        }
        let mut lower = [0u8; 6];
        let lower = lower.get_mut(..text.len())?;
        lower.copy_from_slice(text);
        lower.make_ascii_lowercase();
        if let Some(unit) = plain(lower) {
            return Some((unit, 0));
        }
        let (first, rest) = text.split_first()?;
        let prefix = match first {
            b'k' | b'K' => 3,
            b'M' => 6,
            b'm' => -3,
            b'G' | b'g' => 9,
            _ => return None,
        };
        let unit = plain(lower.get(1..=rest.len())?)?;
        Some((unit, prefix))
    }
}

fn plain(lower: &[u8]) -> Option<Unit> {
    Some(match lower {
        b"w" => Unit::Watt,
        b"wh" => Unit::WattHour,
        b"var" => Unit::Var,
        b"varh" => Unit::VarHour,
        b"va" => Unit::VoltAmpere,
        b"vah" => Unit::VoltAmpereHour,
        b"v" => Unit::Volt,
        b"a" => Unit::Ampere,
        b"hz" => Unit::Hertz,
        b"m3" => Unit::CubicMetre,
        b"l" => Unit::Litre,
        b"j" => Unit::Joule,
        b"s" => Unit::Second,
        b"h" => Unit::Hour,
        b"min" => Unit::Minute,
        b"%" => Unit::Percent,
        b"deg" => Unit::Degree,
        b"k" => Unit::Kelvin,
        _ => return None,
    })
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_honoured_and_case_is_not() {
        assert_eq!(Unit::from_text(b"kWh"), Some((Unit::WattHour, 3)));
        assert_eq!(Unit::from_text(b"kVArh"), Some((Unit::VarHour, 3)));
        assert_eq!(Unit::from_text(b"mA"), Some((Unit::Ampere, -3)));
        assert_eq!(Unit::from_text(b"MW"), Some((Unit::Watt, 6)));
        assert_eq!(Unit::from_text(b"GJ"), Some((Unit::Gigajoule, 0)));
        assert_eq!(Unit::from_text(b"MJ"), Some((Unit::Gigajoule, -3)));
        assert_eq!(Unit::from_text(b"dm3"), Some((Unit::CubicMetre, -3)));
        assert_eq!(Unit::from_text(b"m3"), Some((Unit::CubicMetre, 0)));
        assert_eq!(Unit::from_text(b"furlong"), None);
        assert_eq!(Unit::from_text(b""), None);
    }

    #[test]
    fn texts_of_other_media_and_of_angles_and_times_are_known() {
        for (text, unit) in [
            (&b"kVAh"[..], (Unit::VoltAmpereHour, 3)),
            (b"l", (Unit::Litre, 0)),
            (b"J", (Unit::Joule, 0)),
            (b"s", (Unit::Second, 0)),
            (b"h", (Unit::Hour, 0)),
            (b"min", (Unit::Minute, 0)),
            (b"%", (Unit::Percent, 0)),
            (b"deg", (Unit::Degree, 0)),
            (b"K", (Unit::Kelvin, 0)),
            (b"GWh", (Unit::WattHour, 9)),
        ] {
            assert_eq!(Unit::from_text(text), Some(unit), "{text:?}");
        }
    }

    #[test]
    fn codes_go_there_and_back() {
        for code in 0..=255 {
            if let Some(unit) = Unit::from_code(code) {
                assert_eq!(unit as u8, code);
            }
        }
        assert_eq!(Unit::from_code(Unit::Gigajoule as u8), None);
    }
}
