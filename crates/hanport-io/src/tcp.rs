//! A listener that sends the same octets to every client, as a serial server does.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::Duration;

use crate::outlet::{Flow, Outlet};
use crate::stop;

/// How long a client may hold up a run that waits for its clients.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends to everybody who is connected.
#[derive(Debug)]
pub struct Clients {
    listener: TcpListener,
    connected: Vec<TcpStream>,
    flow: Flow,
    lost: u64,
}

impl Clients {
    /// Listens on `address`; port 0 takes a free one. With [`Flow::Wait`] the first octet waits
    /// for the first client.
    pub fn listen(address: impl ToSocketAddrs, flow: Flow) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        Ok(Self { listener, connected: Vec::new(), flow, lost: 0 })
    }

    /// The address listened on.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    fn accept(&mut self) -> io::Result<()> {
        let wait = self.flow == Flow::Wait && self.connected.is_empty();
        self.listener.set_nonblocking(true)?;
        loop {
            match self.listener.accept() {
                Ok((client, _)) => {
                    client.set_nodelay(true)?;
                    client.set_nonblocking(self.flow == Flow::Wire)?;
                    client.set_write_timeout(Some(PATIENCE))?;
                    self.connected.push(client);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !wait || !self.connected.is_empty() || stop::asked() {
                        return Ok(());
                    }
                    thread::park_timeout(stop::GLANCE);
                }
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Outlet for Clients {
    fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.accept()?;
        if self.connected.is_empty() {
            self.lost += octets.len() as u64;
        }
        // A client that does not take a whole message at once would see half of it; better to
        // lose the client.
        self.connected.retain_mut(|client| client.write_all(octets).is_ok());
        Ok(())
    }

    fn lost(&self) -> u64 {
        self.lost
    }

    fn finish(&mut self) -> io::Result<()> {
        for client in &mut self.connected {
            client.shutdown(std::net::Shutdown::Write)?;
            // Closing with unread octets would take back what was sent; a reader that hangs
            // must not hold us.
            client.set_nonblocking(false)?;
            client.set_read_timeout(Some(Duration::from_secs(1)))?;
            let _ = client.read(&mut [0; 64]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_gets_every_octet() {
        let mut clients = Clients::listen("127.0.0.1:0", Flow::Wait).unwrap();
        let address = clients.address().unwrap();
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let mut stream = TcpStream::connect(address).unwrap();
                thread::spawn(move || {
                    let mut octets = Vec::new();
                    stream.read_to_end(&mut octets).map(|_| octets)
                })
            })
            .collect();
        while clients.connected.len() < 3 {
            clients.accept().unwrap();
        }
        clients.send(b"one").unwrap();
        clients.send(b"two").unwrap();
        clients.finish().unwrap();
        drop(clients);
        for reader in readers {
            assert_eq!(reader.join().unwrap().unwrap(), b"onetwo");
        }
    }

    #[test]
    fn what_nobody_takes_is_counted() {
        let mut clients = Clients::listen("127.0.0.1:0", Flow::Wire).unwrap();
        clients.send(b"nobody").unwrap();
        assert_eq!(clients.lost(), 6);
    }

    #[test]
    fn a_client_that_leaves_is_forgotten() {
        let mut clients = Clients::listen("127.0.0.1:0", Flow::Wait).unwrap();
        drop(TcpStream::connect(clients.address().unwrap()).unwrap());
        clients.send(b"x").unwrap();
        clients.flow = Flow::Wire;
        while !clients.connected.is_empty() {
            clients.send(b"x").unwrap();
        }
        clients.send(b"y").unwrap();
        assert_eq!(clients.lost(), 1);
    }
}
