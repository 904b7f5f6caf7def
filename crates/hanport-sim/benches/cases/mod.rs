//! What is measured: messages from their octets to a reading.
//!
//! The messages come from the simulated meters; one is the message that a network operator
//! prints in the description of its customer interface.

#![allow(dead_code, unreachable_pub, reason = "each of the two benches uses its part")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot make its message is to stop"
)]

use std::time::Duration;

use hanport_core::cipher::key::Key;
use hanport_core::cipher::sealed::{Control, Kind, Wrapping};
use hanport_core::cipher::suite0::KeyRing;
use hanport_core::cosem::length::LengthForm;
use hanport_core::emit::Writer;
use hanport_core::link::hdlc;
use hanport_core::session::push::{Event, Options, Session};
use hanport_sim::meter::{TEST_AUTHENTICATION_KEY, TEST_ENCRYPTION_KEY};
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;

/// Makes the octets of a message.
type Make = fn() -> Vec<u8>;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its name, without blanks.
    pub name: &'static str,
    /// Instructions that decoding it must not need more than; 0 where none is set.
    pub bar: u64,
    /// Makes its octets.
    make: Make,
    keys: Keys,
    feed: Feed,
}

/// How a session is given the octets.
#[derive(Clone, Copy, Debug)]
enum Feed {
    /// One by one, as a UART does.
    Octets,
    /// All at once.
    Whole,
}

#[derive(Clone, Copy, Debug)]
enum Keys {
    None,
    Operator,
    Test,
}

const fn case(name: &'static str, bar: u64, keys: Keys, make: Make) -> Case {
    Case { name, bar, make, keys, feed: Feed::Whole }
}

const fn octet_by_octet(name: &'static str, keys: Keys, make: Make) -> Case {
    Case { name, bar: 0, make, keys, feed: Feed::Octets }
}

/// All of them. A message with a bar belongs to the figures that the project promises.
pub const CASES: &[Case] = &[
    case("kaifa-list-1", 0, Keys::None, || shortest("kaifa-no")),
    case("kaifa-list-3", 0, Keys::None, || longest("kaifa-no")),
    case("kamstrup-list-3", 8_000, Keys::None, || longest("kamstrup-no")),
    octet_by_octet("kamstrup-list-3/octets", Keys::None, || longest("kamstrup-no")),
    case("aidon-list-3", 12_000, Keys::None, || longest("aidon-no")),
    octet_by_octet("aidon-list-3/octets", Keys::None, || longest("aidon-no")),
    case("kamstrup-list-3-sealed", 13_500, Keys::Test, sealed_kamstrup),
    octet_by_octet("kamstrup-list-3-sealed/octets", Keys::Test, sealed_kamstrup),
    case("kamstrup-dk-sealed", 0, Keys::Test, || longest("kamstrup-dk")),
    case("kaifa-netz-noe-sealed", 0, Keys::Operator, || NETZ_NOE.to_vec()),
    case("dsmr5", 27_000, Keys::None, || longest("dsmr5-nl")),
    octet_by_octet("dsmr5/octets", Keys::None, || longest("dsmr5-nl")),
    case("landis-gyr-blocks", 0, Keys::None, || longest("lg-ch")),
    case("sml", 0, Keys::None, || longest("sml-de")),
];

/// The buffer that sessions use here.
pub type Bench = Session<4096>;

impl Case {
    /// Its octets on the line.
    pub fn octets(&self) -> Vec<u8> {
        (self.make)()
    }

    /// A session that can read the message.
    pub fn session(&self) -> Bench {
        let (encryption, authentication) = match self.keys {
            Keys::None => (None, None),
            Keys::Operator => (Some(OPERATOR_KEY), None),
            Keys::Test => (Some(TEST_ENCRYPTION_KEY), Some(TEST_AUTHENTICATION_KEY)),
        };
        Session::new(Options {
            encryption_key: encryption.map(Key::new),
            authentication_key: authentication.map(Key::new),
            hint: None,
        })
    }

    /// Decodes the octets once; gives the number of values of all readings.
    #[inline]
    pub fn decode(&self, session: &mut Bench, octets: &[u8]) -> usize {
        match self.feed {
            Feed::Octets => {
                let mut values = 0;
                for octet in octets {
                    if session.take(*octet) {
                        values += decode(session, &[]);
                    }
                }
                values
            }
            Feed::Whole => decode(session, octets),
        }
    }
}

