//! A meter.

use super::{Choice, Form, Given, Kind, Many, Section, choice, setting};
use crate::config::text;

const SOURCES: &[Choice] = &[
    choice("serial", "a serial port of this machine"),
    choice("tcp", "a TCP connection to somebody who passes on what the meter sends (ser2net, ESP)"),
    choice("tcp-listen", "TCP connections from somebody who passes on what the meter sends"),
    choice("rfc2217", "a serial port behind a network, its settings included"),
    choice("mqtt", "a topic on which somebody publishes raw frames"),
    choice("file", "a recording or raw octets"),
    choice("stdin", "standard input"),
    choice("simulator", "a simulated household and meter"),
];

const HINTS: &[Choice] = &[
    choice("auto", "what the messages say"),
    choice("aidon", "an Aidon meter"),
    choice("iskraemeco", "an Iskraemeco meter"),
    choice("kaifa", "a Kaifa meter"),
    choice("kamstrup", "a Kamstrup meter"),
    choice("landis-gyr", "a Landis+Gyr meter"),
    choice("sagemcom", "a Sagemcom meter"),
    choice("current-10ma", "currents without a stated scale count 10 mA"),
    choice("current-ma", "currents without a stated scale count 1 mA"),
    choice("energy-10wh", "registers without a stated scale count 10 Wh"),
    choice("energy-wh", "registers without a stated scale count 1 Wh"),
];

const FACTOR: Kind = Kind::Decimal { places: 3, min: 1, max: 1_000_000, unit: "" };

