//! Meters and their sources.

use std::fs;
use std::path::{Path, PathBuf};

use hanport_core::family::Hint;
use hanport_engine::state::{Multipliers, Net, Settings};
use serde_json::Number;

use super::{Meaning, in_units};
use crate::config::meant::{Keys, Line, MeterConfig, Pace, SourceConfig};
use crate::config::nearest::nearest;
use crate::config::raw::{RawMeter, RawSource};
use crate::config::text;

/// Where the system keeps names of serial ports that do not change.
const BY_ID: &str = "/dev/serial/by-id";

impl Meaning<'_> {
    pub(super) fn meters(&mut self, raw: &[RawMeter]) -> Vec<MeterConfig> {
        let meters: Vec<MeterConfig> = raw
            .iter()
            .enumerate()
            .map(|(at, raw)| {
                let path = self.part("meter", at);
                self.meter(&path, raw)
            })
            .collect();
        self.clashes(&meters);
        meters
    }

    fn meter(&mut self, path: &str, raw: &RawMeter) -> MeterConfig {
        let keys = Keys {
            encryption: self.key(&format!("{path}.encryption_key"), raw.encryption_key.as_deref()),
            authentication: self
                .key(&format!("{path}.authentication_key"), raw.authentication_key.as_deref()),
        };
        if raw.encryption_key.is_none() && raw.authentication_key.is_some() {
            self.warn(
                &format!("{path}.authentication_key"),
                "the authentication key alone reads nothing",
                "add the `encryption_key`: the two come together",
            );
        }
        let source = self.source(&format!("{path}.source"), &raw.source);
        let multiplier = &raw.multiplier;
        let settings = Settings {
            net: match raw.net.as_str() {
                "it_tt_230" => Some(Net::Delta230),
                "tn_400" => Some(Net::Star400),
                _ => None,
            },
            fuse_a: raw.fuse_a,
            production_w: raw.production_w,
            clock_family: (raw.clock != "auto").then(|| raw.clock.clone()),
            multipliers: Multipliers {
                power: thousandths(&multiplier.power),
                voltage: thousandths(&multiplier.voltage),
                current: thousandths(&multiplier.current),
                energy: thousandths(&multiplier.energy),
            },
            no_estimated_current: !raw.estimate_current,
        };
        MeterConfig {
            id: raw.id.clone(),
            name: if raw.name.trim().is_empty() { raw.id.clone() } else { raw.name.clone() },
            source,
            settings,
            keys,
            hint: Hint::from_text(&raw.hint),
            record: raw.record.as_ref().map(PathBuf::from),
        }
    }

    fn source(&mut self, path: &str, raw: &RawSource) -> SourceConfig {
        let line = |line: &str| text::line(line).unwrap_or(Line::Auto);
        match raw {
            RawSource::File { path: file, speed, repeat } => {
                self.readable(&format!("{path}.path"), Path::new(file));
                SourceConfig::File { path: file.into(), pace: pace(speed), again: *repeat }
            }
            RawSource::Mqtt { broker, topic } => {
                self.broker_of(&format!("{path}.broker"), broker);
                SourceConfig::Mqtt { broker: broker.clone(), topic: topic.clone() }
            }
            RawSource::Rfc2217 { connect, line: set } => {
                SourceConfig::Rfc2217 { connect: connect.clone(), line: line(set) }
            }
            RawSource::Serial { port, line: set } => {
                self.port(&format!("{path}.port"), Path::new(port));
                SourceConfig::Serial { port: port.into(), line: line(set) }
            }
            RawSource::Simulator { meter, speed, seed } => {
                SourceConfig::Simulator { meter: meter.clone(), pace: pace(speed), seed: *seed }
            }
            RawSource::Stdin {} => SourceConfig::Standard,
            RawSource::Tcp { connect } => SourceConfig::TcpConnect { connect: connect.clone() },
            RawSource::TcpListen { listen } => match text::listen(listen) {
                Ok(listen) => SourceConfig::TcpListen { listen },
                // it has been looked at already
                Err(_) => SourceConfig::Standard,
            },
        }
    }

    fn broker_of(&mut self, path: &str, broker: &str) {
        let ids = self.walked.ids.get("mqtt").cloned().unwrap_or_default();
        if ids.iter().any(|id| id == broker) {
            return;
        }
        let remedy = match nearest(broker, ids.iter().map(String::as_str)) {
            Some(it) => format!("did you mean `{it}`?"),
            None if ids.is_empty() => {
                format!("add a broker: `[[mqtt]]` with `id = \"{broker}\"` and `host`")
            }
            None => format!("there are {}", ids.join(", ")),
        };
        self.error(path, format!("there is no broker `{broker}`"), remedy);
    }

    /// Says when a port is not there now, or has a name that may change.
    fn port(&mut self, path: &str, port: &Path) {
        let names: Vec<PathBuf> = fs::read_dir(BY_ID)
            .map(|names| names.flatten().map(|name| name.path()).collect())
            .unwrap_or_default();
        let Ok(device) = fs::canonicalize(port) else {
            let there: Vec<String> = names.iter().map(|name| name.display().to_string()).collect();
            let remedy = if there.is_empty() {
                "plug it in; it is taken as soon as it is there".to_owned()
            } else {
                format!("plug it in, or take {}", there.join(" or "))
            };
            self.warn(path, format!("{} is not there now", port.display()), remedy);
            return;
        };
        let lasting = names.iter().find(|name| fs::canonicalize(name).is_ok_and(|it| it == device));
        if let Some(lasting) = lasting.filter(|_| port.starts_with("/dev/") && port == device) {
            self.warn(
                path,
                format!("{} may be another port after the next start", port.display()),
                format!("write \"{}\": it is always this one", lasting.display()),
            );
        }
    }

    /// Says when two meters want the same thing.
    fn clashes(&mut self, meters: &[MeterConfig]) {
        let mut taken: Vec<(String, &str)> = Vec::new();
        for (at, meter) in meters.iter().enumerate() {
            let part = self.part("meter", at);
            let wants = [
                source_wanted(&meter.source).map(|(key, what)| (format!("source.{key}"), what)),
                meter
                    .record
                    .as_ref()
                    .map(|file| ("record".to_owned(), format!("the file {}", file.display()))),
            ];
            for (key, what) in wants.into_iter().flatten() {
                if let Some((_, first)) = taken.iter().find(|(other, _)| *other == what) {
                    let message = if *first == meter.id {
                        format!("{what} is the source and the record at once")
                    } else {
                        format!("{what} belongs to the meter `{first}` already")
                    };
                    self.error(&format!("{part}.{key}"), message, "give every meter its own");
                } else {
                    taken.push((what, &meter.id));
                }
            }
        }
    }
}

/// What only one meter can have of a source.
fn source_wanted(source: &SourceConfig) -> Option<(&'static str, String)> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    Some(match source {
        SourceConfig::File { path, .. } => ("path", format!("the file {}", path.display())),
        SourceConfig::Mqtt { broker, topic } => {
            ("topic", format!("the topic {topic} of the broker {broker}"))
        }
        SourceConfig::Rfc2217 { connect, .. } | SourceConfig::TcpConnect { connect } => {
            ("connect", format!("the connection to {connect}"))
        }
        SourceConfig::Serial { port, .. } => ("port", format!("the port {}", real(port).display())),
        SourceConfig::Standard => ("kind", "standard input".to_owned()),
        // listeners are looked at together with those of the page
        SourceConfig::Simulator { .. } | SourceConfig::TcpListen { .. } => return None,
    })
}

fn thousandths(number: &Number) -> u32 {
    u32::try_from(in_units(number, 3)).unwrap_or(1000)
}

fn pace(speed: &Number) -> Pace {
    match thousandths(speed) {
        0 => Pace::Free,
        thousandths => Pace::Thousandths(thousandths),
    }
}
