//! What people type or paste.

use hanport_core::cipher::key::Key;
use hanport_engine::capture::Capture;
use hanport_engine::explain::explain;
use hanport_engine::explain::render::{Plain, lines};
use hanport_engine::money::Currency;
use hanport_engine::price::source::own::{self, Form};
use hanport_engine::price::zone::ZONES;
use hanport_engine::price::{Answer, Rates, Source, Vat, source};
use hanport_engine::tariff;

/// A key as users hold it.
pub fn key(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Ok(key) = text.parse::<Key>() {
        assert_eq!(format!("{key:?}"), "Key(..)", "a key must not print");
        // quotes and blanks around it change nothing
        assert_eq!(format!("\" {text} \"").parse::<Key>().ok(), Some(key), "{text}");
    }
}

/// A capture in whatever form: recognised, and as plain hexadecimal text read back.
pub fn capture(data: &[u8]) {
    let found = Capture::recognise(data);
    let octets = found.octets();
    // no notation needs less than one character an octet
    assert!(octets.len() <= data.len(), "{octets:?} out of nothing");
    assert!(found.passed_over <= data.len(), "{} passed over", found.passed_over);
    let text: String = data.iter().map(|octet| format!("{octet:02X} ")).collect();
    // one octet alone may as well be a number
    if data.len() > 1 {
        assert_eq!(Capture::recognise(text.as_bytes()).octets(), data, "{text}");
    }
}

/// A message explained: whatever it is, the explanation can be shown.
pub fn explanation(data: &[u8]) {
    let explained = explain(data, &crate::stream::options());
    assert!(explained.readings + explained.faults.len() <= data.len() + 1, "{explained:?}");
    assert!(!lines(&explained.layer, &Plain).is_empty() || data.is_empty());
}

/// The answer of any source of prices, and the user's own: what comes out is in order.
pub fn prices(data: &[u8]) {
    for status in [200, 400] {
        let answer = Answer { status, body: data, retry_after_s: None };
        for source in Source::ALL {
            let zone = &ZONES[data.len() % ZONES.len()];
            let Ok(series) = source::parse(source, zone, &answer) else { continue };
            let slots = series.slots();
            assert!(slots.iter().all(|slot| slot.range.start < slot.range.end), "{source:?}");
            assert!(slots.is_sorted_by(|a, b| a.range.end <= b.range.start), "{source:?}");
        }
        let form = Form {
            area: "own".to_owned(),
            currency: Currency::EUR,
            vat: Vat::Excluded,
            per_mwh: false,
            source: Source::File,
        };
        if let Ok(series) = own::parse(&form, &answer) {
            assert!(series.slots().is_sorted_by(|a, b| a.range.end <= b.range.start));
        }
    }
    let _ = Rates::parse(&String::from_utf8_lossy(data));
}

/// A tariff: it reads, or every mistake names a line that is there.
pub fn grid_tariff(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    match tariff::read(text, None) {
        Ok(tariff) => assert!(!tariff.periods.is_empty()),
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "nothing is wrong and nothing came out");
            let lines = text.matches('\n').count() + 1;
            assert!(mistakes.iter().all(|mistake| (1..=lines).contains(&mistake.line)));
        }
    }
}
