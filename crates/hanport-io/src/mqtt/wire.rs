//! The client library, and nothing of it outside this file.
//!
//! Driving the connection is a future of its own that is polled to its end and never dropped in
//! the middle: what it was writing would be cut off.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use hanport_engine::publish::{Outgoing, Qos};
use rumqttc::{AsyncClient, ClientError, Event, EventLoop, LastWill, Packet, PublishOptions, QoS};

use crate::broker::{BrokerError, BrokerOptions, Remembering, Trouble, look_closer, trouble};

/// Something happened to the connection.
#[derive(Debug)]
pub(crate) enum Happened {
    /// A message came.
    Came {
        /// Its topic.
        topic: String,
        /// What it says.
        payload: Bytes,
        /// Whether the broker had kept it.
        retained: bool,
    },
    /// The broker let us in.
    Connected,
    /// It is over, or never was.
    Ended(Trouble),
    /// Nothing that matters.
    Nothing,
}

/// Where messages are handed to.
#[derive(Debug)]
pub(crate) struct Wire {
    client: AsyncClient,
    delivery: Delivery,
}

/// What moves octets. See [`Driver::drive`].
pub(crate) struct Driver {
    events: Box<EventLoop>,
    options: BrokerOptions,
    will: Option<Outgoing>,
    delivery: Delivery,
    /// Whether the broker has forgotten what it remembered of an earlier run.
    is_wiped: bool,
    state: State,
    /// The last trouble, and what a closer look made of it.
    explained: Option<(Trouble, Trouble)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connected,
    Connecting,
    Ended,
}

/// The driver at work.
pub(crate) type Driving = Pin<Box<dyn Future<Output = (Driver, Happened)> + Send>>;

/// Whether a message was taken by the other side.
pub(crate) type Taken<T> = Pin<Box<dyn Future<Output = (T, bool)> + Send>>;

/// A client that is not connected yet, and what drives it.
pub(crate) fn open(
    options: &BrokerOptions,
    will: Option<Outgoing>,
    delivery: Delivery,
) -> Result<(Wire, Driver), BrokerError> {
    // certificates are read with every attempt, so they need not be there yet
    let plain = BrokerOptions { tls: None, ..options.clone() };
    let (client, events) = plain.client(Remembering::Forget)?;
    let driver = Driver {
        events: Box::new(events),
        options: options.clone(),
        will,
        delivery,
        is_wiped: delivery == Delivery::AtLeastOnce,
        state: State::Ended,
        explained: None,
    };
    Ok((Wire { client, delivery }, driver))
}

/// How what is kept is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// `QoS` 1: after a loss what was on its way comes again. For brokers without `QoS` 2.
    AtLeastOnce,
    /// `QoS` 2 in a session that outlives connections.
    ExactlyOnce,
}

fn set_up(events: &mut EventLoop, will: Option<&Outgoing>) {
    if let Some(will) = will {
        let message = LastWill::new(&will.topic, will.payload.clone(), qos(will.qos), will.retain);
        events.mqtt_options.set_last_will(message);
    }
    // as many as wait are written with one call to the system
    events.mqtt_options.set_max_request_batch(64);
}

const fn qos(qos: Qos) -> QoS {
    match qos {
        Qos::AtLeastOnce => QoS::AtLeastOnce,
        Qos::AtMostOnce => QoS::AtMostOnce,
    }
}

impl Driver {
    /// Drives until something happens, after a pause. After an end it connects anew, with
    /// certificates read again.
    pub(crate) fn drive(mut self, pause: Duration) -> Driving {
        Box::pin(async move {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            let happened = self.step().await;
            (self, happened)
        })
    }

    /// Looks closer at a trouble that is new.
    async fn explained(&mut self, told: Trouble) -> Trouble {
        if let Some((asked, found)) = &self.explained
            && *asked == told
        {
            return found.clone();
        }
        let found = look_closer(told.clone(), &self.options).await;
        self.explained = Some((told, found.clone()));
        found
    }

    async fn step(&mut self) -> Happened {
        if self.state == State::Ended {
            let remembers = self.delivery == Delivery::ExactlyOnce && self.is_wiped;
            let remembering = if remembers { Remembering::Keep } else { Remembering::Forget };
            match self.options.link(remembering) {
                Ok(link) => self.events.mqtt_options = link,
                Err(error) => {
                    let text = error.to_string();
                    return Happened::Ended(Trouble { kind: "certificate", text, code: -3 });
                }
            }
            set_up(&mut self.events, self.will.as_ref());
            self.state = State::Connecting;
        }
        match self.events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) if !self.is_wiped => {
                self.is_wiped = true;
                self.state = State::Ended;
                self.events.clean();
                Happened::Nothing
            }
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                self.state = State::Connected;
                Happened::Connected
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => Happened::Came {
                topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                payload: publish.payload,
                retained: publish.retain,
            },
            Ok(_) => Happened::Nothing,
            Err(error) => {
                let stood = std::mem::replace(&mut self.state, State::Ended) == State::Connected;
                let told = trouble(&error, &self.options, stood);
                Happened::Ended(if stood { told } else { self.explained(told).await })
            }
        }
    }
}

/// Drives until the connection has ended.
pub(crate) async fn finish(mut driving: Driving) {
    loop {
        let (driver, happened) = driving.await;
        if matches!(happened, Happened::Ended(_)) {
            return;
        }
        driving = driver.drive(Duration::ZERO);
    }
}

/// The client's channel is full.
#[derive(Debug)]
pub(crate) struct Full;

impl Wire {
    /// Hands a message over. The future tells when the broker has it, or when it was written
    /// where the broker says nothing.
    pub(crate) fn send<T: Send + 'static>(
        &self,
        message: &Outgoing,
        token: T,
    ) -> Result<Taken<T>, Full> {
        self.publish(message, qos(message.qos), token)
    }

    /// The same for what is kept.
    pub(crate) fn deliver<T: Send + 'static>(
        &self,
        message: &Outgoing,
        token: T,
    ) -> Result<Taken<T>, Full> {
        let qos = match self.delivery {
            Delivery::AtLeastOnce => QoS::AtLeastOnce,
            Delivery::ExactlyOnce => QoS::ExactlyOnce,
        };
        self.publish(message, qos, token)
    }

    fn publish<T: Send + 'static>(
        &self,
        message: &Outgoing,
        qos: QoS,
        token: T,
    ) -> Result<Taken<T>, Full> {
        let options = PublishOptions::new(qos).retain(message.retain);
        let payload = message.payload.clone();
        match self.client.try_publish_tracked(message.topic.clone(), payload, options) {
            Ok(notice) => {
                Ok(Box::pin(async move { (token, notice.wait_completion_async().await.is_ok()) }))
            }
            Err(ClientError::RequestChannelFull(_)) => Err(Full),
            // a topic that cannot be: it is not sent, and not tried again
            Err(_) => Ok(Box::pin(std::future::ready((token, true)))),
        }
    }

    /// Listens to a topic. `false` when the channel is full.
    pub(crate) fn subscribe(&self, topic: &str) -> bool {
        self.client.try_subscribe(topic, QoS::AtMostOnce).is_ok()
    }

    /// Says goodbye once everything is out.
    pub(crate) fn leave(&self) {
        let _ = self.client.try_disconnect_with_timeout(Duration::from_millis(300));
    }
}
