//! A-XDR data elements and the head of a notification, appended to a vector.

use hanport_core::cosem::apdu::{Header, HeaderTime};
use hanport_core::cosem::axdr::{Data, ScalerUnit};
use hanport_core::emit::{Full, Writer};
use hanport_core::obis::Obis;

/// Room for the longest element of any list.
const ROOM: usize = 64;

/// Appends an element; for arrays and structures its elements follow.
pub(crate) fn put(out: &mut Vec<u8>, data: Data<'_>) {
    append(out, |writer| data.emit(writer));
}

/// Appends the head of a data-notification.
pub(crate) fn notification(out: &mut Vec<u8>, invoke_id: u32, time: HeaderTime) {
    append(out, |writer| Header::DataNotification { invoke_id, time }.emit(writer));
}

/// Appends the number of elements of an array or structure.
pub(crate) fn count(elements: usize) -> u32 {
    u32::try_from(elements).unwrap_or(u32::MAX)
}

/// Appends a code as octet-string.
pub(crate) fn code(out: &mut Vec<u8>, obis: Obis) {
    put(out, Data::OctetString(&obis.0));
}

/// Appends the scaler-unit structure.
pub(crate) fn scaler_unit(out: &mut Vec<u8>, scaler: i8, unit: u8) {
    append(out, |writer| ScalerUnit { scaler, unit }.emit(writer));
}

fn append(out: &mut Vec<u8>, write: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>) {
    let mut room = [0; ROOM];
    let mut writer = Writer::new(&mut room);
    let fits = write(&mut writer).is_ok();
    debug_assert!(fits, "an element is longer than the room for it");
    out.extend(writer.written());
}
