//! What people type or paste.

use hanport_core::cipher::key::Key;
use hanport_engine::capture::Capture;
use hanport_engine::explain::explain;
use hanport_engine::explain::render::{Plain, lines};

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
