//! Packed series, as they lie in a history that may be damaged.

use hanport_engine::series::digits;
use hanport_engine::series::sheet::{Head, Sheet};
use hanport_engine::series::steps;

/// A minute in milliseconds.
const STEP_MS: i64 = 60_000;

/// Octets as a row of digits, a sheet, a head and steps: what can be read can be packed again,
/// and reads the same then.
pub fn series(data: &[u8]) {
    if let Ok((values, _)) = digits::take(data) {
        let mut again = Vec::new();
        digits::put(&mut again, &values);
        assert_eq!(digits::take(&again), Ok((values, &[][..])));
    }
    if let Ok(sheet) = Sheet::from_octets(data) {
        assert_eq!(Sheet::from_octets(&sheet.to_octets()), Ok(sheet));
    }
    if let Ok(points) = steps::unpack(data, STEP_MS) {
        assert_eq!(steps::unpack(&steps::pack(&points, STEP_MS), STEP_MS), Ok(points));
    }
    // the check at the end rarely fits by chance: past it with what it would be
    let sealed = sealed(data);
    let _ = Head::unpack(&sealed).and_then(|head| head.column(&sealed));
    if let Ok(points) = steps::unpack(&sealed, STEP_MS) {
        assert_eq!(steps::unpack(&steps::pack(&points, STEP_MS), STEP_MS), Ok(points));
    }
}

/// With the check that belongs to it: FNV-1a, written anew.
fn sealed(data: &[u8]) -> Vec<u8> {
    let mut hash = 0x811C_9DC5u32;
    for &octet in data {
        hash = (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193);
    }
    [data, &hash.to_le_bytes()].concat()
}
