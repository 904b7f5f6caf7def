//! Line settings that are found by themselves, on a pseudo-terminal whose meter is heard only at
//! its own speed.

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use hanport_engine::detect::Detector;
use hanport_engine::line::{Arrival, LineEvent, LineSettings};
use hanport_engine::outside::Clock;
use hanport_engine::time::UtcMillis;
use hanport_io::outlet::{Flow, Outlet as _};
use hanport_io::pty::Pty;
use hanport_io::source::serial::Which;
use hanport_io::source::serial::port::Lines;
use hanport_io::source::{Memory, Outside, Serial, Setup, Source};
use hanport_sim::fault::uart;
use hanport_sim::meter::{Parity, Uart};
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;

use super::parts::{Running, quick};

/// Time passes so much faster.
const HASTE: u32 = 20;

#[derive(Debug)]
struct Hasty(Instant);

impl Clock for Hasty {
    fn now(&self) -> UtcMillis {
        let passed = (self.0.elapsed() * HASTE).as_millis();
        UtcMillis(1_768_478_400_000).plus(i64::try_from(passed).unwrap())
    }
}

#[derive(Debug, Default)]
struct Kept {
    found: Mutex<Option<(String, LineSettings)>>,
    shown: AtomicBool,
}

impl Memory for Kept {
    fn keep(&self, port: &str, settings: LineSettings) {
        *self.found.lock().unwrap() = Some((port.to_owned(), settings));
    }

    fn recall(&self, port: &str) -> Option<LineSettings> {
        let kept = self.found.lock().unwrap().clone();
        kept.filter(|(name, _)| name == port).map(|(_, settings)| settings)
    }

    fn searched(&self, _: &str, search: &Detector) {
        self.shown.fetch_or(!search.candidates().is_empty(), Ordering::Relaxed);
    }
}

/// A meter that talks every second of the hasty clock until it is dropped.
struct Meter {
    path: PathBuf,
    over: Arc<AtomicBool>,
    task: Option<thread::JoinHandle<()>>,
}

impl Meter {
    fn start(name: &str) -> Self {
        let scenario = Scenario::new(name, 3, "2026-01-15T12:00").unwrap();
        // The cable turns the levels the right way round.
        let sender = Uart { inverted: false, ..scenario.personality.uart };
        let mut pty = Pty::open(Flow::Wire).unwrap();
        let path = pty.path().to_owned();
        let line = File::open(&path).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let task = thread::spawn(move || {
            for record in Simulation::new(&scenario) {
                let baud = rustix::termios::tcgetattr(&line).unwrap().input_speed();
                // The pseudo-terminal knows no parity: it reads eight bits and none.
                let reader = Uart { baud, data_bits: 8, parity: Parity::None, inverted: false };
                pty.send(&uart::receive(&record.bytes, sender, reader).bytes).unwrap();
                thread::park_timeout(Duration::from_secs(1) / HASTE);
                if ended.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        Self { path, over, task: Some(task) }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let task = self.task.take().unwrap();
        task.thread().unpark();
        task.join().unwrap();
    }
}

fn speed(arrival: &Arrival) -> Option<u32> {
    match arrival {
        Arrival::Event(_, LineEvent::Settings(settings, _)) => Some(settings.baud),
        Arrival::Event(..) | Arrival::Octets(..) => None,
    }
}

#[tokio::test]
async fn settings_are_found_kept_and_used_at_once_the_next_time() {
    let meter = Meter::start("dsmr5-nl");
    let kept = Arc::new(Kept::default());
    let source = Source::Serial(Serial {
        which: Which::Path(meter.path.clone()),
        setup: Setup::Search(Box::default()),
        lines: Lines::default(),
    });
    let outside = Outside {
        clock: Arc::new(Hasty(Instant::now())),
        memory: Arc::clone(&kept) as Arc<dyn Memory>,
        ..quick()
    };
    let found = |event: &LineEvent| matches!(event, LineEvent::Settings(_, true));

    let mut first = Running::start_with(source.clone(), outside.clone(), 64);
    let what = first.opened().await;
    assert!(what.contains("is searched"), "{what}");
    let event = first.until(found).await;
    assert!(
        matches!(event, LineEvent::Settings(LineSettings { baud: 115_200, .. }, _)),
        "{event:?}"
    );
    let tried = first
        .seen
        .iter()
        .filter(|arrival| matches!(arrival, Arrival::Event(_, LineEvent::Settings(_, false))));
    assert!(tried.count() >= 1, "what is tried is told");
    assert!(kept.shown.load(Ordering::Relaxed), "the search is shown");
    first.octets(2000).await;
    first.stop().await;

    let mut second = Running::start_with(source, outside, 64);
    second.until(|event| matches!(event, LineEvent::Settings(..))).await;
    second.until(found).await;
    let tried: Vec<u32> = second.seen.iter().filter_map(speed).collect();
    assert!(tried.iter().all(|baud| *baud == 115_200), "{tried:?}");
    second.stop().await;
}
