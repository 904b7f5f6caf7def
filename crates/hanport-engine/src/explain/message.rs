//! Messages: blocks, ciphering and lists, one inside the other.

use hanport_core::cipher::sealed::{Control, KeyInfo, Kind as Service, Sealed};
use hanport_core::cipher::suite0::{KeyRing, Opened};
use hanport_core::cosem::gbt::{Block, Sequence, Step};
use hanport_core::fault::{Broken, Cause};
use hanport_core::link::Probe;
use hanport_core::manufacturer::Manufacturer;
use hanport_core::reading::{Authenticity, SystemTitle};

use super::heard::Heard;
use super::node::{Kind, Layer, Node, Run};
use super::{data, telegram};

/// Layers inside each other beyond which nobody looks.
const DEEPEST: usize = 5;

/// What is known while a stream is walked through.
#[derive(Clone)]
pub(crate) struct Context<'a> {
    keys: &'a KeyRing,
    pub(crate) heard: &'a Heard,
    sequence: Sequence,
    blocks: Vec<u8>,
    depth: usize,
}

impl<'a> Context<'a> {
    pub(crate) fn new(keys: &'a KeyRing, heard: &'a Heard) -> Self {
        Self { keys, heard, sequence: Sequence::default(), blocks: Vec::new(), depth: 0 }
    }

    /// The nodes of a whole message, from its first octet to its last.
    pub(crate) fn message(&mut self, octets: &[u8]) -> Vec<Node> {
        if self.depth == DEEPEST {
            return rest(octets, "too many layers");
        }
        self.depth += 1;
        let nodes = match octets.first() {
            Some(0x0F | 0xC2) => data::notification(octets, self.heard.values(octets)),
            Some(0xDB..=0xDD) => match Sealed::probe(octets) {
                Probe::Frame(sealed) => self.ciphered(octets, &sealed),
                Probe::Broken(_) | Probe::More(_) | Probe::No => {
                    rest(octets, "a ciphered message that is cut off or malformed")
                }
            },
            Some(0xE0) => match Block::probe(octets) {
                Probe::Frame(block) => self.block(octets, &block),
                Probe::Broken(_) | Probe::More(_) | Probe::No => {
                    rest(octets, "a block that is cut off or malformed")
                }
            },
            Some(_) if is_text(octets) => telegram::lines(octets, self.heard.values(octets)),
            Some(tag) => rest(octets, &format!("message kind {tag:02X}, which carries no reading")),
            None => Vec::new(),
        };
        self.depth -= 1;
        nodes
    }

    fn block(&mut self, octets: &[u8], block: &Block) -> Vec<Node> {
        let mut run = Run::new(0);
        run.add(1, Kind::Header, "general block transfer");
        let last = if block.last { "last block" } else { "more blocks follow" };
        let streaming = if block.control & 0x40 == 0 { "" } else { ", streaming" };
        let window = block.control & 0x3F;
        run.add(1, Kind::Header, "control").say(format!("{last}{streaming}, window {window}"));
        run.add(2, Kind::Header, "block number").say(block.number.to_string());
        run.add(2, Kind::Header, "number confirmed").say(block.confirmed.to_string());
        let length = block.data.start - run.at();
        run.add(length, Kind::Length, "length").say(block.data.len().to_string());
        let data = octets.get(block.data.clone()).unwrap_or(&[]);
        let (kept, value) = match self.sequence.step(block.number) {
            Step::Start => {
                self.blocks.clear();
                (true, "the first part")
            }
            Step::Append => (true, "the next part"),
            Step::Ignore => (false, "the same part once more"),
            Step::Missing => (false, "a part before it is missing"),
        };
        let mut node =
            Node::new(block.data.clone(), Kind::Frame, "part of a message").saying(value);
        if kept {
            self.blocks.extend_from_slice(data);
        }
        if kept && block.last {
            self.sequence.complete();
            let joined = std::mem::take(&mut self.blocks);
            node = node.unfolding(self.layer("joined", joined));
        }
        run.push(node);
        leftovers(&mut run, octets.len());
        run.done()
    }

    /// Octets that follow from others, explained.
    pub(crate) fn layer(&mut self, name: &str, octets: Vec<u8>) -> Layer {
        let nodes = self.message(&octets);
        Layer { name: name.to_owned(), octets, nodes }
    }

