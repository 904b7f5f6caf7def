//! A broker.

use super::{Choice, Form, Given, Kind, Many, Section, choice, setting};
use crate::config::text;

const FORMATS: &[Choice] = &[
    choice("hanport", "own topics: state, quarter-hours, prices, peaks; Home Assistant finds them"),
    choice("home-assistant", "Home Assistant as older readers speak to it"),
    choice("json", "one JSON object on one topic"),
    choice("json-topics", "JSON on several topics"),
    choice("json-flat", "JSON without nesting"),
    choice("raw", "a topic for every value"),
    choice("raw-minimal", "a topic for every value, when it changes"),
    choice("domoticz", "Domoticz"),
    choice("hex", "frames in hexadecimal"),
    choice("passthrough", "frames as they came"),
];

const DEVICE: Kind = Kind::Integer { min: 0, max: 65_535, unit: "" };

/// One broker.
pub(super) const MQTT: Section = Section {
    path: "mqtt",
    title: "MQTT",
    help: "One block a broker to which values are published, or from which frames come.",
    many: Many::Named,
    settings: &[
        setting(
            "id",
            Kind::Text(Form { name: "name", check: text::name }),
            Given::Needed("\"home\""),
            "Its name in this file",
        ),
        setting(
            "host",
            Kind::Text(Form { name: "host", check: text::host }),
            Given::Needed("\"homeassistant.local\""),
            "Its host: a name or an address",
        ),
        setting(
            "port",
            Kind::Integer { min: 1, max: 65_535, unit: "" },
            Given::Optional("1883"),
            "Its port; 1883 where it is left out, 8883 with TLS",
        ),
        setting(
            "tls.enabled",
            Kind::Switch,
            Given::Default("false"),
            "Encrypt the connection; the certificate and the name of the broker are always checked",
        ),
        setting(
            "tls.ca",
            Kind::Text(Form { name: "path", check: text::path }),
            Given::Optional("\"/etc/hanport/ca.pem\""),
            "The certificates to believe, where not those of this machine",
        ),
        setting(
            "tls.certificate",
            Kind::Text(Form { name: "path", check: text::path }),
            Given::Optional("\"/etc/hanport/client.pem\""),
            "Our own certificate, where the broker wants one",
        ),
        setting(
            "tls.key",
            Kind::Text(Form { name: "path", check: text::path }),
            Given::Optional("\"/etc/hanport/client.key\""),
            "The file of its private key",
        ),
        setting(
            "tls.server_name",
            Kind::Text(Form { name: "host", check: text::host }),
            Given::Optional("\"broker.example\""),
            "The name in the broker's certificate, where it is not the host",
        ),
        setting(
            "user",
            Kind::Text(Form { name: "text", check: text::text }),
            Given::Default("\"\""),
            "The user",
        ),
        setting(
            "password",
            Kind::Secret(Form { name: "password", check: text::password }),
            Given::Optional("\"secret:mqtt-password\""),
            "The password of the user",
        ),
        setting(
            "client_id",
            Kind::Text(Form { name: "text", check: text::text }),
            Given::Default("\"\""),
            "The name under which we are known there; made from reader and id where it is empty",
        )
        .more("A broker throws one of two clients with one name out, over and over."),
        setting(
            "formats",
            Kind::Choices(FORMATS),
            Given::Default("[\"hanport\"]"),
            "What is published; nothing where the list is empty",
        ),
        setting(
            "meters",
            Kind::Texts(Form { name: "meter", check: text::name }),
            Given::Default("[]"),
            "The ids of the meters that are published; all of them where the list is empty",
        ),
        setting(
            "prefix",
            Kind::Text(Form { name: "topic", check: text::topic }),
            Given::Default("\"hanport\""),
            "The first word of the format `hanport`",
        ),
        setting(
            "publish_topic",
            Kind::Text(Form { name: "topic", check: text::topic }),
            Given::Default("\"ams\""),
            "The topic under which the formats of older readers publish",
        )
        .more(
            "The first meter has it to itself, others stand below it; or `{meter}` in it stands for \
             the id of the meter.",
        ),
        setting(
            "subscribe_topic",
            Kind::Text(Form { name: "topic", check: text::topic_or_empty }),
            Given::Default("\"\""),
            "The topic on which commands are taken",
        )
        .more("The publish topic and `/command` where it is empty."),
        setting(
            "mode",
            Kind::Choice(&[
                choice("realtime", "with every message"),
                choice("interval", "every so many seconds"),
            ]),
            Given::Default("\"realtime\""),
            "When the formats of older readers publish",
        ),
        setting(
            "interval_s",
            Kind::Integer { min: 1, max: 3600, unit: "s" },
            Given::Default("10"),
            "How often",
        )
        .when("mode", &["interval"]),
        setting(
            "keep_alive_s",
            Kind::Integer { min: 5, max: 240, unit: "s" },
            Given::Default("30"),
            "How often to show that somebody is there",
        ),
        setting(
            "queue_mb",
            Kind::Integer { min: 1, max: 4096, unit: "MB" },
            Given::Default("64"),
            "How much may wait on disk while the broker is away",
        )
        .more("Quarter-hours, registers and prices wait; live values do not."),
        setting(
            "unknown_as_null",
            Kind::Switch,
            Given::Default("false"),
            "Leave out unknown values, or say `null`, in the formats of older readers",
        )
        .more("Older readers say 0 there."),
        setting(
            "domoticz.electricity",
            DEVICE,
            Given::Default("0"),
            "The number (idx) of the device for power and energy; 0 for none",
        ),
        setting(
            "domoticz.current",
            DEVICE,
            Given::Default("0"),
            "The number of the device for currents",
        ),
        setting(
            "domoticz.voltage_l1",
            DEVICE,
            Given::Default("0"),
            "The number of the device for the voltage of L1",
        ),
        setting(
            "domoticz.voltage_l2",
            DEVICE,
            Given::Default("0"),
            "The number of the device for the voltage of L2",
        ),
        setting(
            "domoticz.voltage_l3",
            DEVICE,
            Given::Default("0"),
            "The number of the device for the voltage of L3",
        ),
        setting(
            "homeassistant.prefix",
            Kind::Text(Form { name: "topic", check: text::topic }),
            Given::Default("\"homeassistant\""),
            "The first word of the topics where Home Assistant looks for devices",
        ),
        setting(
            "homeassistant.style",
            Kind::Choice(&[
                choice("device", "a message a device"),
                choice("components", "a message an entity: Domoticz, openHAB, versions before 2024.11"),
                choice("off", "not at all"),
            ]),
            Given::Default("\"device\""),
            "How Home Assistant learns of the format `hanport`",
        ),
        setting(
            "homeassistant.address",
            Kind::Text(Form { name: "address", check: text::page_address }),
            Given::Optional("\"http://hanport.local:8080/\""),
            "The address of the page, shown at the device",
        ),
        setting(
            "homeassistant.tag",
            Kind::Text(Form { name: "text", check: text::tag }),
            Given::Default("\"\""),
            "A word in the names of devices and entities",
        ),
        setting(
            "homeassistant.migrate_from",
            Kind::Text(Form { name: "text", check: text::label }),
            Given::Optional("\"ams-a1b2\""),
            "The host name of an older reader whose entities are taken over with their history",
        ),
    ],
};

#[cfg(test)]
mod tests {
    use hanport_engine::publish::Format;

    use super::*;

    #[test]
    fn every_format_can_be_chosen() {
        assert_eq!(FORMATS.len(), Format::ALL.len());
        for format in Format::ALL {
            assert!(FORMATS.iter().any(|choice| choice.name == format.name()), "{format:?}");
        }
    }
}
