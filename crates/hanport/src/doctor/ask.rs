//! Asks a service that runs, over plain HTTP.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use serde_json::Value;

/// How long a service may take for each step.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer; reports have a few kilobytes.
const LONGEST: u64 = 4 << 20;

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// Host and port.
    host: String,
    /// The path in front of all others, without a slash at its end.
    base: String,
}

impl std::str::FromStr for Service {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("http://").ok_or_else(|| match text.split_once("://") {
            Some(("https", _)) => {
                "only http:// is asked; on the machine itself that is http://localhost:8080"
                    .to_owned()
            }
            _ => "write it like http://localhost:8080".to_owned(),
        })?;
        let (host, base) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("write it like http://localhost:8080".to_owned());
        }
        let named = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let host = if named { host.to_owned() } else { format!("{host}:80") };
        let base = base.trim_end_matches('/');
        let base = if base.is_empty() { String::new() } else { format!("/{base}") };
        Ok(Self { host, base })
    }
}

impl Service {
    /// What the doctor of the service says of a meter; of the first where none is named.
    pub(crate) fn report(
        &self,
        meter: Option<&str>,
        token: Option<&str>,
    ) -> anyhow::Result<(String, Value)> {
        let meter = match meter {
            Some(meter) => meter.to_owned(),
            None => self.first_meter(token)?,
        };
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !meter.chars().all(named) {
            bail!("`{meter}` is no name of a meter: lower-case letters, digits, - and _");
        }
        let report = self.ask(&format!("/api/v1/meters/{meter}/doctor"), token)?;
        Ok((meter, report))
    }

    fn first_meter(&self, token: Option<&str>) -> anyhow::Result<String> {
        let meters = self.ask("/api/v1/meters", token)?;
        let first = meters.get(0).and_then(|meter| meter.get("id")).and_then(Value::as_str);
        first.map(str::to_owned).context("the service has no meter yet")
    }

    fn ask(&self, path: &str, token: Option<&str>) -> anyhow::Result<Value> {
        let answer = self.fetch(path, token).with_context(|| {
            format!("the service at http://{}{} cannot be asked", self.host, self.base)
        })?;
        let (status, body) = answer;
        match status {
            200 => serde_json::from_slice(&body).context("the answer is no JSON: is it hanport?"),
            401 | 403 => bail!(
                "the service wants to know who asks: make a token on its page and give it as \
                 HANPORT_TOKEN"
            ),
            404 => bail!("the service does not know {path}: hanport doctor --url ... --meter NAME"),
            status => bail!("the service answers {status}"),
        }
    }

    /// One request on a connection of its own; the status and the body.
    fn fetch(&self, path: &str, token: Option<&str>) -> anyhow::Result<(u16, Vec<u8>)> {
        let address = self.host.to_socket_addrs()?.next().context("the name has no address")?;
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let token = match token {
            Some(token) if token.chars().all(|c| c.is_ascii_graphic()) => {
                format!("Authorization: Bearer {token}\r\n")
            }
            Some(_) => bail!("a token has no blanks in it"),
            None => String::new(),
        };
        // HTTP/1.0: the answer ends with the connection and comes in one piece
        let request = format!(
            "GET {}{path} HTTP/1.0\r\nHost: {}\r\nAccept: application/json\r\n{token}\r\n",
            self.base, self.host
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(LONGEST).read_to_end(&mut answer)?;
        parse(&answer).ok_or_else(|| anyhow!("the answer is no HTTP"))
    }
}

/// Status and body of an answer.
fn parse(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, rest) = answer.split_at_checked(end)?;
    let status = str::from_utf8(head).ok()?.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, rest.get(4..)?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let service = |text: &str| text.parse::<Service>().map(|s| (s.host, s.base));
        let told = |host: &str, base: &str| Ok((host.to_owned(), base.to_owned()));
        assert_eq!(service("http://pi:8080"), told("pi:8080", ""));
        assert_eq!(service("http://pi/meter/"), told("pi:80", "/meter"));
        assert_eq!(service("http://[::1]:8080/"), told("[::1]:8080", ""));
        assert!(service("https://pi").unwrap_err().contains("http://localhost"));
        assert!(service("pi:8080").is_err());
        assert!(service("http://pi/a b").is_err());
    }

    /// Answers as many requests as there are answers, and hands back what was asked.
    fn serve(answers: &[&'static str]) -> (Service, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let answers = answers.to_vec();
        let thread = std::thread::spawn(move || {
            let asked = answers.into_iter().map(|answer| {
                let (stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(&stream);
                let mut asked = String::new();
                while !asked.ends_with("\r\n\r\n") {
                    reader.read_line(&mut asked).unwrap();
                }
                (&stream).write_all(answer.as_bytes()).unwrap();
                asked
            });
            asked.collect()
        });
        (service, thread)
    }

    #[test]
    fn the_first_meter_is_asked_for_where_none_is_named() {
        let (service, asked) = serve(&[
            "HTTP/1.0 200 OK\r\n\r\n[{\"id\":\"house\"},{\"id\":\"barn\"}]",
            "HTTP/1.0 200 OK\r\nx: y\r\n\r\n{\"summary\":\"All is well.\"}",
        ]);
        let (meter, report) = service.report(None, Some("secret")).unwrap();
        assert_eq!((meter.as_str(), report["summary"].as_str()), ("house", Some("All is well.")));
        let asked = asked.join().unwrap();
        assert!(asked[1].starts_with("GET /api/v1/meters/house/doctor HTTP/1.0\r\n"), "{asked:?}");
        assert!(asked[1].contains("\r\nAuthorization: Bearer secret\r\n"), "{asked:?}");
    }

    #[test]
    fn what_is_refused_says_what_to_do() {
        let (service, _asked) = serve(&["HTTP/1.0 401 Unauthorized\r\n\r\n"]);
        let error = service.report(Some("house"), None).unwrap_err().to_string();
        assert!(error.contains("HANPORT_TOKEN"), "{error}");
        let error = service.report(Some("a/../b"), None).unwrap_err().to_string();
        assert!(error.contains("no name of a meter"), "{error}");
    }
}
