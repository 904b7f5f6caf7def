//! The stream decoder: any octets in any portions.

use hanport_core::cipher::key::Key;
use hanport_core::fault::{Fault, Layer};
use hanport_core::session::push::{Event, Options, Session};

/// The keys of the examples in the Green Book; the seeds are ciphered with them.
pub fn options() -> Options {
    let [mut encryption, mut authentication] = [[0u8; 16], [0xD0u8; 16]];
    for (at, (e, a)) in (0u8..).zip(encryption.iter_mut().zip(&mut authentication)) {
        *e += at;
        *a += at;
    }
    Options {
        encryption_key: Some(Key::new(encryption)),
        authentication_key: Some(Key::new(authentication)),
        hint: None,
    }
}

/// What must not depend on the portions in which octets arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Fault(Fault),
    Reading { start: u64, octets: usize, items: usize },
}

/// The same octets whole and in portions give the same events, and the session never stands
/// still.
pub fn stream(data: &[u8]) {
    let Some((&first, octets)) = data.split_first() else { return };
    let portion = usize::from(first % 61) + 1;
    // some meters authenticate with a key that is the same for all
    let keys = if first < 0x80 { options() } else { encryption_only() };
    let whole = said(&keys, octets, octets.len().max(1));
    let parts = said(&keys, octets, portion);
    assert_eq!(whole, parts, "portions of {portion} octets change what is said");
}

/// Whether a message in the octets comes as far as its list: it is read, or its elements have no
/// codes and nobody has described them. A seed that does not tests less than it should.
pub fn reaches_the_list(octets: &[u8]) -> bool {
    let listed = |said: &Said| match said {
        Said::Fault(fault) => fault.layer == Layer::List,
        Said::Reading { .. } => true,
    };
    [options(), encryption_only()]
        .iter()
        .any(|keys| said(keys, octets, octets.len().max(1)).iter().any(listed))
}

fn encryption_only() -> Options {
    Options { authentication_key: None, ..options() }
}

fn said(keys: &Options, octets: &[u8], portion: usize) -> Vec<Said> {
    let mut session = Session::<2048>::new(keys.clone());
    let mut said = Vec::new();
    for mut rest in octets.chunks(portion) {
        while let Some(event) = session.poll(&mut rest) {
            said.push(short(&event));
            assert!(said.len() <= 4 * octets.len() + 4, "the session stands still");
        }
        assert!(rest.is_empty(), "octets are left over");
    }
    while let Some(event) = session.end() {
        said.push(short(&event));
        assert!(said.len() <= 4 * octets.len() + 4, "the session does not end");
    }
    said
}

fn short(event: &Event<'_>) -> Said {
    match event {
        Event::Fault(fault) => Said::Fault(*fault),
        Event::Reading(reading) => {
            let items = reading.items();
            // every text must be printable, wherever its span points
            let shown = [reading.meter_id(), reading.meter_model(), reading.list_id()];
            let texts = shown.iter().flatten().map(|text| text.to_string().len()).sum::<usize>();
            assert!(texts < 3 * 2048, "a text longer than the message");
            let readout = reading.readout;
            Said::Reading { start: readout.start, octets: readout.octets, items: items.len() }
        }
    }
}
