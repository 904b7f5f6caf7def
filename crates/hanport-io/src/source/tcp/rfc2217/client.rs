//! Reads a server whose serial line is set from here.

use std::convert::Infallible;
use std::time::Duration;

use hanport_engine::line::LineErrors;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::{BINARY, COM_PORT, ComPort, NO_GO_AHEAD, Said, Telnet, Verb, option, prepare, set};
use crate::source::feed::{Broken, CHUNK, Feed};
use crate::source::flood::{Bucket, Limit};
use crate::source::retry::Patience;
use crate::source::serial::port::Lines;
use crate::source::tcp::{pass, plain, receive};
use crate::source::tuning::Tuning;

/// How long a server may take to say whether it knows the option, and to take what is sent.
const ANSWER: Duration = Duration::from_secs(5);

/// One connection.
struct Client<'a> {
    stream: &'a mut TcpStream,
    name: &'a str,
    telnet: Telnet,
    agreed: Agreed,
    octets: Vec<u8>,
    errors: LineErrors,
}

/// Whether the server lets its line be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Agreed {
    /// It has not said yet.
    Asked,
    /// It does not.
    No,
    /// It does.
    Yes,
}

/// Reads until the connection ends. A server that does not know the option is read as it is.
pub(in crate::source) async fn run(
    stream: &mut TcpStream,
    name: &str,
    ((stall, limit), lines): ((Option<Duration>, Limit), Lines),
    tuning: &mut Tuning,
    feed: &mut Feed,
    patience: &mut Patience,
) -> Result<Infallible, Broken> {
    let mut bucket = Bucket::new(limit);
    let mut client = Client::new(stream, name);
    client.greet().await?;
    let asked = Instant::now();
    while client.agreed == Agreed::Asked && asked.elapsed() < ANSWER {
        client.hear(ANSWER.saturating_sub(asked.elapsed())).await?;
    }
    if client.agreed != Agreed::Yes {
        let text = format!(
            "connected to {name}; it does not know RFC 2217, so its line stays as it is set there"
        );
        feed.opened(text).await?;
        pass(&client.octets, &mut bucket, feed).await?;
        return plain(client.stream, name, (stall, limit), feed, patience).await;
    }
    let settings = tuning.settings();
    client.send(&prepare(lines)).await?;
    client.send(&set(settings)).await?;
    feed.opened(format!("connected to {name} by RFC 2217, its line is at {settings}")).await?;
    feed.settings(settings, tuning.is_right()).await?;
    let mut heard = Instant::now();
    loop {
        while let Some(settings) = tuning.change(feed).await? {
            client.send(&set(settings)).await?;
        }
        if client.hear(tuning.wait(feed)).await? {
            heard = Instant::now();
            patience.renew();
            let octets = core::mem::take(&mut client.octets);
            let errors = core::mem::take(&mut client.errors);
            pass(&octets, &mut bucket, feed).await?;
            tuning.judge(feed, &octets, errors);
        } else if stall.is_some_and(|stall| heard.elapsed() >= stall) {
            return Err(Broken::Lost(format!(
                "{name} has sent nothing for long; connecting again"
            )));
        }
        tuning.handle_timeout(feed);
        feed.tell_counts().await?;
    }
}

impl<'a> Client<'a> {
    fn new(stream: &'a mut TcpStream, name: &'a str) -> Self {
        let errors = LineErrors { breaks: 0, framing: 0, overrun: 0, parity: 0 };
        let (telnet, agreed) = (Telnet::new(), Agreed::Asked);
        Self { stream, name, telnet, agreed, octets: Vec::new(), errors }
    }

    /// Says what is wanted: the option, and octets as they are, both ways.
    async fn greet(&mut self) -> Result<(), Broken> {
        let wishes = [
            option(Verb::Will, COM_PORT),
            option(Verb::Will, BINARY),
            option(Verb::Do, BINARY),
            option(Verb::Will, NO_GO_AHEAD),
            option(Verb::Do, NO_GO_AHEAD),
        ];
        self.send(&wishes.concat()).await
    }

    async fn send(&mut self, octets: &[u8]) -> Result<(), Broken> {
        match timeout(ANSWER, self.stream.write_all(octets)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                let text = format!("the connection to {} is broken: {error}", self.name);
                Err(Broken::Lost(text))
            }
            Err(_) => Err(Broken::Lost(format!("{} takes nothing any more", self.name))),
        }
    }

    /// Waits for what the server sends; `false` when it sent nothing.
    async fn hear(&mut self, wait: Duration) -> Result<bool, Broken> {
        let mut buffer = [0; CHUNK];
        let reading = receive(self.stream, self.name, None, &mut buffer);
        let Ok(count) = timeout(wait, reading).await else {
            return Ok(false);
        };
        let mut said = Vec::new();
        self.telnet.read(buffer.get(..count?).unwrap_or(&[]), &mut self.octets, &mut said);
        for said in said {
            self.answer(said).await?;
        }
        Ok(true)
    }

    /// Answers what the server said. A refusal is never answered, so that it ends.
    async fn answer(&mut self, said: Said) -> Result<(), Broken> {
        let known = |number| [BINARY, NO_GO_AHEAD, COM_PORT].contains(&number);
        match said {
            Said::Option(Verb::Do, COM_PORT) => self.agreed = Agreed::Yes,
            Said::Option(Verb::Dont, COM_PORT) => self.agreed = Agreed::No,
            Said::Option(Verb::Do, number) if !known(number) => {
                self.send(&option(Verb::Wont, number)).await?;
            }
            Said::Option(Verb::Will, number) if !known(number) => {
                self.send(&option(Verb::Dont, number)).await?;
            }
            Said::About(COM_PORT, data) => match ComPort::parse(&data) {
                ComPort::Baud(baud) => tracing::debug!(server = self.name, baud, "line is set"),
                ComPort::Faults(errors) => {
                    self.errors.breaks += errors.breaks;
                    self.errors.framing += errors.framing;
                    self.errors.overrun += errors.overrun;
                    self.errors.parity += errors.parity;
                }
                ComPort::Other => {}
            },
            Said::About(..) | Said::Option(..) => {}
        }
        Ok(())
    }
}
