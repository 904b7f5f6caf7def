//! From a plain list to the frames on the line: ciphering and framing as each meter does it.

use hanport_core::link::p1::CrcForm;

use crate::fault::{FaultId, FaultSet};
use crate::meter::{Personality, Security, Transport};
use crate::wire::cipher::Sealing;
use crate::wire::frame::{application, block, hdlc, mbus};
use crate::wire::sml::transport;
use crate::wire::text::{ciphered, telegram};

/// The LLC octets of a notification, in front of the first frame only.
const LLC: [u8; 3] = [0xE6, 0xE7, 0x00];

/// The frames of one message. `counter` is the invocation counter, for meters that cipher; it
/// may come back higher where a fault asks for special ciphertext.
pub(crate) fn assemble(
    personality: &Personality,
    plain: Vec<u8>,
    counter: &mut u32,
    faults: FaultSet,
) -> Vec<Vec<u8>> {
    let sealed = |plain: Vec<u8>, counter: u32| match &personality.security {
        None => plain,
        Some(security) => {
            let keys = keys(security, faults);
            let apdu = sealing(security, &keys, counter).general_glo(&plain, false);
            if faults.has(FaultId::AlreadyPlain) { unsealed(apdu, &plain) } else { apdu }
        }
    };
    match personality.transport {
        Transport::Hdlc { address, control } => {
            vec![hdlc(address, control, false, &with_llc(sealed(plain, *counter)))]
        }
        Transport::HdlcSegments { address, first } => {
            segments(address, first, &with_llc(sealed(plain, *counter)))
        }
        Transport::HdlcBlocks { address, size } => {
            let size = if size == 0 { 1 } else { size };
            blocks(address, size, &sealed(plain, *counter))
        }
        Transport::Mbus { first } => {
            // 257 octets from the control field on, whose length reads 01.
            let first = if faults.has(FaultId::OverflowLength) { 252 } else { first };
            mbus_segments(first, &sealed(plain, *counter))
        }
        Transport::MbusApplication { address } => {
            let Some(security) = &personality.security else { return Vec::new() };
            let (key, _) = keys(security, faults);
            vec![application(address, personality.meter_id, *counter, &key, &plain)]
        }
        Transport::Sml => vec![transport(&plain)],
        Transport::Text(form) => vec![telegram(&plain, form)],
        Transport::TextSealed => {
            let text = telegram(&plain, CrcForm::Normal);
            let Some(security) = &personality.security else { return vec![text] };
            let keys = keys(security, faults);
            vec![sealing(security, &keys, *counter).general_glo(&text, true)]
        }
        Transport::TextBodySealed => vec![body_sealed(personality, &plain, counter, faults)],
    }
}

/// The keys a meter uses, which a fault may have changed.
fn keys(security: &Security, faults: FaultSet) -> ([u8; 16], [u8; 16]) {
    let encryption = security.encryption_key;
    let authentication = security.authentication_key.unwrap_or_default();
    if faults.has(FaultId::WrongKey) {
        (encryption.map(|octet| octet ^ 0xA5), authentication)
    } else if faults.has(FaultId::SwappedKeys) && security.authentication_key.is_some() {
        (authentication, encryption)
    } else if faults.has(FaultId::MissingAk) {
        (encryption, authentication.map(|octet| octet ^ 0x5A))
    } else {
        (encryption, authentication)
    }
}

const fn sealing<'a>(
    security: &Security,
    (key, authentication): &'a ([u8; 16], [u8; 16]),
    counter: u32,
) -> Sealing<'a> {
    Sealing { title: Some(security.title), control: security.control, counter, key, authentication }
}

/// Puts the plaintext where the ciphertext was; the tag stays behind.
fn unsealed(mut apdu: Vec<u8>, plain: &[u8]) -> Vec<u8> {
    // tag octet, title with its length, and the length of the rest
    let length_octets = match apdu.get(10) {
        Some(0x81) => 2,
        Some(0x82) => 3,
        _ => 1,
    };
    let start = 10 + length_octets + 5;
    if let Some(place) = apdu.get_mut(start..start + plain.len()) {
        place.copy_from_slice(plain);
    }
    apdu
}

fn with_llc(apdu: Vec<u8>) -> Vec<u8> {
    LLC.into_iter().chain(apdu).collect()
}

fn segments(address: &[u8], size: usize, info: &[u8]) -> Vec<Vec<u8>> {
    let count = info.len().div_ceil(size.max(1));
    let parts = info.chunks(size.max(1)).enumerate();
    parts
        .map(|(at, part)| {
            let last = at + 1 == count;
            hdlc(address, if last { 0x13 } else { 0x03 }, !last, part)
        })
        .collect()
}

fn blocks(address: &[u8], size: usize, apdu: &[u8]) -> Vec<Vec<u8>> {
    let count = apdu.len().div_ceil(size);
    let parts = apdu.chunks(size).zip(1u16..);
    parts
        .map(|(part, number)| {
            let last = usize::from(number) == count;
            let block = block(last, number, part);
            let info = if number == 1 { with_llc(block) } else { block };
            hdlc(address, 0x13, false, &info)
        })
        .collect()
}

fn mbus_segments(size: usize, apdu: &[u8]) -> Vec<Vec<u8>> {
    let count = apdu.len().div_ceil(size.max(1));
    let parts = apdu.chunks(size.max(1)).zip(0u8..);
    parts
        .map(|(part, number)| {
            let last = usize::from(number) + 1 == count;
            mbus(number, last, part)
        })
        .collect()
}

/// Identification line, ciphered lines without a system title, checksum line.
fn body_sealed(
    personality: &Personality,
    text: &[u8],
    counter: &mut u32,
    faults: FaultSet,
) -> Vec<u8> {
    let Some(security) = &personality.security else { return text.to_vec() };
    let ident = text.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
    let (head, body) = text.split_at_checked(ident).unwrap_or((&[], text));
    let keys = keys(security, faults);
    let seal = |counter| {
        let sealing = sealing(security, &keys, counter);
        Sealing { title: None, ..sealing }.untagged(body)
    };
    let mut content = seal(*counter);
    if faults.has(FaultId::EmbeddedBang) {
        let marks = [b'!', b'/', b'\n'];
        for _ in 0..1000 {
            if marks.iter().all(|mark| content.contains(mark)) {
                break;
            }
            *counter += 1;
            content = seal(*counter);
        }
    }
    ciphered(head, &content)
}
