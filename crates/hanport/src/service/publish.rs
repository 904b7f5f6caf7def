//! The publishers: one a broker of the configuration.

use std::sync::Arc;

use hanport_engine::board::Board;
use hanport_engine::outside::History;
use hanport_engine::publish::Reader;
use hanport_io::mqtt::{self, Delivery, Health, Outside};
use hanport_web::{Service, ServiceState, Services};
use tokio::sync::watch;

use super::supervisor::Supervisor;
use super::{World, broker};
use crate::config::Config;
use crate::config::meant::{BrokerConfig, Protocol};

/// Starts the publisher of each broker that has formats. They hear the board from here on.
pub(super) fn start(
    config: &Config,
    world: &World,
    board: &Arc<Board>,
    services: &Arc<Services>,
    supervisor: &Supervisor,
) {
    for broker in config.brokers.iter().filter(|broker| !broker.publish.formats.is_empty()) {
        if broker.protocol == Protocol::V5 {
            tracing::warn!(broker = broker.id, "version 5 is not spoken yet, 3.1.1 is");
        }
        let settings = settings(config, broker);
        let (tell, health) = watch::channel(Health::default());
        let outside = Outside {
            board: Arc::clone(board),
            clock: Arc::clone(&world.clock),
            history: Some(Arc::clone(&world.store) as Arc<dyn History>),
            reader: reader(config, broker, world),
            upgrade: None,
            health: tell,
        };
        // from now on; a publisher that has to be begun again hears from then on
        let mut first = Some(mqtt::run(settings.clone(), &outside, supervisor.stop()));
        supervisor.keep("mqtt", move |stop| {
            let again = first.take();
            let (settings, outside) = (settings.clone(), outside.clone());
            async move {
                match again {
                    Some(first) => first.await,
                    None => mqtt::run(settings, &outside, stop).await,
                }
            }
        });
        supervisor.once(tell_services(broker.id.clone(), health, Arc::clone(services)));
    }
}

/// Hands on how a broker does, until its publisher has ended.
async fn tell_services(id: String, mut health: watch::Receiver<Health>, services: Arc<Services>) {
    loop {
        services.tell(service(&id, &health.borrow_and_update()));
        if health.changed().await.is_err() {
            return;
        }
    }
}

fn service(id: &str, health: &Health) -> Service {
    let trouble = health.trouble();
    let state = match (health.is_connected(), trouble) {
        (true, _) => ServiceState::Ok,
        (false, None) => ServiceState::Connecting,
        (false, Some(_)) => ServiceState::Error,
    };
    Service {
        id: "mqtt".to_owned(),
        name: id.to_owned(),
        state,
        detail: trouble.map(|trouble| trouble.text.clone()).unwrap_or_default(),
        code: trouble.map_or(0, |trouble| i64::from(trouble.code)),
    }
}

fn reader(config: &Config, broker: &BrokerConfig, world: &World) -> Reader {
    Reader {
        word: config.site.reader.clone(),
        id: config.site.reader.clone(),
        name: broker.client_id.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        release: None,
        upgrading: None,
        upgrades: false,
        page: broker.page.clone(),
        started: world.clock.now(),
        zone: config.site.zone.clone(),
    }
}

fn settings(config: &Config, broker: &BrokerConfig) -> mqtt::Settings {
    mqtt::Settings {
        name: broker.id.clone(),
        broker: broker::options(broker),
        publish: broker.publish.clone(),
        queue: config.data.folder.join("queue").join(&broker.id),
        queue_bytes: u64::from(broker.queue_mb) * 1_000_000,
        delivery: Delivery::ExactlyOnce,
    }
}
