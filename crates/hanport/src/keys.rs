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

fn read(name: &str, text: Option<&str>) -> anyhow::Result<Option<Key>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let key = text.parse::<Key>().map_err(|error| {
        anyhow!("{error}; a key looks like 000102030405060708090A0B0C0D0E0F, in any spacing")
    });
    key.map(Some).with_context(|| format!("the key given with {name} is no key"))
}
