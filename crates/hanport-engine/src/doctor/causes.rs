//! The causes: a stable word, a name and what to do, in order. [`rules`](super::rules) says when.

use super::report::Layer;

/// One thing that may be wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause {
    /// The stable word for programs.
    pub(super) word: &'static str,
    /// The layer that it breaks.
    pub(super) layer: Layer,
    /// What is wrong, as a noun phrase.
    pub(super) title: &'static str,
    /// What to do, in order.
    pub(super) remedies: &'static [&'static str],
}

macro_rules! causes {
    ($($name:ident: $word:literal, $layer:ident, $title:literal, [$($remedy:literal),* $(,)?];)*) => {
        $(pub(super) const $name: Cause = Cause {
            word: $word,
            layer: Layer::$layer,
            title: $title,
            remedies: &[$($remedy),*],
        };)*

        /// All of them, for tests and the documentation.
        #[cfg(test)]
        pub(super) const ALL: &[Cause] = &[$($name),*];
    };
}

causes! {
    PERMISSION: "permission", Port, "no permission to read the port", [
        "Add the user of this program to the group of the port, often dialout.",
        "Log in again, or restart the service.",
    ];
    PORT_IN_USE: "port_in_use", Port, "a port that another program has open", [
        "Stop the other program: ser2net, ModemManager, another reader.",
        "Or read the meter through it, over TCP.",
    ];
    PORT_ABSENT: "port_absent", Port, "a port that is not there", [
        "Plug the adapter in, or try another USB socket and cable.",
        "Name it by /dev/serial/by-id/...: that stays the same from start to start.",
    ];
    NOBODY_CONNECTS: "nobody_connects", Port, "no sender that connects", [
        "Give the sender the address and port of this machine.",
        "Check that a firewall lets it through.",
    ];
    CANNOT_OPEN: "cannot_open", Port, "a port or connection that cannot be opened", [
        "Check the name or address in the configuration.",
        "Check that the device is on and in the same network.",
    ];
    CONNECTION_DROPS: "connection_drops", Port, "a connection that drops again and again", [
        "Check the supply and the Wi-Fi of the bridge, or the USB cable of the adapter.",
        "Let one program only connect to the bridge: many serve one at a time.",
    ];
    FLOOD: "flood", Line, "more octets than any meter sends", [
        "Set the port to the speed of the meter: hanport detect finds it.",
        "Check that the address is the meter's bridge and not something else.",
    ];
    OVERRUN: "overrun", Line, "characters that were not taken in time", [
        "Plug the adapter straight into the machine, not into a hub.",
        "Take load off the machine, or use an adapter with a larger buffer.",
    ];
    NOTHING_ARRIVES: "nothing_arrives", Line, "nothing arrives from the meter", [
        "Ask the network company whether the port is enabled: in most countries it is off until asked for.",
        "Check the plug and the pins: HAN in Norway 1 and 2 of RJ45, M-Bus in Austria 3 and 4 of RJ12.",
        "A P1 port sends only while its request pin has 5 V: use a cable made for P1.",
        "Check that this is the right port.",
    ];
    METER_STOPPED: "meter_stopped", Line, "a meter that has stopped sending", [
        "Check the plug and the cable.",
        "Pull the plug for a minute: some ports switch off when too much power is drawn.",
        "After a change of meter or tenant the network company must enable the port again.",
    ];
    IDLE_LINE: "idle_line", Line, "a line on which nothing is sent", [
        "Check the supply of the adapter and the two wires.",
        "Ask the network company whether the port is enabled.",
        "Octets 00 only: the adapter holds the line low. It has no power, or inverts.",
    ];
    INVERTED: "inverted", Line, "an inverted line", [
        "P1 ports need one inversion: use a P1 cable, or switch it on in the adapter.",
        "HAN and M-Bus adapters must not invert: switch it off there.",
        "No setting of the port cures it.",
    ];
    WRONG_PARITY: "wrong_parity", Line, "a wrong parity or number of data bits", [
        "Leave the settings out of the configuration: they are found by themselves. hanport detect shows it.",
    ];
    WRONG_SPEED: "wrong_speed", Line, "a wrong speed", [
        "Leave the settings out of the configuration: they are found by themselves. hanport detect shows it.",
        "Behind a network bridge, set the speed there.",
    ];
    NOT_A_METER: "not_a_meter", Line, "text that is no meter's", [
        "Check that the port or address is the meter's: this is a log or another device.",
    ];
    TEXT_MODE: "text_mode", Line, "a bridge that treats octets as text", [
        "Switch the bridge from text to raw: it changes line ends or characters.",
    ];
    WEAK_POWER: "weak_power", Frames, "weak power or wiring", [
        "Give the adapter a supply of its own: another USB socket, a 5 V charger, a short cable.",
        "The meter's port gives little power: a board with Wi-Fi needs more than most of them have.",
        "Tighten the two wires, keep them short and away from mains; check ground.",
        "If it stays, try another adapter.",
    ];
    PARTS_MISSING: "parts_missing", Frames, "messages of which parts are missing", [
        "Check cable and supply: each part is short, and one that is damaged spoils the whole.",
        "Behind a bridge, let it hand on everything at once and raw.",
    ];
    NOISE: "noise", Frames, "noise on the line", [
        "Nothing to do while it is rare: a damaged message is left out, the next one is right.",
        "Keep the cable away from mains, motors and chargers.",
    ];
    NEEDS_KEY: "needs_key", Key, "an encrypted meter without a key", [
        "Ask the network company for the keys of the customer port, and enter them.",
    ];
    WRONG_KEY: "wrong_key", Key, "a key that does not open the messages", [
        "Compare the key with the company's letter: 32 characters, 0-9 and A-F.",
        "After a change of meter or owner there is a new key.",
    ];
    WRONG_AUTH_KEY: "wrong_auth_key", Key, "a wrong authentication key", [
        "Check the second key: 32 characters, 0-9 and A-F.",
        "Leave it out for the time being: messages are read, and marked as not verified.",
    ];
    KEYS_SWAPPED: "keys_swapped", Key, "two keys that stand in each other's place", [
        "Exchange the two keys in the configuration. Messages are read all the same.",
    ];
    UNKNOWN_LIST: "unknown_list", List, "a list that nobody has described", [
        "Record it with hanport record and send it in: the meter can be added.",
    ];
    METER_CLOCK: "meter_clock", Values, "a meter whose clock is wrong", [
        "Nothing to do: the time of arrival is used. The network company can set the clock.",
    ];
    LATE: "late", Values, "a message that is overdue", [
        "Wait for the next one.",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_own_word_a_row_in_the_documentation_and_something_to_do() {
        let documented = include_str!("../../../../docs/doctor.md");
        for (n, cause) in ALL.iter().enumerate() {
            let row = format!("| {:?} | `{}` |", cause.layer, cause.word).to_lowercase();
            assert!(documented.contains(&row), "docs/doctor.md lacks {row}");
            assert!(ALL.iter().skip(n + 1).all(|other| other.word != cause.word), "{}", cause.word);
            assert!(!cause.remedies.is_empty());
            for text in cause.remedies {
                assert!(text.ends_with('.') && text.len() < 110, "{text}");
            }
        }
    }
}
