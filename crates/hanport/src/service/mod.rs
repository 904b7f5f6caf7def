//! The service: every part, joined.
//!
//! ```text
//!  sources --> readers --> archive (the store)
//!                     +--> board --> page and interfaces
//!                     +--> doctor
//! ```
//!
//! - [`reader`]: one meter, from octets to news and records; no waiting, no clock
//! - [`meter`]: the task around it
//! - [`accounts`]: bills and prices of any time
//! - [`archive`]: what corrections reach besides the store
//! - [`simulated`]: a meter that is not there
//! - [`source`]: the settings of a source as its adapter wants them
//! - [`practice`]: the doctors of all meters
//! - [`till`]: prices, costs and peaks

//! - [`publish`]: the brokers that are told
//! - [`supervisor`]: keeps the tasks

pub(crate) mod accounts;
mod archive;
pub(crate) mod broker;
pub(crate) mod meter;
pub(crate) mod practice;
mod publish;
pub(crate) mod reader;
mod simulated;
mod source;
pub(crate) mod supervisor;
pub(crate) mod till;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use hanport_engine::board::Board;
use hanport_engine::line::Arrival;
use hanport_engine::outside::{Administration, Archive, Clock, History, Prices};
use hanport_engine::price::PriceBook;
use hanport_engine::state::PortStatus;
use hanport_io::prices::{Outside as PricesOutside, Told};
use hanport_io::record::{self, Recorder};
use hanport_io::source::{Outside as SourceOutside, Retry};
use hanport_store::Store;
use hanport_web::{LoggedIn, Machine, Options, Protection, Server};
use tokio::sync::{mpsc, watch};

use self::archive::Corrected;
use self::meter::Order;
use self::practice::Practice;
use self::reader::{About, Outputs, Reader};
use self::simulated::Simulated;
use self::supervisor::Supervisor;
use self::till::{Stale, Till};
use crate::agreement::{Agreement, agreement};
use crate::config::Config;
use crate::config::meant::{Access, MeterConfig, Network, SourceConfig};

/// Orders to a meter on their way. They are rare; whoever gives one waits.
const ORDERS: usize = 8;

/// What a service is given.
pub(crate) struct World {
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// What is kept.
    pub(crate) store: Arc<Store>,
    /// Where the password and the tokens are kept.
    pub(crate) vault: Arc<dyn hanport_web::Vault>,
    /// What an administrator can see and change; nothing in a demo.
    pub(crate) administration: Option<Arc<dyn Administration>>,
    /// Who is logged in, also when the settings change.
    pub(crate) logged_in: LoggedIn,
}

/// A running service.
pub(crate) struct Service {
    supervisor: Supervisor,
    addresses: Vec<SocketAddr>,
    board: Arc<Board>,
}

impl Service {
    /// Starts everything. Must be called in a runtime.
    pub(crate) async fn start(config: &Config, world: &World) -> anyhow::Result<Self> {
        let supervisor = Supervisor::default();
        let board = Arc::new(Board::new());
        let practice = Arc::new(Practice::new(Arc::clone(&world.clock)));
        let stale = Arc::new(Stale::default());
        let corrected = Arc::new(Corrected::new(Arc::clone(&world.store) as _, Arc::clone(&stale)));
        let outputs = Outputs {
            board: Arc::clone(&board),
            archive: Arc::clone(&world.store) as Arc<dyn Archive>,
            history: Arc::clone(&world.store) as Arc<dyn History>,
        };
        let mut meters = Vec::with_capacity(config.meters.len());

        let services = Arc::default();
        publish::start(config, world, &board, &services, &supervisor);
        for meter in &config.meters {
            let orders = attach(config, meter, world, &outputs, &practice, &supervisor)
                .with_context(|| format!("the meter `{}` cannot be started", meter.id))?;
            meters.push((meter.id.as_str().into(), orders.clone()));
            corrected.introduce(&meter.id, orders);
        }
        if let Some(agreement) = agreement(config)? {
            open_till(agreement, meters, stale, world, &board, &supervisor);
        }
        let outside = hanport_web::Outside {
            clock: Arc::clone(&world.clock),
            board: Arc::clone(&board),
            history: outputs.history,
            archive: corrected,
            clinic: practice,
            administration: world.administration.clone(),
            logged_in: world.logged_in.clone(),
            vault: Arc::clone(&world.vault),
            zone: config.site.zone.clone(),
            services,
            machine: machine(),
        };
        let server = Server::bind(web_options(config), outside).await?;
        let addresses = server.addresses().to_vec();
        supervisor.once(server.run(supervisor.stop()));
        Ok(Self { supervisor, addresses, board })
    }

