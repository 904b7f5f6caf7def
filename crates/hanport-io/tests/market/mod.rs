//! A server that plays price sources, a clock that runs fast, and a shelf to keep prices on.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hanport_engine::outside::{Clock, HistoryError, Prices};
use hanport_engine::price::{PriceSeries, Rates};
use hanport_engine::time::UtcMillis;
use jiff::civil::Date;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What the server says to one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Reply {
    Reply { status: 200, headers: Vec::new(), body: body.into() }
}

pub(crate) fn status(status: u16, body: &str) -> Reply {
    Reply { status, headers: Vec::new(), body: body.into() }
}

/// A request as the server saw it: path with query, and the header `If-None-Match`.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: UtcMillis,
    pub(crate) path: String,
    pub(crate) mark: Option<String>,
    pub(crate) agent: String,
}

type Play = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// The server. It ends with the test.
pub(crate) struct Market {
    pub(crate) base: String,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    _tasks: JoinSet<()>,
}

impl Market {
    /// A server that answers with `play`: it is told the request and how many came before it.
    pub(crate) async fn open(
        clock: Arc<dyn Clock>,
        play: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let mut tasks = JoinSet::new();
        let (play, log): (Arc<Play>, _) = (Arc::new(play), Arc::clone(&seen));
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let (play, log, clock) = (Arc::clone(&play), Arc::clone(&log), Arc::clone(&clock));
                connections.spawn(async move {
                    let mut head = Vec::new();
                    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                        let mut octets = [0; 1024];
                        match socket.read(&mut octets).await {
                            Ok(0) | Err(_) => return,
                            Ok(count) => head.extend_from_slice(&octets[..count]),
                        }
                    }
                    let head = String::from_utf8(head).unwrap();
                    let header = |name: &str| {
                        head.lines()
                            .find_map(|line| line.strip_prefix(&format!("{name}: ")))
                            .map(str::to_owned)
                    };
                    let request = Seen {
                        at: clock.now(),
                        path: head.split_whitespace().nth(1).unwrap().to_owned(),
                        mark: header("if-none-match"),
                        agent: header("user-agent").unwrap_or_default(),
                    };
                    let before = {
                        let mut log = log.lock().unwrap();
                        log.push(request.clone());
                        log.len() - 1
                    };
                    let reply = play(&request, before);
                    let mut answer = format!(
                        "HTTP/1.1 {} .\r\ncontent-length: {}\r\nconnection: close\r\n",
                        reply.status,
                        reply.body.len()
                    );
                    for (name, value) in &reply.headers {
                        answer += &[name, ": ", value, "\r\n"].concat();
                    }
                    answer += "\r\n";
                    // the reader may have had enough
                    let _ = socket.write_all(answer.as_bytes()).await;
                    let _ = socket.write_all(&reply.body).await;
                });
            }
        });
        Self { base, seen, _tasks: tasks }
    }

    /// The same under an address where nobody listens.
    pub(crate) fn gone(mut self) -> Self {
        "http://127.0.0.1:1".clone_into(&mut self.base);
        self
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.path.clone()).collect()
    }
}

/// A clock that begins where it is told to and runs many times as fast as time.
#[derive(Debug)]
pub(crate) struct Fast {
    start: UtcMillis,
    begun: Instant,
    times: i64,
}

impl Fast {
    pub(crate) fn at(start: &str, times: i64) -> Arc<Self> {
        let start: jiff::Timestamp = start.parse().unwrap();
        Arc::new(Self { start: start.into(), begun: Instant::now(), times })
    }
}

impl Clock for Fast {
    fn now(&self) -> UtcMillis {
        let passed = i64::try_from(self.begun.elapsed().as_micros()).unwrap();
        self.start.plus(passed * self.times / 1000)
    }

    fn real(&self, ms: i64) -> Duration {
        Duration::from_micros(u64::try_from(ms * 1000 / self.times).unwrap_or(0) + 100)
    }
}

/// Keeps prices in memory.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) series: Mutex<Vec<PriceSeries>>,
    pub(crate) rates: Mutex<Rates>,
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shelf")
    }
}

impl Prices for Shelf {
    fn keep_prices(&self, series: &PriceSeries) -> Result<(), HistoryError> {
        self.series.lock().unwrap().push(series.clone());
        Ok(())
    }

    fn prices(
        &self,
        area: &str,
        range: Range<UtcMillis>,
    ) -> Result<Vec<PriceSeries>, HistoryError> {
        let all = self.series.lock().unwrap().clone();
        let of = all.into_iter().filter(|series| series.area == area);
        Ok(of.map(|series| series.within(&range)).collect())
    }

    fn keep_rates(&self, rates: &Rates) -> Result<(), HistoryError> {
        self.rates.lock().unwrap().extend(rates.clone());
        Ok(())
    }

    fn rates(&self, _: Range<Date>) -> Result<Rates, HistoryError> {
        Ok(self.rates.lock().unwrap().clone())
    }
}
