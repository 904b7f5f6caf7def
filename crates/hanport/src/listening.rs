//! Sources that are read side by side while somebody looks on.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use hanport_core::session::push::Options;
use hanport_engine::line::{Arrival, LineSettings};
use hanport_engine::outside::Clock as _;
use hanport_engine::time::UtcMillis;
use hanport_io::clock::System;
use hanport_io::source::serial::{Lines, Which};
use hanport_io::source::{self, Outside, Serial, Setup, Source, SourceError, TcpConnect};
use hanport_io::stop;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::run::runtime;

/// How often whoever looks on is called at least.
const TICK: Duration = Duration::from_millis(200);

/// Arrivals on their way. When there are more the sources wait.
const WAITING: usize = 64;

/// What is heard.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Something arrived from the source of this number.
    Arrival(usize, Arrival),
    /// A source has ended; why, where that is a mistake.
    Ended(Option<SourceError>),
    /// Time passed.
    Tick(UtcMillis),
}

/// The source of a name on the command line: a serial port, or `tcp:HOST:PORT`.
pub(crate) fn named(
    port: &str,
    line: Option<LineSettings>,
    options: Options,
) -> anyhow::Result<Source> {
    if let Some(address) = port.strip_prefix("tcp:") {
        let Some((host, port)) = address.rsplit_once(':') else {
            bail!("`{address}` is no address; write it like tcp:192.168.1.20:2001");
        };
        let port = port.parse().with_context(|| format!("`{port}` is no port"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        return Ok(Source::TcpConnect(TcpConnect::plain(host, port)));
    }
    let setup = match line {
        Some(settings) => Setup::Fixed(settings),
        None => Setup::Search(Box::new(options)),
    };
    let which = Which::Path(PathBuf::from(port));
    Ok(Source::Serial(Serial { which, setup, lines: Lines::default() }))
}

/// The time now.
pub(crate) fn now() -> UtcMillis {
    System.now()
}

/// Reads `sources` until `hear` breaks, until all have ended, for `length` at most, or until the
/// program is asked to end.
pub(crate) fn listen(
    sources: Vec<Source>,
    length: Option<Duration>,
    mut hear: impl FnMut(Heard) -> anyhow::Result<ControlFlow<()>>,
) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let _stopped = stop.clone().drop_guard();
    runtime()?.block_on(async {
        let mut tasks = JoinSet::new();
        let (tap, mut arrivals) = mpsc::channel(WAITING);
        for (number, source) in sources.into_iter().enumerate() {
            tasks.spawn(Box::pin(one(number, source, tap.clone(), stop.child_token())));
        }
        drop(tap);
        let end = async {
            match length {
                Some(length) => tokio::time::sleep(length).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(end);
        let mut ticks = tokio::time::interval(TICK);
        loop {
            // arrivals first: what ended has handed on everything before. Whatever is dropped
            // here has taken nothing.
            let heard = tokio::select! {
                biased;
                Some((number, arrival)) = arrivals.recv() => Heard::Arrival(number, arrival),
                Some(ended) = tasks.join_next() => match ended {
                    Ok(error) => Heard::Ended(error),
                    Err(_) => continue,
                },
                () = &mut end => return Ok(()),
                _ = ticks.tick() => Heard::Tick(now()),
            };
            let over = matches!(heard, Heard::Ended(_)) && tasks.is_empty();
            if hear(heard)?.is_break() || over || stop::asked() {
                return Ok(());
            }
        }
    })
}

/// Reads one source and puts its number to what comes of it.
async fn one(
    number: usize,
    source: Source,
    tap: mpsc::Sender<(usize, Arrival)>,
    stop: CancellationToken,
) -> Option<SourceError> {
    // The same bound once more: when it is full the source waits.
    let (own, mut from) = mpsc::channel(WAITING);
    let reading = source::run(source, Outside::new(Arc::new(System)), own, stop);
    let handing_on = async {
        while let Some(arrival) = from.recv().await {
            if tap.send((number, arrival)).await.is_err() {
                return;
            }
        }
    };
    let (read, ()) = tokio::join!(reading, handing_on);
    read.err()
}
