//! What simulated meters become for brokers: every format, every kind of message, against tables
//! of keys, topics, decimals and flags, and against recorded text.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it is"
)]

mod entities;
mod flow;
mod household;
mod tables;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use hanport_engine::publish::{Devices, Format, Outgoing, Publication, Qos, Settings};
use rstest::rstest;

use crate::household::{reader, updates};

/// Norwegian of three makers, one of them between three wires; a Danish one that ciphers; a
/// Dutch telegram with tariffs; a German list with signed power.
pub(crate) const METERS: [&str; 6] =
    ["aidon-no", "dsmr5-nl", "kaifa-no", "kamstrup-dk", "kamstrup-no-3wire", "sml-de"];

pub(crate) fn settings(format: Format) -> Settings {
    Settings {
        formats: vec![format],
        topic: "ams".to_owned(),
        devices: Devices { electricity: 7, voltage: [1, 2, 3], current: 9 },
        ..Settings::default()
    }
}

/// Everything that is published of a meter around the change of an hour.
pub(crate) fn published(meter: &str, settings: &Settings) -> Vec<Outgoing> {
    let updates = updates(meter, 8);
    let start = updates[0].view.now;
    let mut out = Vec::new();
    for mut publication in Publication::all(settings, &reader(start)) {
        publication.connected(&[], start, &mut out);
        for update in &updates {
            publication.update(update, &mut out);
            publication.tick(update.view.now, &mut out);
        }
    }
    out
}

pub(crate) fn text(message: &Outgoing) -> String {
    String::from_utf8(message.payload.clone()).unwrap()
}

#[rstest]
fn every_meter_in_every_format_is_as_recorded(
    #[values("aidon-no", "dsmr5-nl", "kaifa-no", "kamstrup-dk", "kamstrup-no-3wire", "sml-de")]
    meter: &str,
) {
    assert!(METERS.contains(&meter));
    for format in Format::ALL {
        if format == Format::Passthrough {
            continue;
        }
        let mut seen = BTreeSet::new();
        let mut recorded = String::new();
        // the first of each topic and kind
        for message in published(meter, &settings(format)) {
            if !message.payload.is_empty() && seen.insert((message.topic.clone(), message.kind)) {
                let retain = if message.retain { 'r' } else { '-' };
                let qos = u8::from(message.qos == Qos::AtLeastOnce);
                let shown = text(&message);
                writeln!(recorded, "{} {retain}{qos} {shown}", message.topic).unwrap();
            }
        }
        insta::assert_snapshot!(format!("{meter}-{}", format.name()), recorded);
    }
}
