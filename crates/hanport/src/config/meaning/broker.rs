//! Brokers.

use std::path::{Path, PathBuf};

use hanport_engine::publish::{Devices, Discovery, Format, Pace, Settings, Style, clashes};

use super::Meaning;
use crate::config::meant::{BrokerConfig, Encryption};
use crate::config::nearest::nearest;
use crate::config::raw::{RawBroker, RawTls};

const PLAIN: u16 = 1883;
const ENCRYPTED: u16 = 8883;

impl Meaning<'_> {
    pub(super) fn brokers(&mut self, raw: &[RawBroker], reader: &str) -> Vec<BrokerConfig> {
        let mut brokers: Vec<BrokerConfig> = Vec::new();
        for (at, raw) in raw.iter().enumerate() {
            let path = self.part("mqtt", at);
            let broker = self.broker(&path, raw, reader);
            self.beside_others(&path, &broker, &brokers);
            brokers.push(broker);
        }
        brokers
    }

    fn broker(&mut self, path: &str, raw: &RawBroker, reader: &str) -> BrokerConfig {
        let encryption = self.encryption(&format!("{path}.tls"), &raw.tls);
        let port = raw.port.unwrap_or_else(|| if encryption.is_some() { ENCRYPTED } else { PLAIN });
        self.port_fits(path, port, encryption.is_some());
        let password = self.secret(&format!("{path}.password"), raw.password.as_deref());
        if raw.user.is_empty() && raw.password.is_some() {
            self.warn(
                &format!("{path}.password"),
                "a password without a user is not sent",
                "set the `user`",
            );
        }
        self.known_meters(path, &raw.meters);
        let or = |text: &str, other: String| if text.is_empty() { other } else { text.to_owned() };
        let publish = publish(raw);
        for clash in clashes(&publish) {
            self.error(&format!("{path}.formats"), clash, "");
        }
        BrokerConfig {
            id: raw.id.clone(),
            host: raw.host.clone(),
            port,
            encryption,
            user: raw.user.clone(),
            password,
            client_id: or(&raw.client_id, format!("{reader}-{}", raw.id)),
            keep_alive_s: raw.keep_alive_s,
            queue_mb: raw.queue_mb,
            page: raw.homeassistant.address.clone(),
            publish,
        }
    }

    fn encryption(&mut self, path: &str, raw: &RawTls) -> Option<Encryption> {
        let files = [("ca", &raw.ca), ("certificate", &raw.certificate), ("key", &raw.key)];
        if !raw.enabled {
            let given = files.iter().find(|(_, file)| file.is_some()).map(|(key, _)| *key);
            if let Some(key) = given.or_else(|| raw.server_name.as_ref().map(|_| "server_name")) {
                self.warn(
                    &format!("{path}.{key}"),
                    "the connection is not encrypted: this means nothing",
                    "add `tls.enabled = true`",
                );
            }
            return None;
        }
        for (key, file) in files {
            if let Some(file) = file {
                self.readable(&format!("{path}.{key}"), Path::new(file));
            }
        }
        let client = match (&raw.certificate, &raw.key) {
            (Some(certificate), Some(key)) => {
                Some((PathBuf::from(certificate), PathBuf::from(key)))
            }
            (Some(_), None) => {
                let path = format!("{path}.certificate");
                self.error(&path, "the key of the certificate is missing", "set `tls.key`");
                None
            }
            (None, Some(_)) => {
                let path = format!("{path}.key");
                self.error(&path, "the certificate of the key is missing", "set `tls.certificate`");
                None
            }
            (None, None) => None,
        };
        Some(Encryption {
            authority: raw.ca.as_ref().map(PathBuf::from),
            client,
            server_name: raw.server_name.clone(),
        })
    }

    fn port_fits(&mut self, path: &str, port: u16, encrypted: bool) {
        let (message, remedy) = match (port, encrypted) {
            (PLAIN, true) => {
                ("1883 is the port of plain connections", "8883 is the usual port with TLS")
            }
            (ENCRYPTED, false) => {
                ("8883 is the port of encrypted connections", "add `tls.enabled = true`")
            }
            _ => return,
        };
        self.warn(&format!("{path}.port"), message, remedy);
    }

    fn known_meters(&mut self, path: &str, meters: &[String]) {
        let ids = self.walked.ids.get("meter").cloned().unwrap_or_default();
        for meter in meters.iter().filter(|meter| !ids.contains(meter)) {
            let remedy = match nearest(meter, ids.iter().map(String::as_str)) {
                Some(it) => format!("did you mean `{it}`?"),
                None if ids.is_empty() => "add one with `[[meter]]`".to_owned(),
                None => format!("there are {}", ids.join(", ")),
            };
            let message = format!("there is no meter `{meter}`");
            self.error(&format!("{path}.meters"), message, remedy);
        }
    }

    /// Says when two connections to one broker get into each other's way.
    fn beside_others(&mut self, path: &str, broker: &BrokerConfig, others: &[BrokerConfig]) {
        let same = |other: &&BrokerConfig| {
            other.host.eq_ignore_ascii_case(&broker.host) && other.port == broker.port
        };
        for other in others.iter().filter(same) {
            if other.client_id == broker.client_id {
                let message = format!("`{}` is known there by this name already", other.id);
                let remedy = "give each its own: the broker throws one of two out, over and over";
                self.error(&format!("{path}.client_id"), message, remedy);
            }
            let (ours, theirs) = (&broker.publish, &other.publish);
            let old = |format: &&Format| **format != Format::Hanport;
            let mut shared = ours.formats.iter().filter(old);
            if ours.topic == theirs.topic && shared.any(|it| theirs.formats.contains(it)) {
                let message = format!("`{}` publishes the same on the same topic", other.id);
                let remedy = "give one of them another topic";
                self.warn(&format!("{path}.publish_topic"), message, remedy);
            }
        }
    }
}

fn publish(raw: &RawBroker) -> Settings {
    let (domoticz, assistant) = (&raw.domoticz, &raw.homeassistant);
    let mut formats: Vec<Format> = Vec::new();
    for name in &raw.formats {
        let named = Format::ALL.into_iter().find(|format| format.name() == name);
        formats.extend(named.filter(|format| !formats.contains(format)));
    }
    Settings {
        formats,
        meters: raw.meters.clone(),
        topic: raw.publish_topic.clone(),
        commands: raw.subscribe_topic.clone(),
        prefix: raw.prefix.clone(),
        pace: raw.interval_s.map_or(Pace::RealTime, Pace::Interval),
        unknown_as_null: raw.unknown_as_null,
        devices: Devices {
            electricity: domoticz.electricity,
            voltage: [domoticz.voltage_l1, domoticz.voltage_l2, domoticz.voltage_l3],
            current: domoticz.current,
        },
        discovery: Discovery {
            prefix: assistant.prefix.clone(),
            style: match assistant.style.as_str() {
                "components" => Style::Components,
                "off" => Style::Off,
                _ => Style::Device,
            },
            tag: assistant.tag.clone(),
            migrate_from: assistant.migrate_from.clone(),
        },
    }
}
