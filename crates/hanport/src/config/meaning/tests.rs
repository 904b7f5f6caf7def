//! How the parts of a configuration fit together.

use std::path::PathBuf;

use super::*;
use crate::config::load::look;
use hanport_engine::publish::{self, Format};

use crate::config::meant::{Access, Pace, SourceConfig};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        if name == "secrets.toml" {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(&path, mode).unwrap();
        }
        path
    }

    fn look(&self, text: &str) -> (Option<Config>, Vec<String>) {
        let file = self.write("hanport.toml", text);
        let looked = look(Some(&file), &Surroundings::default());
        let mistakes = looked.mistakes().map(|it| format!("{}: {}", it.path, it.message));
        let mistakes = mistakes.collect();
        (looked.config, mistakes)
    }
}

const STDIN: &str = "source.kind = \"stdin\"\n";

#[test]
fn without_a_file_the_defaults_hold() {
    let looked = look(None, &Surroundings::default());
    assert_eq!(looked.mistakes().count(), 0);
    let config = looked.config.expect("defaults are right");
    assert_eq!(config.web.listen, ["[::]:8080".parse().unwrap()]);
    assert_eq!((config.web.access, config.site.currency.as_str()), (Access::Changes, "EUR"));
    assert_eq!(config.data.folder, Path::new("/var/lib/hanport"));
    assert_eq!(config.page.tiles.len(), 14);
    assert!(config.meters.is_empty() && config.brokers.is_empty());
}

#[test]
fn a_whole_file_means_what_it_says() {
    let folder = Folder::new();
    folder.write("secrets.toml", "k = \"00112233445566778899AABBCCDDEEFF\"\np = \"x\"\n");
    let (config, mistakes) = folder.look(
        "[site]\nzone = \"Europe/Stockholm\"\n[[meter]]\nid = \"main\"\nsource.kind = \"simulator\"\n\
         source.meter = \"aidon-no\"\nsource.speed = 2.5\nencryption_key = \"secret:k\"\nfuse_a = 63\n\
         net = \"tn_400\"\nhint = \"kaifa\"\nclock = \"Kamstrup\"\nmultiplier.power = 0.5\n\
         estimate_current = false\n[[mqtt]]\nid = \"home\"\nhost = \"h\"\nuser = \"u\"\n\
         password = \"secret:p\"\nmode = \"interval\"\nformats = [\"json\", \"hanport\", \"json\"]\n\
         meters = [\"main\"]\ntls.enabled = true\n[page]\norder = [\"price\"]\n",
    );
    assert_eq!(mistakes, Vec::<String>::new());
    let config = config.expect("it is right");
    assert_eq!(config.site.currency, "SEK");
    let meter = &config.meters[0];
    assert_eq!(meter.name, "main");
    assert!(matches!(&meter.source, SourceConfig::Simulator { pace: Pace::Thousandths(2500), .. }));
    assert!(meter.options().encryption_key.is_some() && meter.options().hint.is_some());
    assert_eq!(meter.settings.multipliers.power, 500);
    assert!(meter.settings.no_estimated_current);
    assert_eq!(meter.settings.clock_family.as_deref(), Some("Kamstrup"));
    let broker = &config.brokers[0];
    assert_eq!((broker.port, broker.client_id.as_str()), (8883, "hanport-home"));
    assert_eq!(broker.publish.formats, [Format::Json, Format::Hanport]);
    assert_eq!(broker.publish.pace, publish::Pace::Interval(10));
    assert_eq!(broker.password.as_ref().map(Secret::reveal), Some("x"));
    assert_eq!(config.page.tiles[0].name, "price");
}

#[test]
fn what_is_named_must_be_there() {
    let (config, mistakes) = Folder::new().look(
        "[[meter]]\nid = \"a\"\nsource.kind = \"mqtt\"\nsource.broker = \"hme\"\nsource.topic = \"t\"\n\
         encryption_key = \"secret:k\"\n[[mqtt]]\nid = \"home\"\nhost = \"h\"\nmeters = [\"b\"]\n\
         tls.enabled = true\ntls.ca = \"/nonexistent.pem\"\ntls.key = \"/dev/null\"\n\
         [price]\nsource = \"file:/nonexistent.csv\"\n[tariff]\nname = \"/nonexistent.toml\"\n",
    );
    assert!(config.is_none());
    assert_eq!(
        mistakes,
        [
            "meter.a.source.broker: there is no broker `hme`",
            "meter.a.encryption_key: there is no secret `k`",
            "mqtt.home.meters: there is no meter `b`",
            "mqtt.home.tls.ca: /nonexistent.pem cannot be read: it is not there",
            "mqtt.home.tls.key: the certificate of the key is missing",
            "price.source: /nonexistent.csv cannot be read: it is not there",
            "tariff.name: /nonexistent.toml cannot be read: it is not there",
        ]
    );
}

