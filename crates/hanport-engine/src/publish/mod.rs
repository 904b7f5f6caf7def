//! What is published to brokers: from views of meters to topics and text, pure.
//!
//! ```text
//!  Update --> Publication --> Outgoing: topic, payload, retain, QoS, how long it is worth sending
//!               |  every format of a broker, for every meter of it
//!               |
//!               |  formats that existing readers speak       below the user's topic
//!               |    json         classic, flat, on several topics
//!               |    raw          a topic a value, all or only changes
//!               |    domoticz     devices by number
//!               |    assistant    Home Assistant, an entity a message
//!               |    octets       frames in hexadecimal, or as they came
//!               |
//!               |  hanport's own                             below hanport/<reader>
//!               |    tree         state, interval, register, price, account, peaks
//!               |    discovery    Home Assistant, a device a message
//! ```
//!
//! Nothing here knows a broker, a socket or a clock: the same updates give the same messages.
//! Numbers are decimal text made from integers; JSON is written in the order of the tables in
//! `docs/mqtt.md`, without blanks.
//!
//! - [`settings`]: what is published, and how; [`clash`]: what cannot stand side by side
//! - [`outgoing`]: one message; [`reader`]: what is known of this program; [`text`]: JSON and digits
//! - [`figures`]: what a format takes from a view; [`books`]: energy, peaks and prices of it
//! - [`publication`]: joins the formats of a broker
//! - [`command`]: what is understood of what comes back; [`plot`]: energy by hours and days

pub mod assistant;
pub mod books;
pub mod clash;
pub mod command;
pub mod discovery;
pub mod domoticz;
pub mod figures;
pub mod json;
pub mod octets;
pub mod outgoing;
pub mod plot;
pub mod publication;
pub mod raw;
pub mod reader;
pub mod settings;
pub mod text;
pub mod tree;

pub use clash::clashes;
pub use command::Command;
pub use outgoing::{Keeping, Outgoing, Qos};
pub use publication::{Came, Incoming, Publication};
pub use reader::{Reader, Release};
pub use settings::{Devices, Discovery, Format, Pace, Settings, Style};
