//! What is measured: messages from their octets to a reading.
//!
//! The messages are made for this project or printed in public documents.

use hanport_core::cipher::key::Key;
use hanport_core::session::push::{Event, Options, Session};

/// One message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// Its name, without blanks.
    pub(crate) name: &'static str,
    /// Instructions that decoding it must not need more than; 0 where none is set.
    pub(crate) bar: u64,
    /// Its octets on the line.
    pub(crate) octets: &'static [u8],
    /// The encryption key, where it needs one.
    pub(crate) key: Option<[u8; 16]>,
}

/// All of them. A message with a bar belongs to the figures that the project promises.
pub(crate) const CASES: &[Case] = &[
    Case { name: "kaifa-list-1", bar: 0, octets: KAIFA_LIST_1, key: None },
    Case { name: "p1-mini", bar: 0, octets: P1_MINI, key: None },
    Case {
        name: "kaifa-netz-noe-encrypted",
        bar: 13_500,
        octets: NETZ_NOE,
        key: Some(NETZ_NOE_KEY),
    },
];

/// The buffer that sessions use here.
pub(crate) type Bench = Session<4096>;

impl Case {
    /// A session that can read the message.
    pub(crate) fn session(&self) -> Bench {
        Session::new(Options {
            encryption_key: self.key.map(Key::new),
            authentication_key: None,
            hint: None,
        })
    }
}

/// Decodes the octets once; gives the number of values of all readings.
pub(crate) fn decode(session: &mut Bench, octets: &[u8]) -> usize {
    let mut rest = octets;
    let mut values = 0;
    while let Some(event) = session.poll(&mut rest) {
        if let Event::Reading(reading) = event {
            values += reading.items().len();
        }
    }
    values
}

const KAIFA_LIST_1: &[u8] = &hex_literal::hex!(
    "7EA02701020110 5A87 E6E700 0F40000000 090C07E2010F010F1E0AFF800000 0201 06000004D2 72A77E"
);

const P1_MINI: &[u8] =
    b"/TST5\\000000000\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.7.0(00.400*kW)\r\n!1726\r\n";

/// The key that the network operator prints in the description of its customer interface.
const NETZ_NOE_KEY: [u8; 16] = hex_literal::hex!("36C66639E48A8CA4D6BC8B282A793BBB");

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