/// One meter.
pub(super) const METER: Section = Section {
    path: "meter",
    title: "Meter",
    help: "One block a meter. The first one answers where no meter is named.\n\n\
           A meter behind a serial port needs its port, and the key where it encrypts; everything \
           else is found out.",
    many: Many::Named,
    settings: &[
        setting(
            "id",
            Kind::Text(Form { name: "name", check: text::name }),
            Given::Needed("\"main\""),
            "Its name in addresses and topics",
        )
        .more("Lower-case letters, digits, `-` and `_`. Its history is kept under this name.")
        .restarts(),
        setting(
            "name",
            Kind::Text(Form { name: "text", check: text::text }),
            Given::Default("\"\""),
            "Its name for people; its id where this is empty",
        ),
        setting(
            "source.kind",
            Kind::Choice(SOURCES),
            Given::Needed("\"serial\""),
            "Where its messages come from",
        ),
        setting(
            "source.port",
            Kind::Text(Form { name: "device", check: text::device }),
            Given::Needed("\"/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0\""),
            "The device",
        )
        .more(
            "The names in `/dev/serial/by-id` stay the same whatever else is plugged in; \
             `hanport detect` shows them.",
        )
        .when("source.kind", &["serial"]),
        setting(
            "source.line",
            Kind::Text(Form { name: "line", check: |t| text::line(t).map(drop) }),
            Given::Default("\"auto\""),
            "How the line is set: `2400 8E1`, `115200 8N1`",
        )
        .more("`auto` finds it out and remembers it.")
        .when("source.kind", &["serial", "rfc2217"]),
        setting(
            "source.connect",
            Kind::Text(Form { name: "host-and-port", check: |t| text::host_and_port(t) }),
            Given::Needed("\"192.168.1.20:2000\""),
            "Host and port to connect to",
        )
        .when("source.kind", &["tcp", "rfc2217"]),
        setting(
            "source.listen",
            Kind::Text(Form { name: "address", check: |t| text::listen(t).map(drop) }),
            Given::Needed("\"[::]:2000\""),
            "Address and port on which connections are waited for",
        )
        .when("source.kind", &["tcp-listen"]),
        setting(
            "source.broker",
            Kind::Text(Form { name: "broker", check: text::name }),
            Given::Needed("\"home\""),
            "The id of one of the brokers of this file",
        )
        .when("source.kind", &["mqtt"]),
        setting(
            "source.topic",
            Kind::Text(Form { name: "filter", check: text::filter }),
            Given::Needed("\"reader/data\""),
            "The topic of the frames",
        )
        .more(
            "Frames in hexadecimal or binary, alone or in the hex dumps of older readers. `+` and \
             `#` may stand in it.",
        )
        .when("source.kind", &["mqtt"]),
        setting(
            "source.path",
            Kind::Text(Form { name: "path", check: text::path }),
            Given::Needed("\"/var/lib/hanport/recording.txt\""),
            "The file",
        )
        .when("source.kind", &["file"]),
        setting(
            "source.meter",
            Kind::Text(Form { name: "personality", check: text::personality }),
            Given::Needed("\"aidon-no\""),
            "Which meter, as in `hanport simulate --list`",
        )
        .when("source.kind", &["simulator"]),
        setting(
            "source.speed",
            Kind::Decimal { places: 3, min: 0, max: 1_000_000_000, unit: "" },
            Given::Default("1"),
            "How many times faster than it was; 0 is as fast as possible",
        )
        .when("source.kind", &["file", "simulator"]),
        setting(
            "source.repeat",
            Kind::Switch,
            Given::Default("false"),
            "From the beginning again when it ends",
        )
        .when("source.kind", &["file"]),
        setting(
            "source.seed",
            Kind::Integer { min: 0, max: i64::MAX, unit: "" },
            Given::Default("1"),
            "The same number gives the same household",
        )
        .when("source.kind", &["simulator"]),
        setting(
            "encryption_key",
            Kind::Secret(Form { name: "key", check: |t| text::key(t).map(drop) }),
            Given::Optional("\"secret:main-key\""),
            "The key with which it encrypts: EK, GUEK, GPK60, customer interface key",
        )
        .more(
            "32 hexadecimal digits in any spacing; they belong into the file of secrets. The network \
             company gives it out.",
        ),
        setting(
            "authentication_key",
            Kind::Secret(Form { name: "key", check: |t| text::key(t).map(drop) }),
            Given::Optional("\"secret:main-authentication-key\""),
            "The key with which it proves who it is: AK, GAK, GPK61",
        )
        .more("Without it messages are read, but could come from somebody else."),
        setting(
            "hint",
            Kind::Choice(HINTS),
            Given::Default("\"auto\""),
            "What its messages alone cannot tell, or tell wrong",
        ),
        setting(
            "clock",
            Kind::Text(Form { name: "clock", check: text::clock }),
            Given::Default("\"auto\""),
            "Whose clock habits it has, where its messages do not tell",
        )
        .more(
            "`Aidon, Norway`, `Aidon`, `Aidon list without a name`, `Kaifa, Norway`, `Kamstrup`, \
             `Landis+Gyr`, `P1 text` or `any`.",
        ),
        setting(
            "net",
            Kind::Choice(&[
                choice("auto", "found from the data"),
                choice("it_tt_230", "three wires with 230 V between them"),
                choice("tn_400", "three phases and a neutral, 230 V to it and 400 V between phases"),
            ]),
            Given::Default("\"auto\""),
            "The distribution system",
        ),
        setting(
            "fuse_a",
            Kind::Integer { min: 1, max: 65_535, unit: "A" },
            Given::Optional("63"),
            "The main fuse; gives the gauges their scale",
        ),
        setting(
            "production_w",
            Kind::Integer { min: 0, max: 1_000_000_000, unit: "W" },
            Given::Optional("8500"),
            "The largest power of one's own production; gives the export gauge its scale",
        ),
        setting("multiplier.power", FACTOR, Given::Default("1"), "Multiplies all powers")
            .more("For meters behind transformers that show what they see themselves."),
        setting("multiplier.voltage", FACTOR, Given::Default("1"), "Multiplies all voltages"),
        setting("multiplier.current", FACTOR, Given::Default("1"), "Multiplies all currents"),
        setting("multiplier.energy", FACTOR, Given::Default("1"), "Multiplies all registers"),
        setting(
            "estimate_current",
            Kind::Switch,
            Given::Default("true"),
            "Estimate the current of L2 that meters with three wires do not measure",
        ),
        setting(
            "record",
            Kind::Text(Form { name: "path", check: text::path }),
            Given::Optional("\"/var/lib/hanport/main.txt\""),
            "A file into which everything that comes is written as well, with times",
        )
        .more("It grows without end. For finding out what is wrong."),
    ],
};