#[test]
fn two_cannot_have_one_thing() {
    let (config, mistakes) = Folder::new().look(
        "[[meter]]\nid = \"a\"\nsource.kind = \"tcp-listen\"\nsource.listen = \"127.0.0.1:8080\"\n\
         [[meter]]\nid = \"b\"\nsource.kind = \"tcp\"\nsource.connect = \"h:1\"\nrecord = \"/r\"\n\
         [[meter]]\nid = \"c\"\nsource.kind = \"tcp\"\nsource.connect = \"h:1\"\nrecord = \"/r\"\n\
         [[mqtt]]\nid = \"x\"\nhost = \"h\"\nclient_id = \"me\"\nformats = [\"json\"]\n\
         [[mqtt]]\nid = \"y\"\nhost = \"H\"\nclient_id = \"me\"\nformats = [\"json\"]\n",
    );
    assert!(config.is_none());
    assert_eq!(
        mistakes,
        [
            "meter.a.source.listen: 127.0.0.1:8080 is listened on already, by `web.listen`",
            "meter.c.source.connect: the connection to h:1 belongs to the meter `b` already",
            "meter.c.record: the file /r belongs to the meter `b` already",
            "mqtt.y.publish_topic: `x` publishes the same on the same topic",
            "mqtt.y.client_id: `x` is known there by this name already",
        ]
    );
}

#[test]
fn one_mistake_in_a_part_does_not_hide_the_others_in_it() {
    let (_, mistakes) = Folder::new().look(
        "[[mqtt]]\nid = \"Home\"\nhost = \"mqtt://h\"\npassword = \"secret:p\"\nuser = \"u\"\n\
         tls.enabled = true\ntls.ca = \"/nonexistent.pem\"\n[[meter]]\nid = \"a\"\nfuse_a = 0\n\
         encryption_key = \"secret:k\"\n",
    );
    let paths: Vec<&str> = mistakes.iter().filter_map(|it| it.split(": ").next()).collect();
    assert_eq!(
        paths,
        [
            "mqtt.1.id",
            "mqtt.1.host",
            "mqtt.1.password",
            "mqtt.1.tls.ca",
            "meter.a.source.kind",
            "meter.a.fuse_a",
            "meter.a.encryption_key",
        ],
        "{mistakes:#?}"
    );
}

#[test]
fn what_is_odd_is_warned_of_and_taken() {
    let (config, mistakes) = Folder::new().look(&format!(
        "[[meter]]\nid = \"a\"\n{STDIN}authentication_key = \"{}\"\n[[meter]]\nid = \"b\"\n\
         source.kind = \"serial\"\nsource.port = \"/dev/nonexistent\"\n[[mqtt]]\nid = \"x\"\nhost = \"h\"\n\
         port = 8883\ntls.ca = \"/c\"\npassword = \"p\"\n[web]\nlisten = []\n",
        "A".repeat(32)
    ));
    assert!(config.is_some(), "{mistakes:?}");
    let paths: Vec<&str> = mistakes.iter().filter_map(|it| it.split(": ").next()).collect();
    assert_eq!(
        paths,
        [
            "meter.a.authentication_key",
            "meter.a.authentication_key",
            "meter.b.source.port",
            "mqtt.x.port",
            "mqtt.x.tls.ca",
            "mqtt.x.password",
            "mqtt.x.password",
            "web.listen",
        ],
        "{mistakes:#?}"
    );
    assert!(!mistakes.concat().contains("AAAA"));
}

#[test]
fn a_key_in_the_file_of_secrets_must_be_one() {
    let folder = Folder::new();
    folder.write("secrets.toml", "k = \"0011\"\n");
    let text = format!("[[meter]]\nid = \"a\"\n{STDIN}encryption_key = \"secret:k\"\n");
    let (config, mistakes) = folder.look(&text);
    assert!(config.is_none());
    assert_eq!(mistakes, ["meter.a.encryption_key: 28 characters short: 4 of 32"]);
}

#[test]
fn seasons_have_two_ends_and_steps_ascend() {
    let (_, mistakes) = Folder::new().look(
        "[[price.modifier]]\nname = \"w\"\nkind = \"add\"\nvalue = 1\nfrom = \"11-01\"\n\
         [tariff]\nthresholds_kwh = [5, 10, 10]\n",
    );
    assert_eq!(
        mistakes,
        [
            "price.modifier.1.from: the last day is missing",
            "tariff.thresholds_kwh: 10 does not belong after 10: steps ascend",
        ]
    );
}
