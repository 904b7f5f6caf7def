//! The settings of a source, as its adapter wants them.

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use hanport_core::session::push::Options;
use hanport_engine::line::LineSettings;
use hanport_io::source::replay::{Input, Speed, Stamp};
use hanport_io::source::serial::{Lines, Which};
use hanport_io::source::tcp::connect::Remote;
use hanport_io::source::{
    Limit, Memory, Mqtt, Replay, Serial, Setup, Source, TcpConnect, TcpListen,
};
use hanport_store::Store;

use crate::config::meant::{BrokerConfig, Line, MeterConfig, Pace, SourceConfig};

/// Line settings that were found, kept in the store.
#[derive(Debug)]
pub(super) struct Remembered(pub(super) Arc<Store>);

/// The scope of the facts about lines.
const LINES: &str = "line";

impl Memory for Remembered {
    fn keep(&self, port: &str, settings: LineSettings) {
        self.0.remember(LINES, port, serde_json::Value::String(settings.to_string()));
    }

    fn recall(&self, port: &str) -> Option<LineSettings> {
        let fact = self.0.fact(LINES, port).ok()??;
        fact.as_str()?.parse().ok()
    }
}

/// A source in a few words.
pub(super) fn describe(source: &SourceConfig) -> String {
    match source {
        SourceConfig::File { path, .. } => path.display().to_string(),
        SourceConfig::Mqtt { broker, topic } => format!("{topic} at the broker {broker}"),
        SourceConfig::Rfc2217 { connect, .. } | SourceConfig::TcpConnect { connect } => {
            connect.clone()
        }
        SourceConfig::Serial { port, .. } => port.display().to_string(),
        SourceConfig::Simulator { meter, .. } => format!("simulated {meter}"),
        SourceConfig::Standard => "standard input".to_owned(),
        SourceConfig::TcpListen { listen } => format!("connections to {listen}"),
    }
}

/// The source of a meter.
pub(super) fn of(meter: &MeterConfig, brokers: &[BrokerConfig]) -> anyhow::Result<Source> {
    let setup = |line: &Line| setup(*line, meter.options());
    Ok(match &meter.source {
        SourceConfig::File { path, pace, again } => Source::Replay(Replay {
            input: Input::File(path.clone()),
            repeat: *again,
            speed: speed(*pace),
            stamp: stamp(*pace),
        }),
        SourceConfig::Mqtt { broker, topic } => {
            let known = brokers.iter().find(|known| known.id == *broker);
            let broker = known.with_context(|| format!("there is no broker `{broker}`"))?;
            let mut options = super::broker::options(broker);
            // who publishes there has the name itself
            options.client_id = format!("{}-{}", options.client_id, meter.id);
            Source::Mqtt(Mqtt {
                broker: options,
                topics: vec![topic.clone()],
                limit: Limit::default(),
            })
        }
        SourceConfig::Rfc2217 { connect, line } => {
            let mut server = server(connect)?;
            server.remote = Some(Remote { setup: setup(line), lines: Lines::default() });
            Source::TcpConnect(server)
        }
        SourceConfig::Serial { port, line } => {
            let which =
                if port.as_os_str() == "auto" { Which::Auto } else { Which::Path(port.clone()) };
            Source::Serial(Serial { which, setup: setup(line), lines: Lines::default() })
        }
        SourceConfig::Simulator { meter, .. } => {
            return Err(anyhow!("a simulated {meter} is started by the program, not read"));
        }
        SourceConfig::Standard => Source::Replay(Replay {
            input: Input::Standard,
            repeat: false,
            speed: Speed::AtOnce,
            stamp: Stamp::Now,
        }),
        SourceConfig::TcpConnect { connect } => Source::TcpConnect(server(connect)?),
        SourceConfig::TcpListen { listen } => Source::TcpListen(TcpListen::anybody(*listen)),
    })
}

fn setup(line: Line, options: Options) -> Setup {
    match line {
        Line::Auto => Setup::Search(Box::new(options)),
        Line::Fixed(settings) => Setup::Fixed(settings),
    }
}

fn server(address: &str) -> anyhow::Result<TcpConnect> {
    let wrong = || anyhow!("`{address}` is no address; write it like 192.168.1.20:2001");
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(TcpConnect::plain(host, port.parse().map_err(|_| wrong())?))
}

fn speed(pace: Pace) -> Speed {
    match pace {
        Pace::Free => Speed::AtOnce,
        Pace::Thousandths(thousandths) => Speed::Times(f64::from(thousandths) / 1000.0),
    }
}

/// A recording that is played as fast as possible belongs where it was recorded.
const fn stamp(pace: Pace) -> Stamp {
    match pace {
        Pace::Free => Stamp::Recorded,
        Pace::Thousandths(_) => Stamp::Now,
    }
}
