//! Makers of meters, recognised by the three-letter code of the FLAG association.

use core::fmt;

macro_rules! makers {
    ($($name:ident = $text:literal, [$($flag:literal),*];)*) => {
        /// A maker of meters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "company names")]
        pub enum Manufacturer {
            $($name,)*
        }

        impl Manufacturer {
            /// The maker behind a FLAG code, as it stands in system titles, logical device
            /// names and identification lines. Case matters not.
            pub fn from_flag(flag: &[u8]) -> Option<Self> {
                $($(if flag.eq_ignore_ascii_case($flag) {
                    return Some(Self::$name);
                })*)*
                None
            }

            /// The name people know.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

makers! {
    Aidon = "Aidon", [b"ADN"];
    EasyMeter = "EasyMeter", [b"ESY"];
    Elgama = "Elgama", [b"EGM", b"ELG"];
    Elster = "Elster", [b"ELS", b"ABB"];
    Emh = "EMH", [b"EMH"];
    Holley = "Holley", [b"HLY"];
    Iskraemeco = "Iskraemeco", [b"ISK"];
    Itron = "Itron", [b"ITR", b"ACE", b"SLB"];
    Kaifa = "Kaifa", [b"KFM", b"KAI"];
    Kamstrup = "Kamstrup", [b"KAM", b"KMP"];
    LandisGyr = "Landis+Gyr", [b"LGZ", b"LGF", b"LGB", b"LUG"];
    Logarex = "Logarex", [b"LOG"];
    Nes = "NES", [b"NES"];
    Sagemcom = "Sagemcom", [b"SAG", b"SAC"];
    Siemens = "Siemens", [b"SIE", b"LOE"];
    WarmteLink = "WarmteLink", [b"NWA"];
    Zpa = "ZPA", [b"ZPA"];
}

impl fmt::Display for Manufacturer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn makers_are_known_by_every_code_in_any_case() {
        for (flag, name) in [
            (b"ADN", "Aidon"),
            (b"isk", "Iskraemeco"),
            (b"SLB", "Itron"),
            (b"Kai", "Kaifa"),
            (b"LGF", "Landis+Gyr"),
            (b"LOE", "Siemens"),
        ] {
            assert_eq!(Manufacturer::from_flag(flag).map(|m| m.to_string()).as_deref(), Some(name));
        }
        assert_eq!(Manufacturer::from_flag(b"XXX"), None);
        assert_eq!(Manufacturer::from_flag(b"ADNX"), None);
    }
}
