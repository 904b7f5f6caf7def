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
//! - [`simulated`]: a meter that is not there
//! - [`source`]: the settings of a source as its adapter wants them
//! - [`practice`]: the doctors of all meters
//! - [`publish`]: the brokers that are told
//! - [`supervisor`]: keeps the tasks

pub(crate) mod broker;
pub(crate) mod meter;
pub(crate) mod practice;
mod publish;
pub(crate) mod reader;
mod simulated;
mod source;
pub(crate) mod supervisor;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use hanport_engine::board::Board;
use hanport_engine::outside::{Archive, Clock, History};
use hanport_io::source::{Outside as SourceOutside, Retry};
use hanport_store::Store;
use hanport_web::{Machine, Options, Server};
use tokio::sync::mpsc;

use self::practice::Practice;
use self::reader::{About, Outputs, Reader};
use self::simulated::Simulated;
use self::supervisor::Supervisor;
use crate::config::Config;
use crate::config::meant::{MeterConfig, SourceConfig};

/// Orders to a meter on their way. They are rare; whoever gives one waits.
const ORDERS: usize = 8;

/// What a service is given.
pub(crate) struct World {
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// What is kept.
    pub(crate) store: Arc<Store>,
}

/// A running service.
pub(crate) struct Service {
    supervisor: Supervisor,
    addresses: Vec<SocketAddr>,
}

impl Service {
    /// Starts everything. Must be called in a runtime.
    pub(crate) async fn start(config: &Config, world: &World) -> anyhow::Result<Self> {
        let supervisor = Supervisor::default();
        let board = Arc::new(Board::new());
        let practice = Arc::new(Practice::new(Arc::clone(&world.clock)));
        let outputs = Outputs {
            board: Arc::clone(&board),
            archive: Arc::clone(&world.store) as Arc<dyn Archive>,
            history: Arc::clone(&world.store) as Arc<dyn History>,
        };
        let services = Arc::default();
        publish::start(config, world, &board, &services, &supervisor);
        for meter in &config.meters {
            attach(config, meter, world, &outputs, &practice, &supervisor)
                .with_context(|| format!("the meter `{}` cannot be started", meter.id))?;
        }
        let outside = hanport_web::Outside {
            clock: Arc::clone(&world.clock),
            board,
            history: outputs.history,
            archive: outputs.archive,
            clinic: practice,
            vault: Arc::new(hanport_web::Forgetful::default()),
            zone: config.site.zone.clone(),
            services,
            machine: machine(),
        };
        let server = Server::bind(web_options(config), outside).await?;
        let addresses = server.addresses().to_vec();
        supervisor.once(server.run(supervisor.stop()));
        Ok(Self { supervisor, addresses })
    }

    /// Where the page is.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Ends everything in good order.
    pub(crate) async fn end(self) {
        self.supervisor.end().await;
    }
}

/// A meter with its reader and its source.
fn attach(
    config: &Config,
    meter: &MeterConfig,
    world: &World,
    outputs: &Outputs,
    practice: &Practice,
    supervisor: &Supervisor,
) -> anyhow::Result<()> {
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
    let (orders, taken) = mpsc::channel(ORDERS);
    drop(orders);
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
    Ok(())
}

fn web_options(config: &Config) -> Options {
    Options {
        listen: config.web.listen.clone(),
        base_path: config.web.base_path.clone(),
        unknown_as_null: config.web.unknown_as_null,
        names: config.web.names.clone(),
        ..Options::default()
    }
}

fn machine() -> Machine {
    Machine { version: env!("CARGO_PKG_VERSION").to_owned(), ..Machine::default() }
}
