//! Keys and the hint about the meter, as they are given on the command line.

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use hanport_core::cipher::key::Key;
use hanport_core::family::Hint;
use hanport_core::session::push::Options;

/// What the user knows about the meter.
#[derive(Args)]
pub(crate) struct KeyArgs {
    /// The encryption key (EK, GUEK, block cipher key): 32 hexadecimal digits
    ///
    /// Blanks, colons, dashes, quotation marks and a leading 0x are passed over. The two keys may
    /// be given either way round. Better given as `HANPORT_KEY`: other users of this machine can
    /// see the command line.
    #[arg(long, value_name = "HEX", env = "HANPORT_KEY", hide_env_values = true)]
    key: Option<String>,
    /// The authentication key (AK, GAK), where there is one
    #[arg(long, value_name = "HEX", env = "HANPORT_AUTH_KEY", hide_env_values = true)]
    auth_key: Option<String>,
    /// What the message alone cannot tell
    #[arg(long, value_name = "HINT", value_enum)]
    meter_hint: Option<MeterHint>,
}

/// What the message alone cannot tell.
#[derive(Clone, Copy, ValueEnum)]
enum MeterHint {
    /// Energy registers without a stated scale count 10 Wh
    #[value(name = "energy-10wh")]
    Energy10Wh,
    /// Energy registers without a stated scale count 1 Wh
    #[value(name = "energy-1wh")]
    EnergyWh,
}

impl KeyArgs {
    /// The options for a session; the error says what is wrong with a key and never shows it.
    pub(crate) fn options(&self) -> anyhow::Result<Options> {
        Ok(Options {
            encryption_key: read("--key", self.key.as_deref())?,
            authentication_key: read("--auth-key", self.auth_key.as_deref())?,
            hint: self.meter_hint.map(|hint| match hint {
                MeterHint::Energy10Wh => Hint::Energy10Wh,
                MeterHint::EnergyWh => Hint::EnergyWh,
            }),
        })
    }
}

/// The octets of a key that a simulated meter is to have.
pub(crate) fn octets(name: &str, text: &str) -> anyhow::Result<[u8; 16]> {
    read(name, Some(text))?.with_context(|| format!("the key given with {name} is empty"))?;
    let digits = text.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let digits = digits.trim_start_matches("0x").trim_start_matches("0X");
    let mut digits = digits.chars().filter_map(|c| c.to_digit(16));
    let mut octets = [0u8; 16];
    for octet in &mut octets {
        let high = digits.next().unwrap_or(0);
        let low = digits.next().unwrap_or(0);
        *octet = u8::try_from(high << 4 | low).unwrap_or(0);
    }
    Ok(octets)
}

fn read(name: &str, text: Option<&str>) -> anyhow::Result<Option<Key>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let key = text.parse::<Key>().map_err(|error| {
        anyhow!("{error}; a key looks like 000102030405060708090A0B0C0D0E0F, in any spacing")
    });
    key.map(Some).with_context(|| format!("the key given with {name} is no key"))
}
