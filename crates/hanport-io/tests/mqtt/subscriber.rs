//! Somebody who listens at a broker.

use std::collections::VecDeque;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, PublishOptions, QoS};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) topic: String,
    pub(crate) text: String,
    pub(crate) retained: bool,
}

/// Hears everything; comes back when the broker does.
pub(crate) struct Subscriber {
    client: AsyncClient,
    heard: mpsc::UnboundedReceiver<Heard>,
    subscribed: mpsc::UnboundedReceiver<()>,
    passed: VecDeque<Heard>,
    _driver: JoinSet<()>,
}

impl Subscriber {
    pub(crate) async fn new(port: u16) -> Self {
        let mut options = MqttOptions::new(format!("listener-{port}"), ("127.0.0.1", port));
        // it keeps its place at the broker as long as that one lives
        options.set_clean_session(false).set_keep_alive(5).set_max_packet_size(1 << 20, 1 << 20);
        options.set_inflight(1000);
        Self::with(options).await
    }

    pub(crate) async fn with(options: MqttOptions) -> Self {
        let (client, mut events) = AsyncClient::builder(options).capacity(64).build();
        let (put, heard) = mpsc::unbounded_channel();
        let (tell, subscribed) = mpsc::unbounded_channel();
        let mut driver = JoinSet::new();
        let subscriber = client.clone();
        driver.spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        subscriber.try_subscribe("#", QoS::AtLeastOnce).unwrap();
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => drop(tell.send(())),
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
                        let text = String::from_utf8_lossy(&publish.payload).into_owned();
                        let _ = put.send(Heard { topic, text, retained: publish.retain });
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        });
        let mut subscriber =
            Self { client, heard, subscribed, passed: VecDeque::new(), _driver: driver };
        subscriber.subscribed().await;
        subscriber
    }

    /// Waits until the broker took the subscription, after a start too.
    pub(crate) async fn subscribed(&mut self) {
        let taken = tokio::time::timeout(Duration::from_secs(20), self.subscribed.recv()).await;
        taken.expect("the listener does not get a place at the broker").unwrap();
    }

    /// The next message that is wanted; others are passed over.
    pub(crate) async fn wait(&mut self, wanted: impl Fn(&Heard) -> bool) -> Heard {
        let heard = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let heard = self.heard.recv().await.unwrap();
                if wanted(&heard) {
                    return heard;
                }
                self.passed.push_back(heard);
                self.passed.truncate(2000);
            }
        });
        if let Ok(heard) = heard.await {
            return heard;
        }
        panic!("it never came; what came: {:#?}", self.passed)
    }

    pub(crate) async fn topic(&mut self, topic: &str) -> Heard {
        self.wait(|heard| heard.topic == topic).await
    }

    pub(crate) async fn publish(&self, topic: &str, text: &str, retain: bool) {
        let options = PublishOptions::new(QoS::AtLeastOnce).retain(retain);
        self.client.publish(topic, text.to_owned(), options).await.unwrap();
    }
}
