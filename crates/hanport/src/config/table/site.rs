//! The site, the page's server, what is kept, what is logged.

use super::{Form, Given, Kind, Many, Section, choice, setting};
use crate::config::text;

/// Where this is.
pub(super) const SITE: Section = Section {
    path: "site",
    title: "Site",
    help: "Where this is.",
    many: Many::No,
    settings: &[
        setting(
            "name",
            Kind::Text(Form { name: "text", check: |t| text::label(t) }),
            Given::Default("\"Home\""),
            "The name of the place, for people",
        ),
        setting(
            "reader",
            Kind::Text(Form { name: "name", check: |t| text::name(t) }),
            Given::Default("\"hanport\""),
            "The name of this reader in topics and on the network",
        )
        .more("Lower-case letters, digits, `-` and `_`. Two readers at one broker need two names.")
        .restarts(),
        setting(
            "zone",
            Kind::Text(Form { name: "zone", check: |t| text::zone(t).map(drop) }),
            Given::Default("\"auto\""),
            "The time zone in which days begin and end",
        )
        .more("A name such as `Europe/Oslo`; `auto` is the zone of this machine.")
        .restarts(),
        setting(
            "country",
            Kind::Text(Form { name: "country", check: text::country }),
            Given::Default("\"auto\""),
            "The country, by its two letters",
        )
        .more("`auto` takes it from the time zone."),
        setting(
            "currency",
            Kind::Text(Form { name: "currency", check: text::currency }),
            Given::Default("\"auto\""),
            "The currency in which money is counted, by its three letters",
        )
        .more("`auto` is the currency of the country."),
        setting(
            "language",
            Kind::Choice(&[
                choice("auto", "as the browser asks"),
                choice("da", "Danish"),
                choice("de", "German"),
                choice("en", "English"),
                choice("nb", "Norwegian Bokm\u{e5}l"),
                choice("nl", "Dutch"),
                choice("sv", "Swedish"),
            ]),
            Given::Default("\"auto\""),
            "The language of the page",
        ),
    ],
};

/// The page and the interfaces over HTTP.
pub(super) const WEB: Section = Section {
    path: "web",
    title: "Page and interfaces",
    help: "The page and the interfaces over HTTP.",
    many: Many::No,
    settings: &[
        setting(
            "listen",
            Kind::Texts(Form { name: "address", check: |t| text::listen(t).map(drop) }),
            Given::Default("[\"[::]:8080\"]"),
            "Addresses and ports to listen on",
        )
        .more(
            "`[::]:8080` is port 8080 of all addresses of this machine, those of IPv4 included; \
             `127.0.0.1:8080` only of this machine itself, for use behind a proxy.",
        )
        .restarts(),
        setting(
            "base_path",
            Kind::Text(Form { name: "base-path", check: text::base_path }),
            Given::Default("\"\""),
            "The path under which a proxy shows the page",
        )
        .more("For example `/energy` where the page stands at https://home.example/energy/.")
        .restarts(),
        setting(
            "trusted_proxies",
            Kind::Texts(Form { name: "network", check: |t| text::network(t).map(drop) }),
            Given::Default("[]"),
            "Proxies that are believed when they say for whom they ask",
        )
        .more("Addresses or ranges: `192.168.1.5`, `172.16.0.0/12`.")
        .restarts(),
        setting(
            "names",
            Kind::Texts(Form { name: "host", check: text::host }),
            Given::Default("[]"),
            "More names under which the page may be called",
        )
        .more(
            "Addresses, `localhost` and the names of this machine need not stand here; the name of a \
             proxy does. Anything else is refused, so that no foreign page can speak to this one.",
        ),
        setting(
            "access",
            Kind::Choice(&[
                choice("changes", "to change anything; everybody in the network may look"),
                choice("everything", "for everything"),
            ]),
            Given::Default("\"changes\""),
            "For what somebody must sign in",
        ),
        setting(
            "reading_site",
            Kind::Text(Form { name: "address", check: text::page_address_or_empty }),
            Given::Default("\"https://www.amsleser.cloud\""),
            "A page elsewhere that may read the interfaces of older readers from a browser here",
        )
        .more("Older readers let this one; leave it empty for none.")
        .restarts(),
        setting(
            "unknown_as_null",
            Kind::Switch,
            Given::Default("false"),
            "Say `null` for unknown values in the interfaces of older readers",
        )
        .more(
            "Older readers say 0 there, and their users' scripts may rely on it. The interface under \
             `/api` never says 0 for unknown.",
        ),
    ],
};

/// What is kept, and where.
pub(super) const DATA: Section = Section {
    path: "data",
    title: "Data",
    help: "What is kept, and where. Quarter-hours and registers are kept for ever.",
    many: Many::No,
    settings: &[
        setting(
            "folder",
            Kind::Text(Form { name: "path", check: |t| text::path_or_auto(t) }),
            Given::Default("\"auto\""),
            "The folder of the history and of all else that is remembered",
        )
        .more(
            "`auto` is `$STATE_DIRECTORY` where systemd gives one, `/var/lib/hanport` for root, else \
             `~/.local/state/hanport`.",
        )
        .restarts(),
        setting(
            "raw_days",
            Kind::Integer { min: 1, max: 36_500, unit: "days" },
            Given::Default("366"),
            "How long every sample is kept",
        )
        .more("A meter that sends every ten seconds needs some 60 MB a year."),
        setting(
            "minute_weeks",
            Kind::Integer { min: 1, max: 5200, unit: "weeks" },
            Given::Default("12"),
            "How long the means of minutes are kept",
        ),
    ],
};

/// What the program writes about itself.
pub(super) const LOG: Section = Section {
    path: "log",
    title: "Log",
    help: "What the program writes about itself.",
    many: Many::No,
    settings: &[
        setting(
            "level",
            Kind::Choice(&[
                choice("error", "what keeps something from working"),
                choice("warn", "what needs somebody"),
                choice("info", "what changes"),
                choice("debug", "what leads to it"),
                choice("trace", "every message"),
            ]),
            Given::Default("\"info\""),
            "How much is written",
        ),
        setting(
            "form",
            Kind::Choice(&[
                choice("text", "lines for people"),
                choice("json", "one JSON object a line, for programs"),
            ]),
            Given::Default("\"text\""),
            "How it is written",
        )
        .restarts(),
    ],
};