#[inline(never)]
fn decode(session: &mut Bench, octets: &[u8]) -> usize {
    let mut rest = octets;
    let mut values = 0;
    while let Some(event) = session.poll(&mut rest) {
        if let Event::Reading(reading) = event {
            values += reading.items().len();
        }
    }
    values
}

/// The messages of the first ten seconds of an hour and a half on a winter evening.
fn messages(meter: &str) -> impl Iterator<Item = Vec<u8>> {
    let scenario = Scenario::new(meter, 7, "2024-01-15T18:55:00").expect("the meter exists");
    Simulation::new(&scenario.lasting(Duration::from_mins(10))).map(|record| record.bytes)
}

fn longest(meter: &str) -> Vec<u8> {
    messages(meter).max_by_key(Vec::len).expect("the meter sends")
}

fn shortest(meter: &str) -> Vec<u8> {
    messages(meter).min_by_key(Vec::len).expect("the meter sends")
}

/// The hourly list of a Norwegian Kamstrup, ciphered with a tag.
fn sealed_kamstrup() -> Vec<u8> {
    let plain = longest("kamstrup-no");
    let apdu = &plain[11..plain.len() - 3];
    let keys = KeyRing::new(
        Some(&Key::new(TEST_ENCRYPTION_KEY)),
        Some(&Key::new(TEST_AUTHENTICATION_KEY)),
    );
    let wrapping = Wrapping {
        kind: Kind::GeneralGlo,
        control: Control(0x30),
        system_title: Some(*b"KAMEbnch"),
        invocation_counter: 1,
        length_form: LengthForm::Shortest,
    };
    let mut room = [0; 1024];
    let mut information = Writer::new(&mut room);
    information.put(&[0xE6, 0xE7, 0x00]).expect("there is room");
    keys.seal(apdu, &wrapping, &mut information).expect("there is room");
    let mut room = [0; 1024];
    let mut frame = Writer::new(&mut room);
    let (client, meter) = (hdlc::Address::short(0x15), hdlc::Address::pair(0x10, 0x09));
    hdlc::emit(client, meter, 0x13, false, information.written(), &mut frame)
        .expect("there is room");
    frame.written().to_vec()
}

/// The key that the network operator prints in the description of its customer interface.
const OPERATOR_KEY: [u8; 16] = hex_literal::hex!("36C66639E48A8CA4D6BC8B282A793BBB");

/// The message printed there: two M-Bus frames.
const NETZ_NOE: &[u8] = &hex_literal::hex!(
    "68 FA FA 68 53 FF 00 01 67 DB 08 4B 46 4D 67 50 00 00 09 81 F8 20 00 00 00 23 88 D5 AB 4F
     97 51 5A AF C6 B8 8D 2F 85 DA A7 A0 E3 C0 C4 0D 00 45 35 C3 97 C9 D0 37 AB 7D BD A3 29 10
     76 15 44 48 94 A1 A0 DD 7E 85 F0 2D 49 6C EC D3 FF 46 AF 5F B3 C9 22 9C FE 8F 3E E4 60 6A
     B2 E1 F4 09 F3 6A AD 2E 50 90 0A 43 96 FC 6C 2E 08 3F 37 32 33 A6 96 16 95 07 58 BF C7 D6
     3A 9E 9B 6E 99 E2 1B 2C BC 2B 93 47 72 CA 51 FD 4D 69 83 07 11 CA B1 F8 CF F2 5F 0A 32 93
     37 CB A5 19 04 F0 CA ED 88 D6 19 68 74 3C 84 54 BA 92 2E B0 00 38 18 2C 22 FE 31 6D 16 F2
     A9 F5 44 D6 F7 5D 51 A4 E9 2A 1C 4E F8 AB 19 A2 B7 FE AA 32 D0 72 6C 0E D8 02 29 AE 6C 0F
     76 21 A4 20 92 51 AC E2 B2 BC 66 FF 03 27 A6 53 BB 68 6C 75 6B E0 33 C7 A2 81 F1 D2 A7 E1
     FA 31 C3 98 3E 15 F8 FD 16 CC 57 87 E6 F5 17 16 68 14 14 68 53 FF 11 01 67 41 9A 3C FD A4
     4B E4 38 C9 6F 0E 38 BF 83 D9 83 16"
);