    /// The nodes of a ciphered message.
    pub(crate) fn ciphered(&mut self, octets: &[u8], sealed: &Sealed) -> Vec<Node> {
        let mut run = Run::new(0);
        cipher_head(&mut run, sealed);
        let control = Control(sealed.ciphering.control);
        run.add(1, Kind::Header, "security control").say(control_words(control));
        if control.is_encrypted() || control.is_authenticated() {
            let counter = sealed.ciphering.invocation_counter;
            run.add(4, Kind::Header, "invocation counter").say(counter.to_string());
        }
        let mut copy = octets.to_vec();
        let opened = self.keys.open(&mut copy, sealed);
        let content = sealed.content.clone();
        let plaintext = copy.get(content.clone()).unwrap_or(&[]).to_vec();
        let node = Node::new(content, Kind::Cipher, "ciphertext");
        run.push(match &opened {
            Ok(_) if !control.is_encrypted() => {
                let mut inner = Run::new(sealed.content.start);
                inner.append(self.message(&plaintext));
                Node { kind: Kind::Frame, label: "plaintext".to_owned(), ..node }.with(inner.done())
            }
            Ok(opened) => {
                let swapped = "the two keys are set the wrong way round";
                let value = if opened.swapped { swapped } else { "" };
                node.saying(value).unfolding(self.layer("deciphered", plaintext))
            }
            Err(why) => node.saying(why.cause.to_string()),
        });
        if let Some(tag) = &sealed.tag {
            run.push(proof(Node::new(tag.clone(), Kind::Cipher, "authentication tag"), &opened));
        }
        leftovers(&mut run, octets.len());
        run.done()
    }
}

fn cipher_head(run: &mut Run, sealed: &Sealed) {
    match sealed.kind {
        Service::General => {
            run.add(1, Kind::Header, "general-ciphering");
            let title = title_words(sealed.ciphering.system_title);
            run.add(
                sealed.header.len(),
                Kind::Header,
                "transaction, sender, receiver, time, other",
            )
            .say(title);
            let said = match sealed.key_info {
                KeyInfo::Absent => "key not named",
                KeyInfo::Identified => "key identified",
                KeyInfo::Transported => "key wrapped or agreed upon",
            };
            let left = sealed.control_at - run.at();
            run.add(left, Kind::Length, "key information and length").say(said);
            return;
        }
        Service::GeneralDed => run.add(1, Kind::Header, "general-ded-ciphering"),
        Service::GeneralGlo => run.add(1, Kind::Header, "general-glo-ciphering"),
        Service::Untagged => {
            run.push(Node::new(0..0, Kind::Header, "ciphered body without its tag"))
        }
    };
    let len = sealed.title.len();
    run.add(1, Kind::Length, "length of the system title").say(len.to_string());
    if len > 0 {
        let title = title_words(sealed.ciphering.system_title);
        run.add(len, Kind::Address, "system title").say(title);
    }
    let left = sealed.control_at - run.at();
    let length = sealed.len - sealed.control_at;
    run.add(left, Kind::Length, "length").say(length.to_string());
}

/// The maker and the number, where they are printable.
fn title_words(title: SystemTitle) -> String {
    let (flag, _) = title.split_at(3);
    let maker = Manufacturer::from_flag(flag);
    let letters = flag.iter().all(u8::is_ascii_alphanumeric);
    match maker {
        Some(maker) => format!("{} ({maker})", String::from_utf8_lossy(flag)),
        None if letters => format!("{} (an unknown maker)", String::from_utf8_lossy(flag)),
        None => "no maker's letters".to_owned(),
    }
}

fn control_words(control: Control) -> String {
    let protection = match (control.is_authenticated(), control.is_encrypted()) {
        (true, true) => "authenticated and encrypted",
        (true, false) => "authenticated",
        (false, true) => "encrypted",
        (false, false) => "not protected",
    };
    let key = if control.is_broadcast() { "broadcast key" } else { "unicast key" };
    let compressed = if control.is_compressed() { ", compressed" } else { "" };
    format!("{protection}, suite {}, {key}{compressed}", control.suite())
}

fn proof(node: Node, opened: &Result<Opened, Broken>) -> Node {
    let (kind, value) = match opened {
        Ok(Opened { authenticity: Authenticity::Verified, .. }) => (Kind::CheckRight, "right"),
        Ok(_) => (Kind::CheckAbsent, "not checked: no authentication key is set"),
        Err(Broken { cause: Cause::AuthenticationFailed, .. }) => (Kind::CheckWrong, "wrong"),
        Err(_) => (Kind::Cipher, "not checked"),
    };
    Node { kind, ..node }.saying(value)
}

fn rest(octets: &[u8], label: &str) -> Vec<Node> {
    vec![Node::new(0..octets.len(), Kind::Unknown, label)]
}

fn leftovers(run: &mut Run, end: usize) {
    if run.at() < end {
        let left = end - run.at();
        run.add(left, Kind::Unknown, "octets that do not belong to the message");
    }
}

fn is_text(octets: &[u8]) -> bool {
    octets.iter().all(|octet| matches!(octet, b'\r' | b'\n' | b'\t' | b' '..=b'~'))
}