    /// Where the page is.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// How it does, in one line.
    pub(crate) fn status(&self) -> String {
        let views = self.board.views();
        let good = views.iter().filter(|view| view.port.status == PortStatus::Good).count();
        format!("{good} of {} meters are read", views.len())
    }

    /// Ends everything in good order.
    pub(crate) async fn end(self) {
        self.supervisor.end().await;
    }
}

/// A meter with its reader and its source; where its reader takes orders.
fn attach(
    config: &Config,
    meter: &MeterConfig,
    world: &World,
    outputs: &Outputs,
    practice: &Practice,
    supervisor: &Supervisor,
) -> anyhow::Result<mpsc::Sender<Order>> {
    let now = world.clock.now();
    let about = About {
        id: meter.id.as_str().into(),
        name: meter.name.as_str().into(),
        source: source::describe(&meter.source).into(),
        options: meter.options(),
        settings: meter.settings.clone(),
        zone: config.site.zone.clone(),
    };
    let mut reader = Reader::new(about, outputs.clone(), now)?;
    practice.admit(&meter.id, reader.patient());
    reader.appear(now);
    let source = match &meter.source {
        SourceConfig::Simulator { meter, pace, seed } => {
            let simulated = Simulated::start(meter, *pace, *seed, now)?;
            reader.set_options(simulated.options());
            simulated.source(supervisor.stop())
        }
        _ => source::of(meter, &config.brokers)?,
    };
    // full: the source waits
    let (tap, arrivals) = mpsc::channel(meter::PORTIONS);
    let tap = match &meter.record {
        None => tap,
        Some(path) => recorded(path, tap, supervisor)?,
    };
    let (orders, taken) = mpsc::channel(ORDERS);
    let outside = SourceOutside {
        clock: Arc::clone(&world.clock),
        memory: Arc::new(source::Remembered(Arc::clone(&world.store))),
        retry: Retry::default(),
    };
    supervisor.keep("source", move |stop| {
        hanport_io::source::run(source.clone(), outside.clone(), tap.clone(), stop)
    });
    supervisor.once(meter::run(
        reader,
        arrivals,
        taken,
        Arc::clone(&world.clock),
        supervisor.stop(),
    ));
    Ok(orders)
}

/// Fetches prices and reckons what everything costs.
fn open_till(
    agreement: Agreement,
    meters: Vec<(Arc<str>, mpsc::Sender<Order>)>,
    stale: Arc<Stale>,
    world: &World,
    board: &Arc<Board>,
    supervisor: &Supervisor,
) {
    let nothing = Told { book: Arc::new(PriceBook::new(agreement.setup.currency)), trouble: None };
    // the newest prices count, nobody waits for those before
    let (tell, told) = watch::channel(nothing);
    if let Some(options) = agreement.options.clone() {
        let outside = PricesOutside {
            clock: Arc::clone(&world.clock),
            prices: Arc::clone(&world.store) as Arc<dyn Prices>,
            told: tell,
        };
        supervisor.keep("prices", move |stop| {
            hanport_io::prices::run(options.clone(), outside.clone(), stop)
        });
    }
    let ears = Arc::clone(&stale);
    board.listen(move |update| ears.hear(update));
    let till = Till {
        agreement,
        clock: Arc::clone(&world.clock),
        history: Arc::clone(&world.store) as Arc<dyn History>,
        board: Arc::clone(board),
        stale,
        told,
        meters,
    };
    supervisor.once(till.run(supervisor.stop()));
}

/// A tap before the tap, that writes down what goes through it.
fn recorded(
    path: &Path,
    tap: mpsc::Sender<Arrival>,
    supervisor: &Supervisor,
) -> anyhow::Result<mpsc::Sender<Arrival>> {
    let recorder =
        Recorder::append(path).with_context(|| format!("{} cannot be written", path.display()))?;
    // full: the source waits
    let (before, arrivals) = mpsc::channel(meter::PORTIONS);
    supervisor.once(record::tee(recorder, arrivals, tap));
    Ok(before)
}

fn web_options(config: &Config) -> Options {
    let web = &config.web;
    Options {
        listen: web.listen.clone(),
        base_path: web.base_path.clone(),
        trusted_proxies: web.trusted_proxies.iter().filter_map(network).collect(),
        names: web.names.clone(),
        protection: match web.access {
            Access::Changes => Protection::Changes,
            Access::Everything => Protection::Everything,
        },
        reading_site: web.reading_site.clone(),
        unknown_as_null: web.unknown_as_null,
    }
}

fn network(network: &Network) -> Option<hanport_web::Network> {
    format!("{}/{}", network.address, network.bits).parse().ok()
}

fn machine() -> Machine {
    let hostname = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Machine { version: env!("CARGO_PKG_VERSION").to_owned(), hostname, ..Machine::default() }
}
