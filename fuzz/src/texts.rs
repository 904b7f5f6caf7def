//! What people type or paste.

use hanport_core::cipher::key::Key;

/// A key as users hold it.
pub fn key(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Ok(key) = text.parse::<Key>() {
        assert_eq!(format!("{key:?}"), "Key(..)", "a key must not print");
        // quotes and blanks around it change nothing
        assert_eq!(format!("\" {text} \"").parse::<Key>().ok(), Some(key), "{text}");
    }
}
