//! One layer at a time: what each makes of octets that reach it without the layers below.

use core::ops::Range;

use hanport_core::cipher::suite0::{KeyRing, Sealed};
use hanport_core::cosem::{apdu as apdus, axdr as values, gbt as blocks};
use hanport_core::family::{Context, Hint, oms, read_apdu, read_sml, read_telegram};
use hanport_core::link::{Probe, p1 as telegrams, sml as files};
use hanport_core::reading::{Readout, Span};

/// What every probe must keep: a frame is not longer than the octets, waiting asks for more
/// than there is, and a range lies inside.
pub fn kept<T>(octets: &[u8], probe: Probe<T>, frame: impl FnOnce(&T) -> (usize, Range<usize>)) {
    match probe {
        Probe::Frame(found) => {
            let (len, inside) = frame(&found);
            assert!(0 < len && len <= octets.len(), "a frame of {len} in {}", octets.len());
            assert!(inside.start <= inside.end && inside.end <= octets.len(), "{inside:?}");
        }
        Probe::More(want) => assert!(want > octets.len(), "{want} of {}", octets.len()),
        Probe::Broken(_) | Probe::No => {}
    }
}

fn contexts() -> [Context; 3] {
    let with = |hint| Context { hint, system_title: Some(*b"KFMe\0\0\0\x01") };
    [Context::default(), with(Some(Hint::Energy10Wh)), with(Some(Hint::EnergyWh))]
}

/// A plain APDU: found, and read as a list.
pub fn apdu(data: &[u8]) {
    kept(data, apdus::probe(data), |&len| (len, 0..len));
    let mut readout = Readout::new();
    for context in contexts() {
        readout.clear();
        let _ = read_apdu(data, &context, &mut readout);
        inside(&readout, data);
    }
}

/// Every value stands inside the body that it was read from.
fn inside(readout: &Readout, body: &[u8]) {
    for item in &readout.items {
        let end = usize::from(item.span.start) + usize::from(item.span.len);
        assert!(end <= body.len(), "{item:?} ends outside of {} octets", body.len());
    }
}

/// Data: element by element, and value by value; both come to the same end or to none.
pub fn axdr(data: &[u8]) {
    let mut elements = values::Cursor::new(data);
    let mut before = 0;
    while let Ok(element) = elements.element() {
        assert!(before < elements.position(), "an element without octets");
        assert_eq!((element.start, element.end), (before, elements.position()));
        assert!(element.end <= data.len(), "{element:?} ends outside");
        before = element.end;
        let _ = (element.data.number(), element.data.date_time());
    }
    let mut whole = values::Cursor::new(data);
    while whole.skip().is_ok() {
        assert!(whole.position() <= data.len(), "skipped beyond the end");
    }
}

/// A block of a general block transfer.
pub fn gbt(data: &[u8]) {
    let mut rest = data;
    let mut sequence = blocks::Sequence::default();
    loop {
        let probe = blocks::Block::probe(rest);
        kept(rest, probe.clone(), |block| (block.len, block.data.clone()));
        let Probe::Frame(block) = probe else { return };
        let _ = sequence.step(block.number);
        rest = &rest[block.len..];
    }
}

/// A ciphered APDU: taken apart, and opened in place.
pub fn decrypt(data: &[u8]) {
    let probe = Sealed::probe(data);
    kept(data, probe.clone(), |sealed| (sealed.len, sealed.content.clone()));
    let Probe::Frame(sealed) = probe else { return };
    let options = crate::stream::options();
    let (encryption, authentication) = (&options.encryption_key, &options.authentication_key);
    for authentication in [authentication.as_ref(), None] {
        let mut apdu = data[..sealed.len].to_vec();
        let ring = KeyRing::new(encryption.as_ref(), authentication);
        if let Ok(opened) = ring.open(&mut apdu, &sealed) {
            assert!(opened.plaintext.end <= apdu.len(), "{opened:?}");
        }
    }
}

/// The plain application layer of M-Bus, with and without a key.
pub fn oms(data: &[u8]) {
    let options = crate::stream::options();
    for key in [options.encryption_key.as_ref(), None] {
        let mut layer = data.to_vec();
        let mut out = Readout::new();
        if oms::read(&mut layer, [key, None], &Context::default(), &mut out).is_ok() {
            let inside =
                |span: &Span| usize::from(span.start) + usize::from(span.len) <= data.len();
            assert!(out.items.iter().all(|item| inside(&item.span)), "{out:?}");
        }
    }
}

/// A text telegram: found the same whole and octet by octet, and read.
pub fn p1(data: &[u8]) {
    let whole = telegrams::probe(data, &mut 0, true);
    kept(data, whole, |telegram| (telegram.len, 0..telegram.len));
    let mut scanned = 0;
    let octet_by_octet = (1..=data.len())
        .map(|end| telegrams::probe(&data[..end], &mut scanned, end == data.len()))
        .find(|probe| !matches!(probe, Probe::More(_)));
    if let Some(Probe::Frame(telegram)) = octet_by_octet {
        assert!(telegram.len <= data.len(), "{telegram:?}");
    }
    let mut readout = Readout::new();
    for context in contexts() {
        readout.clear();
        let _ = read_telegram(data, &context, &mut readout);
        inside(&readout, data);
    }
}

/// An SML file: found, and its messages read.
pub fn sml(data: &[u8]) {
    kept(data, files::probe(data, &mut 0), |file| (file.len, 0..file.len));
    let mut readout = Readout::new();
    let _ = read_sml(data, &Context::default(), &mut readout);
    inside(&readout, data);
}
