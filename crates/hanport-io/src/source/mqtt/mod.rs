//! Frames that somebody publishes to a broker.
//!
//! Every message is one frame, or several whole ones, in any of the forms of `payload`. What
//! the broker kept (a retained message) is passed over: nobody knows how old it is.

mod payload;

use std::convert::Infallible;

use rumqttc::{Event, Packet, Publish, QoS, SubAck, SubscribeFilter, SubscribeReasonCode};

use super::feed::{Broken, Feed};
use super::flood::{Bucket, Limit};
use super::retry::Patience;
use super::tcp::pass;
use super::{Outside, SourceError};
use crate::broker::{BrokerError, BrokerOptions, Remembering, trouble};

/// So many messages without octets in a row are strange.
const STRANGE: u32 = 3;

/// A broker, and what is read from it.
#[derive(Clone, Debug)]
pub struct Mqtt {
    /// The broker.
    pub broker: BrokerOptions,
    /// Topics, with `+` and `#` where several carry frames. At least one.
    pub topics: Vec<String>,
    /// How much may come.
    pub limit: Limit,
}

impl Mqtt {
    /// The topics, for people.
    fn named(&self) -> String {
        self.topics.join(", ")
    }

    fn check(&self) -> Result<(), SourceError> {
        if self.topics.is_empty() {
            return Err(SourceError::new(format!(
                "no topic of {} is named; name the one that carries the frames",
                self.broker.address()
            )));
        }
        match self.topics.iter().find(|topic| !rumqttc::valid_filter(topic)) {
            Some(topic) => Err(SourceError::new(format!(
                "`{topic}` is no topic: + stands alone between two /, # alone at the end"
            ))),
            None => Ok(()),
        }
    }
}

/// Reads what is published for ever.
pub(super) async fn read(
    settings: Mqtt,
    outside: &Outside,
    feed: &mut Feed,
) -> Result<(), SourceError> {
    settings.check()?;
    let mut patience = Patience::new(outside.retry);
    loop {
        let why = match session(&settings, feed, &mut patience).await {
            Ok(never) => match never {},
            Err(Ended::Broken(Broken::Deaf)) => return Ok(()),
            Err(Ended::Broken(Broken::Lost(why))) => why,
            Err(Ended::Error(error)) => return Err(error),
        };
        if feed.closed(why).await.is_err() {
            return Ok(());
        }
        patience.wait().await;
    }
}

enum Ended {
    Broken(Broken),
    Error(SourceError),
}

impl From<Broken> for Ended {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<BrokerError> for Ended {
    /// A certificate may be put in place later; a name that is missing may not.
    fn from(error: BrokerError) -> Self {
        match error {
            BrokerError::NoClientId { .. } | BrokerError::NoHost => {
                Self::Error(SourceError::new(error.to_string()))
            }
            BrokerError::Certificate { .. } | BrokerError::Roots(_) => {
                Self::Broken(Broken::Lost(error.to_string()))
            }
            BrokerError::Read { ref source, .. } => {
                Self::Broken(Broken::Lost(format!("{error}: {source}")))
            }
        }
    }
}

/// One connection, from its beginning to its end.
async fn session(
    settings: &Mqtt,
    feed: &mut Feed,
    patience: &mut Patience,
) -> Result<Infallible, Ended> {
    let Mqtt { broker, topics, limit } = settings;
    let (client, mut driver) = broker.client(Remembering::Forget)?;
    let mut bucket = Bucket::new(*limit);
    let mut connected = false;
    let mut strange = 0;
    loop {
        let event = driver
            .poll()
            .await
            .map_err(|error| Broken::Lost(trouble(&error, broker, connected).text))?;
        match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                connected = true;
                // At most once: a frame that came twice would be one too many.
                let filter = |topic: &String| SubscribeFilter::new(topic.clone(), QoS::AtMostOnce);
                client.try_subscribe_many(topics.iter().map(filter)).map_err(|error| {
                    Broken::Lost(format!("{} cannot be asked: {error}", broker.address()))
                })?;
            }
            Event::Incoming(Packet::SubAck(answer)) => subscribed(settings, &answer, feed).await?,
            Event::Incoming(Packet::Publish(message)) => {
                patience.renew();
                let carried = publication(&message, &mut bucket, feed).await?;
                strange = if carried { 0 } else { strange + 1 };
                if strange == STRANGE {
                    tracing::warn!(
                        topic = %String::from_utf8_lossy(&message.topic),
                        "messages come, but carry no octets of a meter"
                    );
                }
            }
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
        feed.tell_counts().await?;
    }
}

/// The broker said which topics may be read.
async fn subscribed(settings: &Mqtt, answer: &SubAck, feed: &mut Feed) -> Result<(), Broken> {
    let address = settings.broker.address();
    let refused = settings.topics.iter().zip(&answer.return_codes);
    let refused: Vec<&str> = refused
        .filter(|(_, code)| **code == SubscribeReasonCode::Failure)
        .map(|(topic, _)| topic.as_str())
        .collect();
    let rules = format!(
        "{address} does not let this reader have {}: check the rules of the broker",
        refused.join(", ")
    );
    if refused.is_empty() {
        feed.opened(format!("connected to {address}, reading {}", settings.named())).await
    } else if refused.len() < settings.topics.len() {
        let named = settings.named();
        feed.opened(format!("connected to {address}, reading {named}; {rules}")).await
    } else {
        Err(Broken::Lost(rules))
    }
}

/// Hands on the octets of a message; `false` when it carries none.
async fn publication(
    message: &Publish,
    bucket: &mut Bucket,
    feed: &mut Feed,
) -> Result<bool, Broken> {
    if message.retain {
        feed.dropped(message.payload.len() as u64);
        return Ok(true);
    }
    let octets = payload::octets(&message.payload);
    if octets.is_empty() {
        return Ok(false);
    }
    pass(&octets, bucket, feed).await?;
    feed.pause().await?;
    Ok(true)
}
